// All panels, in the order of the page.
import { bands } from "./bands.js";
import { coneRange, coneVol } from "./cone.js";
import { coverage } from "./coverage.js";
import { distribution } from "./distribution.js";
import { estimators } from "./estimators.js";
import { likely, lot, moved, price } from "./figures.js";
import { forecasts } from "./forecasts.js";
import { foot, settings, settingsBelow, symbol, symbolBelow } from "./foot.js";
import { badges, left, session, ticks } from "./header.js";
import { notice } from "./notice.js";
import { odds } from "./odds.js";
import { sessions } from "./sessions.js";
import { calibration, scorecard } from "./scorecard.js";
import { seasonality } from "./seasonality.js";
import { sentence } from "./sentence.js";
import { straddle } from "./straddle.js";
import { windows } from "./windows.js";
import { trust, worth } from "./worth.js";

export const PANELS = [
  badges, session, left, ticks, symbol, symbolBelow, settings, settingsBelow,
  bands, sentence, notice, moved, lot, likely, price, worth, trust,
  coneVol, coneRange, odds,
  sessions,
  straddle, windows, distribution, seasonality, forecasts,
  estimators, scorecard, calibration, coverage,
  foot,
];
