// The right end of a cone: twenty dots on the chart's scale, the ends of their band, the threshold with its handle.
import { html, sentence, svg } from "../dom.js";

const PITCH = 9.6; // px from dot to dot
const RADIUS = 4.2; // of a dot at that pitch
const LABEL = 15; // height of a line of text
const BLOCK = 46; // of the chance and its words over the threshold
const HANDLE = 14;

// Places of dots: each at its height, beside the ones that it would cover. Closer together where one row needs it.
export function dotPlaces(heights, width) {
  const most = layers(heights, PITCH).reduce((all, layer) => Math.max(all, layer + 1), 1);
  const pitch = Math.min(PITCH, Math.max(width / most, 1)); // a chart that is not laid out yet has no width
  return { radius: (RADIUS * pitch) / PITCH, layers: layers(heights, pitch), pitch };
}

function layers(heights, pitch) {
  const ends = []; // by layer: the height of its newest dot
  return heights.map((height) => {
    const free = ends.findIndex((end) => Math.abs(end - height) >= pitch);
    const layer = free < 0 ? ends.length : free;
    ends[layer] = height;
    return layer;
  });
}

export function dots(plot, model, shown) {
  const heights = model.dots.map(({ pct }) => plot.y(pct));
  const begin = plot.box.left + plot.box.width + 14;
  const { radius, pitch, layers: columns } = dotPlaces(heights, plot.box.all - begin - 4);
  return model.dots.map(({ amount }, at) => {
    const above = shown ? amount > shown.amount : false;
    return svg`<circle class=${above ? "dot above" : "dot"} data-value=${amount} cx=${begin + columns[at] * pitch}
      cy=${heights[at]} r=${Math.max(radius - (above ? 0 : 0.6), 0.3)}></circle>`;
  });
}

// p90 and p10 at their heights, out of the way of the threshold's words.
export function endLabels(plot, model, line) {
  const [p90, p10] = model.ends;
  if (!p90) return "";
  const bottom = plot.box.top + plot.box.height;
  const taken = line === null ? null : { from: line - BLOCK - HANDLE, to: line + HANDLE };
  const free = (y, up) => {
    if (taken === null || y + LABEL / 2 < taken.from || y - LABEL / 2 > taken.to) return y;
    return up ? taken.from - LABEL / 2 : taken.to + LABEL / 2;
  };
  const low = plot.y(p10.pct);
  const high = Math.min(plot.y(p90.pct), low - LABEL);
  const upper = Math.max(LABEL / 2, free(high - LABEL / 2, line === null || high < line));
  let lower = Math.min(bottom - LABEL / 2, free(low + LABEL / 2, line !== null && low < line - BLOCK));
  if (Math.abs(lower - upper) < LABEL) lower = Math.max(upper, taken?.to ?? 0) + LABEL;
  return [[p90, upper], [p10, lower]].map(
    ([end, y]) => html`<span class="end fc-text" data-y=${Math.round(y)}>${sentence(end.parts)}</span>`,
  );
}

export function thresholdLabel(shown, line) {
  return html`<span class="ask" data-y=${Math.round(line)}
    ><b class="fc-text">${sentence(shown.chance)}</b><span>${shown.under}</span></span
  >`;
}

