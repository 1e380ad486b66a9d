// Charts in pixels: text keeps its size at every width, ticks are round numbers, values show on hover.

const TOP = 20; // above it stands the name of the vertical axis
const LOW = 34; // below it stand ticks and the name of the horizontal axis
const RIGHT = 12;
const LETTER = 6.6; // pixels, at most, of a digit
const circle = (x, y, r) => `M${x - r},${y}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0`;
const square = (x, y, r) => `M${x - r},${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;

/**
 * Round numbers between two limits: multiples of 1, 2 or 5 times a power of ten.
 * @param {number} most the largest number of ticks
 * @returns {{values: number[], text: function(number): string}}
 */
function ticks(low, high, most, whole = false) {
  const found = someTicks(low, high, most, whole);
  return found.values.length > 1 ? found : someTicks(low, high, 2 * most, whole);
}

function someTicks(low, high, most, whole) {
  const rough = Math.max((high - low) / Math.max(most, 1), 1e-300);
  const power = 10 ** Math.floor(Math.log10(rough));
  const stepped = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough * 0.999);
  const step = whole ? Math.max(1, Math.round(stepped)) : stepped;
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.max(0, Math.floor(high / step + 1e-9) - first + 1);
  const values = Array.from({ length: Math.min(count, 50) }, (_, i) => (first + i) * step);
  const text = (value) => {
    const large = Math.abs(value) >= 1e5 || (value !== 0 && digits > 4);
    return large ? String(Number(value.toPrecision(3))) : (value || 0).toFixed(digits);
  };
  return { values, text };
}

class Chart {
  /** @param {[string, string][]} legend class and text of each key */
  constructor(life, label, height, legend) {
    this.parts = {};
    this.used = new Set();
    this.height = height;
    this.bottom = height - LOW;
    this.width = 340;
    this.svg = svg("svg", { class: "qg-chart", role: "img", "aria-label": label, height });
    this.tip = html("div", { class: "qg-tip", hidden: true });
    const keys = legend.map(([kind, text]) => html("span", { class: `qg-key qg-key-${kind}` }, text));
    const stage = html("div", { class: "qg-plot" }, this.svg, this.tip);
    this.element = html("div", {}, stage, html("p", { class: "qg-legend" }, ...keys));
    life.on(this.svg, "pointermove", (event) => this.point(event));
    life.on(this.svg, "pointerleave", () => this.unpoint());
    const watch = new ResizeObserver(([entry]) => this.resize(entry.contentRect.width));
    watch.observe(this.svg);
    life.atEnd(() => watch.disconnect());
  }
  resize(width) {
    if (!width || width === this.width) return;
    this.width = width;
    if (this.shown) this.show(...this.shown);
  }
  // Show values; they are kept, and drawn again at another width.
  show(...values) {
    this.shown = values;
    this.used.clear();
    this.draw(...values);
    for (const name of Object.keys(this.parts).filter((name) => !this.used.has(name))) {
      this.parts[name].remove();
      delete this.parts[name];
    }
  }
  // Make or change one element. Its class is its name without a number.
  part(name, tag, attributes, text) {
    this.used.add(name);
    this.parts[name] ??= this.svg.appendChild(svg(tag, { class: `qg-${name.replace(/\d+$/, "")}` }));
    fill(this.parts[name], attributes);
    if (text !== undefined && this.parts[name].textContent !== text) this.parts[name].textContent = text;
    return this.parts[name];
  }
  /**
   * Axes with round ticks. `whole` says that the horizontal values are whole numbers.
   * @param {[number, number]} xs
   * @param {[number, number]} ys
   */
  axes([x0, x1], ys, xname, yname, whole = false) {
    const pad = ys[1] > ys[0] ? 0 : 0.05 * Math.abs(ys[0]) || 0.5;
    const [y0, y1] = [ys[0] - pad, ys[1] + pad];
    const vertical = ticks(y0, y1, (this.bottom - TOP) / 24);
    const letters = Math.max(1, ...vertical.values.map((value) => vertical.text(value).length));
    const [left, right, bottom] = [10 + LETTER * letters, this.width - RIGHT, this.bottom];
    Object.assign(this, { left, right });
    this.x = (value) => left + ((value - x0) / (x1 - x0 || 1)) * (right - left);
    this.y = (value) => bottom - ((value - y0) / (y1 - y0 || 1)) * (bottom - TOP);
    this.xOf = (pixel) => x0 + ((pixel - left) / (right - left)) * (x1 - x0);
    this.yOf = (pixel) => y0 + ((bottom - pixel) / (bottom - TOP)) * (y1 - y0);
    const across = ticks(x0, x1, (right - left) / 56, whole);
    const marks = [
      ...across.values.map((value) => `M${round(this.x(value))},${bottom}v4`),
      ...vertical.values.map((value) => `M${left},${round(this.y(value))}h-4`),
    ];
    this.part("axis", "path", { d: `M${left},${TOP}V${bottom}H${right}${marks.join("")}` });
    across.values.forEach((value, i) => {
      this.tick(100 + i, round(this.x(value)), bottom + 16, "middle", across.text(value));
    });
    vertical.values.forEach((value, i) => {
      this.tick(200 + i, left - 6, round(this.y(value)) + 4, "end", vertical.text(value));
    });
    this.tick(1, right, this.height - 4, "end", xname);
    this.tick(2, 2, 12, "start", yname);
  }
  tick(number, x, y, anchor, text) {
    this.part(`tick${number}`, "text", { x, y, "text-anchor": anchor }, text);
  }
  vertical(name, value) {
    this.part(name, "path", { d: `M${round(this.x(value))},${TOP}V${this.bottom}` });
  }
  horizontal(name, value) {
    this.part(name, "path", { d: `M${this.left},${round(this.y(value))}H${this.right}` });
  }
  line(spots) {
    this.part("line", "polyline", { points: spots.join(" ") });
  }

  // -- values on hover ----------------------------------------------------------------------------
  point(event) {
    const box = this.svg.getBoundingClientRect();
    const found = this.shown && this.valueAt?.(event.clientX - box.left, event.clientY - box.top);
    if (!found) {
      this.unpoint();
      return;
    }
    this.tip.textContent = found.text;
    this.tip.hidden = false;
    const most = this.width - this.tip.offsetWidth;
    this.tip.style.left = `${clamp(found.x - this.tip.offsetWidth / 2, 0, Math.max(0, most))}px`;
    const above = found.y - this.tip.offsetHeight - 8;
    this.tip.style.top = `${above < 0 ? found.y + 12 : above}px`;
  }
  unpoint() {
    this.tip.hidden = true;
  }
}

// The spot nearest to a pixel, of those that a chart has drawn.
function nearest(spots, pixel) {
  const away = spots.map(([x]) => Math.abs(x - pixel));
  return away.indexOf(Math.min(...away));
}

export { Chart, circle, nearest, square, TOP };
