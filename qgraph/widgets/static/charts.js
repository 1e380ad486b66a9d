// Charts of what Python has computed.

const [WIDE, LEFT, RIGHT, TOP, LOW] = [380, 46, 370, 8, 24];
const circle = (x, y, r) => `M${x - r},${y}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0`;
const square = (x, y, r) => `M${x - r},${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;

class Chart {
  constructor(label, height, legend) {
    this.parts = {};
    this.height = height;
    this.bottom = height - LOW;
    const viewBox = `0 0 ${WIDE} ${height}`;
    this.svg = svg("svg", { viewBox, class: "qg-chart", role: "img", "aria-label": label });
    const keys = legend.map(([kind, text]) => html("span", { class: `qg-key qg-key-${kind}` }, text));
    this.element = html("div", {}, this.svg, html("p", { class: "qg-legend" }, ...keys));
  }
  // Make or change one element. Its class is its name without a number.
  part(name, tag, attributes, text) {
    this.parts[name] ??= this.svg.appendChild(svg(tag, { class: `qg-${name.replace(/\d+$/, "")}` }));
    fill(this.parts[name], attributes);
    if (text !== undefined) this.parts[name].textContent = text;
  }
  axes([x0, x1], [y0, y1], xname, yname) {
    const { bottom } = this;
    this.x = (value) => LEFT + ((value - x0) / (x1 - x0 || 1)) * (RIGHT - LEFT);
    this.y = (value) => bottom - ((value - y0) / (y1 - y0 || 1)) * (bottom - TOP);
    this.part("axis", "path", { d: `M${LEFT},${TOP}V${bottom}H${RIGHT}` });
    this.tick(0, LEFT, bottom + 14, "start", shown(x0));
    this.tick(1, RIGHT, bottom + 14, "end", shown(x1));
    this.tick(2, (LEFT + RIGHT) / 2, bottom + 14, "middle", xname);
    this.tick(3, LEFT - 4, 16, "end", shown(y1, 3));
    this.tick(4, LEFT - 4, bottom, "end", shown(y0, 3));
    const transform = `translate(12,${bottom / 2 + 4}) rotate(-90)`;
    this.part("tick5", "text", { "text-anchor": "middle", transform }, yname);
  }
  tick(number, x, y, anchor, text) {
    this.part(`tick${number}`, "text", { x, y, "text-anchor": anchor }, text);
  }
  vertical(name, value) {
    this.part(name, "path", { d: `M${this.x(value)},${TOP}V${this.bottom}` });
  }
  horizontal(name, value) {
    this.part(name, "path", { d: `M${LEFT},${this.y(value)}H${RIGHT}` });
  }
  line(spots) {
    this.part("line", "polyline", { points: spots.join(" ") });
  }
}

class Distribution extends Chart {
  constructor() {
    const legend = { bars: "QAOA", guess: "random guess", mean: "mean", optimum: "optimum" };
    super("Probability of each objective value", 170, Object.entries(legend));
  }
  show({ span, guess, optimum }, heights, mean) {
    this.axes(span, [0, Math.max(...heights, ...guess) || 1], "objective C", "probability");
    const width = (span[1] - span[0]) / heights.length;
    const at = (bin) => this.x(span[0] + width * bin);
    const bars = [...heights].map((height, bin) => this.bar(at(bin + 0.1), at(bin + 0.9), height));
    const squares = [...guess].map((height, bin) => this.mark(at(bin + 0.1), at(bin + 0.9), height));
    this.part("bars", "path", { d: bars.join("") });
    this.part("guess", "path", { d: squares.join("") });
    this.vertical("mean", mean);
    this.vertical("optimum", optimum);
  }
  bar(left, right, height) {
    if (!(height > 0)) return "";
    const [low, high] = [round(this.y(0)), round(this.y(height))];
    return `M${round(left)},${low}V${high}H${round(right)}V${low}z`;
  }
  mark(left, right, height) {
    if (!(height > 0)) return "";
    return `M${round((left + right) / 2 - 2.5)},${round(this.y(height) - 2.5)}h5v5h-5z`;
  }
}

class Layers extends Chart {
  constructor() {
    const legend = { line: "expectation", optimum: "optimum" };
    super("Expectation after each layer", 110, Object.entries(legend));
  }
  show({ optimum }, expectations, layer) {
    this.axes([0, expectations.length - 1], extent([...expectations, optimum]), "layer", "⟨C⟩");
    const spots = expectations.map((value, l) => [round(this.x(l)), round(this.y(value))]);
    this.horizontal("optimum", optimum);
    this.line(spots);
    this.part("dots", "path", { d: spots.map(([x, y]) => circle(x, y, 3)).join("") });
    this.part("here", "circle", { cx: this.x(layer), cy: this.y(expectations[layer]), r: 7 });
  }
}

class Convergence extends Chart {
  constructor() {
    const legend = { line: "best so far", optimum: "optimum" };
    super("Best expectation during the optimisation", 130, Object.entries(legend));
  }
  /** @param {ProgressPoint[]} points */
  show({ optimum }, points) {
    const last = points.at(-1)?.[0] ?? 1;
    const values = points.map(([, value]) => value);
    this.axes([0, last], extent([optimum, ...values]), "gradient evaluations", "⟨C⟩");
    this.horizontal("optimum", optimum);
    const spots = points.map(([count, value]) => [round(this.x(count)), round(this.y(value))]);
    this.line(spots);
    const isOdd = (i) => points[i][2] % 2 === 1; // depths alternate between circles and squares
    const dots = spots.map(([x, y], i) => (isOdd(i) ? circle(x, y, 2.5) : square(x, y, 2.5)));
    this.part("dots", "path", { d: dots.join("") });
  }
}

export { Convergence, Distribution, Layers };
