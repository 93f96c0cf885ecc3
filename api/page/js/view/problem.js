// Problem documents (RFC 9457) as the page's codes, and a code as words.
const PREFIX = "urn:btc-volatility:";

export function problemOf(document, status) {
  const type = String(document.type ?? "");
  const code = type.startsWith(PREFIX) ? type.slice(PREFIX.length) : "other";
  return { code, status, detail: document.detail ?? "", title: document.title ?? "" };
}

export function whyOf({ code, status }, words) {
  const key = `problem.${code}`;
  return words.has(key) ? words.say(key, { status }) : words.say("problem.other", { status: status ?? "" });
}
