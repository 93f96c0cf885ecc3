// All panels, in the order of the page.
import { bands } from "./bands.js";
import { coneRange, coneVol } from "./cone.js";
import { likely, lot, moved, price } from "./figures.js";
import { foot, settings, settingsBelow, symbol } from "./foot.js";
import { badges, left, session, ticks } from "./header.js";
import { notice } from "./notice.js";
import { odds } from "./odds.js";
import { sessions } from "./sessions.js";
import { sentence } from "./sentence.js";
import { trust, worth } from "./worth.js";

export const PANELS = [
  badges, session, left, ticks, symbol, settings, settingsBelow, bands, sentence, notice, moved, lot, likely, price,
  worth, trust,
  coneVol, coneRange, odds,
  sessions,
  foot,
];
