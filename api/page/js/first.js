// Before the first paint: the theme and the language, so that nothing flashes, and the first question, so that the
// modules find its answer when they come. What is chosen is read again, and checked, by choices.js.
// The page is shown when main.js says so: with the first answer, or with grey blocks where that takes long.
(() => {
  const asked = new URLSearchParams(location.search);
  const kept = (name) => {
    try {
      return localStorage.getItem(`btc-volatility.${name}`);
    } catch {
      return null; // storage is switched off
    }
  };
  const root = document.documentElement;
  const theme = asked.get("theme") ?? kept("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const language = asked.get("language") ?? kept("language") ?? navigator.language.slice(0, 2);
  root.lang = language === "ru" ? "ru" : "en";
  root.dataset.starting = "";
  setTimeout(() => delete root.dataset.starting, 3000); // whatever happens to the modules
  // `simulated` of the last visit: the room of the band is kept.
  if (kept("simulated") === "true") root.dataset.simulated = "";
  if (!asked.has("premium") && !asked.has("symbol") && !asked.has("lookback")) {
    window.firstLive = { url: "live?lookback=365", answer: fetch("live?lookback=365") };
    window.firstLive.answer.catch(() => {}); // whoever takes it hears of it
  }
})();
