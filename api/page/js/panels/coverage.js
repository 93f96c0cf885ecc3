// What is stored, as a line; and the list of gaps behind a button.
import { html, render, slot, svg, table } from "../dom.js";
import { coverage as view, qualityQuestion } from "../view/coverage.js";

const LIST = "coverage-gaps";

const line = ({ symbol, label, years, marks }, named) => html`
  ${named ? html`<p class="sub">${symbol}</p>` : ""}
  <svg class="graph coverage" height="34" role="img" aria-label=${label}>
    <rect class="s-h3" y="3" width="100%" height="8"></rect>
    ${years.map(
      ({ x, middle, text, short }) => svg`<svg x=${`${x}%`} overflow="visible"><rect class="s-bg" x="-0.5" y="3" width="1" height="8"></rect></svg>
        <text class="t-axis long" x=${`${middle}%`} y="28" text-anchor="middle">${text}</text>
        <text class="t-axis short" x=${`${middle}%`} y="28" text-anchor="middle">${short}</text>`,
    )}
    ${marks.map(
      ({ x, title }) => svg`<svg x=${`${x}%`} overflow="visible"><rect class="s-bg" x="-2" width="4" height="14"></rect><rect class="s-warn" data-mark x="-1" width="2" height="14"><title>${title}</title></rect></svg>`,
    )}
  </svg>
`;

export const coverage = {
  id: "coverage",
  reads: ["live", "quality"],
  asks: qualityQuestion,
  view,
  draw({ lines, gaps }, element) {
    const body = slot(element, "body");
    const toggled = ({ currentTarget: button }) => {
      const list = body.querySelector(`#${LIST}`);
      list.hidden = !list.hidden;
      button.setAttribute("aria-expanded", String(!list.hidden));
    };
    const button = html`<button type="button" class="disclosure" aria-expanded="false" aria-controls=${LIST} @click=${toggled}>${gaps.text}</button>`;
    render(gaps.rows.length ? button : "", slot(element, "controls"));
    render(html`${lines.map((one) => line(one, lines.length > 1))}<div id=${LIST} class="gaps" hidden>${table(gaps)}</div>`, body);
  },
};
