// Amounts as people type them: digits grouped by any space or by the language's own sign, with its decimal sign.
export function amountOf(text, language) {
  const plain = text.replace(/[\s$]/g, "");
  const written = language === "ru" ? plain.replace(",", ".") : plain.replaceAll(",", "");
  if (!/^\d{1,12}(\.\d{1,8})?$/.test(written)) return null;
  const value = Number(written);
  return value > 0 ? value : null;
}

// The next whole step above or below, never under one step.
export function stepped(value, step, direction) {
  const steps = Number((value / step).toFixed(6));
  const next = direction > 0 ? Math.floor(steps) + 1 : Math.ceil(steps) - 1;
  return Number((Math.max(1, next) * step).toFixed(8));
}
