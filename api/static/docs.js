"use strict";
// No inline script: a Content-Security-Policy may forbid those.
window.addEventListener("load", () => {
  window.ui = SwaggerUIBundle({
    // Beside this page, whatever prefix a proxy has put before both.
    url: "openapi.json",
    dom_id: "#swagger-ui",
    deepLinking: true,
    tryItOutEnabled: true,
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
  });
});
