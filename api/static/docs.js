"use strict";
// No inline script and no HTML from text: the Content-Security-Policy forbids both.

// Swagger UI's own component sets innerHTML. Our descriptions hold paragraphs, **strong words** and `code` alone.
const plainMarkdown = ({ React }) => {
  const e = React.createElement;
  const word = (text, at) =>
    text.startsWith("**") ? e("strong", { key: at }, text.slice(2, -2))
    : text.startsWith("`") ? e("code", { key: at }, text.slice(1, -1))
    : text;
  const paragraph = (text, at) => e("p", { key: at }, text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map(word));
  const Markdown = ({ source, className }) =>
    source ? e("div", { className: `markdown ${className || ""}` }, source.trim().split(/\n\s*\n/).map(paragraph)) : null;
  return { components: { Markdown } };
};

window.addEventListener("load", () => {
  window.ui = SwaggerUIBundle({
    // Beside this page, whatever prefix a proxy has put before both.
    url: "openapi.json",
    dom_id: "#swagger-ui",
    plugins: [plainMarkdown],
    deepLinking: true,
    tryItOutEnabled: true,
    defaultModelsExpandDepth: 0,
    validatorUrl: null,
  });
});
