// Numbers, times and dates as a language writes them. Intl's output is left as it is, but for the minus (U+2212).
const DOLLARS = new Set(["USD", "USDT", "USDC"]);
const QUOTES = ["FDUSD", "USDT", "USDC", "TUSD", "BUSD", "USD", "EUR", "GBP", "TRY", "BRL", "JPY", "BTC", "ETH", "BNB"];
const ONE = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
const LOCALES = { en: "en-US", ru: "ru-RU" };

export class Format {
  #locale;
  #numbers = new Map();
  #dates = new Map();

  constructor(language) {
    this.language = language;
    this.#locale = LOCALES[language];
  }

  integer(value) {
    return this.#number(value, { maximumFractionDigits: 0 });
  }

  // Two decimals; more where the coin costs less than 1.
  price(value) {
    return this.#number(value, this.#decimals(value));
  }

  // Prices in sentences: whole from 100 up.
  wholePrice(value, scale = value) {
    return this.#number(value, this.#figures(value, scale));
  }

  // An amount as a figure: whole from 100 up, with the currency. `scale` is the price of what it is an amount of.
  money(value, quote, scale = value) {
    return this.#money(value, quote, this.#figures(value, scale));
  }

  // An amount in a table, without the currency.
  amount(value, scale = value) {
    return this.#number(value, this.#decimals(scale));
  }

  // $ where amounts are written with it.
  sign(quote) {
    return DOLLARS.has(quote) ? "$" : "";
  }

  // $608–1,512 and 608–1 512 $: the currency once.
  moneyRange(low, high, quote, scale = high) {
    const figures = this.#figures(high, scale);
    const plain = (value) => this.#number(value, figures);
    const [first, second] = this.#leads(quote)
      ? [this.#money(low, quote, figures), plain(high)]
      : [plain(low), this.#money(high, quote, figures)];
    return `${first}–${second}`;
  }

  // A percentage as the API gives it: 1.51 is 1.51%.
  percent(value) {
    return this.#number(value, { style: "unit", unit: "percent", minimumFractionDigits: 2, maximumFractionDigits: 2 });
  }

  // The same without its sign, for columns and the first of two.
  percentNumber(value) {
    return this.#number(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  }

  // The tick of an axis, as far as its step has decimals.
  percentTick(value, digits = 0) {
    return this.#number(value, { style: "unit", unit: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  // A round percentage at an axis: 2%, 0.5%.
  axis(value) {
    return this.#number(value, { style: "unit", unit: "percent", maximumFractionDigits: 2 });
  }

  // A probability: whole percents, never 0% and never 100%.
  probability(value) {
    if (value < 0.01) return `<${this.#share(0.01, 0)}`;
    if (value > 0.99) return `>${this.#share(0.99, 0)}`;
    return this.#share(value, 0);
  }

  // A share of past sessions, with one decimal.
  share(value) {
    return this.#share(value, 1);
  }

  // The same of a rank among sessions: 0 and 100 only where it is exactly none or all.
  rank(value) {
    return this.#share(of100(value) / 100, 0);
  }

  // A gain or a loss: whole percents with their sign.
  change(value) {
    return (Math.round(value * 100) > 0 ? "+" : "") + this.#share(value, 0);
  }

  // Percent a year, with one decimal; the second without the sign.
  annual(value) {
    return this.#number(value, { style: "unit", unit: "percent", ...ONE });
  }

  annualNumber(value) {
    return this.#number(value, ONE);
  }

  // An amount beside others whose greatest is `most`: the same decimals for all.
  moneyOf(value, most, quote, scale) {
    return this.#money(value, quote, this.#figures(most, scale));
  }

  // A profit or a loss with its sign; the decimals of `most`, the greatest amount that stands beside it.
  profit(value, most, quote, scale) {
    return this.#money(value, quote, { ...this.#figures(most, scale), signDisplay: "exceptZero" });
  }

  // Of 100: kept within 1 and 99 unless it is exactly none or all.
  of100(value) {
    return this.integer(of100(value));
  }

  time(instant, zone) {
    return this.#parts(instant, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, zone, (p) => `${p.hour}:${p.minute}`);
  }

  // 00:45:12
  seconds(instant, zone) {
    const options = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
    return this.#parts(instant, options, zone, (p) => `${p.hour}:${p.minute}:${p.second}`);
  }

  // 25 Nov, 25 ноя; with its year where that is not `now`'s.
  date(instant, zone, now = instant) {
    const year = (at) => this.#parts(at, { year: "numeric" }, zone, (p) => p.year);
    const long = this.#parts(instant, { day: "numeric", month: "long" }, zone, (p) => `${p.day} ${p.month.slice(0, 3)}`);
    return year(instant) === year(now) ? long : `${long} ${year(instant)}`;
  }

  // 17 August 2017
  longDate(instant, zone) {
    const options = { day: "numeric", month: "long", year: "numeric" };
    return this.#parts(instant, options, zone, (p) => `${p.day} ${p.month} ${p.year}`);
  }

  // 25 Nov 11:00
  moment(instant, zone, now = instant) {
    return `${this.date(instant, zone, now)} ${this.time(instant, zone)}`;
  }

  // The zone as Intl abbreviates it.
  zoneName(instant, zone) {
    return this.#parts(instant, { timeZoneName: "short" }, zone, (p) => p.timeZoneName);
  }

  #share(value, digits) {
    return this.#number(value, { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits });
  }

  #money(value, quote, figures) {
    if (DOLLARS.has(quote)) {
      return this.#number(value, { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol", ...figures });
    }
    const number = this.#number(value, figures);
    return quote ? `${number}\u00a0${quote}` : number;
  }

  #leads(quote) {
    return DOLLARS.has(quote) && this.language === "en";
  }

  #figures(value, scale) {
    return Math.abs(value) >= 100 ? { minimumFractionDigits: 0, maximumFractionDigits: 0 } : this.#decimals(scale);
  }

  #decimals(scale) {
    return { minimumFractionDigits: 2, maximumFractionDigits: Math.abs(scale) < 1 && scale !== 0 ? 8 : 2 };
  }

  #number(value, options) {
    const key = JSON.stringify(options);
    if (!this.#numbers.has(key)) this.#numbers.set(key, new Intl.NumberFormat(this.#locale, options));
    return this.#numbers.get(key).format(value).replace("-", "−");
  }

  #parts(instant, options, zone, written) {
    const key = `${JSON.stringify(options)} ${zone}`;
    if (!this.#dates.has(key)) {
      this.#dates.set(key, new Intl.DateTimeFormat(this.#locale, { ...options, timeZone: zone }));
    }
    const parts = this.#dates.get(key).formatToParts(new Date(instant));
    return written(Object.fromEntries(parts.map((part) => [part.type, part.value])));
  }
}

export function of100(share) {
  if (share === 0 || share === 1) return share * 100;
  return Math.min(99, Math.max(1, Math.round(share * 100)));
}

export const inDollars = (quote) => DOLLARS.has(quote);

// The currency that a symbol is quoted in, by its ending; nothing where that is not known.
export function quoteOf(symbol) {
  return QUOTES.find((quote) => symbol.endsWith(quote) && symbol !== quote) ?? "";
}
