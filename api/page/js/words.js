// The words of a language. The same rules as volatility/presentation/words/message.py: `{x}` is a value,
// `{n, plural, one {# session} other {# sessions}}` the form for n, in which `#` is n as the language writes it.
const OPENING = /\{(\w+)(\}|, plural, )/g;

export async function loadWords(language) {
  const { default: catalogue } = await (language === "ru" ? import("./words/ru.js") : import("./words/en.js"));
  return new Words(language, catalogue);
}

export class Words {
  #catalogue;
  #rules;
  #numbers;
  #parsed = new Map();

  constructor(language, catalogue) {
    this.language = language;
    this.#catalogue = catalogue;
    this.#rules = new Intl.PluralRules(language);
    this.#numbers = new Intl.NumberFormat(language);
  }

  has(key) {
    return Object.hasOwn(this.#catalogue, key);
  }

  // A sentence as text.
  say(key, values = {}) {
    return this.parts(key, values).join("");
  }

  // A sentence as a list of texts and the given values, which may be anything a template takes.
  parts(key, values = {}) {
    if (!this.has(key)) throw new Error(`no words for ${key}`);
    if (!this.#parsed.has(key)) this.#parsed.set(key, parse(this.#catalogue[key]));
    return this.#filled(this.#parsed.get(key), values, null);
  }

  #filled(parsed, values, counted) {
    return parsed.flatMap((part) => {
      if (typeof part === "string") {
        return counted === null ? part : part.replaceAll("#", this.#numbers.format(counted));
      }
      if (!(part.name in values)) throw new Error(`no value for {${part.name}}`);
      const value = values[part.name];
      if (!part.forms) return [value];
      return this.#filled(part.forms[this.#rules.select(value)] ?? part.forms.other, values, value);
    });
  }
}

function parse(template) {
  const parts = [];
  let at = 0;
  const opening = new RegExp(OPENING);
  for (let match = opening.exec(template); match; match = opening.exec(template)) {
    if (match.index > at) parts.push(template.slice(at, match.index));
    at = opening.lastIndex;
    if (match[2] === "}") {
      parts.push({ name: match[1] });
    } else {
      const [forms, end] = formsFrom(template, at);
      parts.push({ name: match[1], forms });
      at = end;
    }
    opening.lastIndex = at;
  }
  if (at < template.length) parts.push(template.slice(at));
  return parts;
}

function formsFrom(template, start) {
  const forms = {};
  let at = start;
  const form = /\s*(\w+) \{/y;
  for (form.lastIndex = at; ; form.lastIndex = at) {
    const match = form.exec(template);
    if (!match) return [forms, at + 1];
    let end = match.index + match[0].length;
    const begin = end;
    for (let depth = 1; depth > 0; end += 1) depth += { "{": 1, "}": -1 }[template[end]] ?? 0;
    forms[match[1]] = parse(template.slice(begin, end - 1));
    at = end;
  }
}
