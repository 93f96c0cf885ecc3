// The right end of a cone: twenty dots on the chart's scale, and what is said of the threshold.
import { html, sentence, svg } from "../dom.js";

const PITCH = 9.6; // px from dot to dot
const RADIUS = 4.2; // of a dot at that pitch

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

export function thresholdLabel(shown, line) {
  return html`<span class="ask" data-y=${Math.round(line)}
    ><b class="fc-text">${sentence(shown.chance)}</b><span>${shown.under}</span></span
  >`;
}

