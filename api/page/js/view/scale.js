// From values to places: percents of a width or height, with two decimals.
import { num } from "./number.js";

export const along = (low, high) => (value) => Math.round(((value - low) / (high - low || 1)) * 10_000) / 100;

// A number, or a dash where the API gave none.
export const shown = (value, field, write) => (value === null || value === undefined ? "–" : num(value, field, write(value)));

const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

// The weekday's name of a session's date.
export const weekdayOf = (date) => WEEKDAYS[new Date(`${date}T00:00Z`).getUTCDay()];
