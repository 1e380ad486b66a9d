// Charts, drawn from what Python computed.

const [WIDE, LEFT, RIGHT, LOW] = [380, 46, 370, 24];
const CIVIDIS = [[0, 34, 78], [53, 69, 108], [102, 105, 112], [148, 142, 119], [200, 184, 102], [254, 232, 56]];
const angle = (value) => (Math.abs(value) < 5e-4 ? "0.000" : value.toFixed(3));

class Chart {
  constructor(label, height, legend) {
    this.height = height;
    this.parts = {};
    this.svg = svg("svg", { viewBox: `0 0 ${WIDE} ${height}`, class: "qg-chart", role: "img", "aria-label": label });
    this.legend = html("p", { class: "qg-legend" });
    for (const [kind, text] of legend ?? []) this.legend.append(html("span", { class: `qg-key qg-key-${kind}` }, text));
    this.element = html("div", {}, this.svg, this.legend);
  }
  part(name, tag, attributes, text) {
    this.parts[name] ??= this.svg.appendChild(svg(tag, { class: `qg-${name.replace(/\d+$/, "")}` }));
    fill(this.parts[name], attributes);
    if (text !== undefined) this.parts[name].textContent = text;
  }
  axes([x0, x1], [y0, y1], xname, yname) {
    const bottom = this.height - LOW;
    this.x = (value) => LEFT + ((value - x0) / (x1 - x0 || 1)) * (RIGHT - LEFT);
    this.y = (value) => bottom - ((value - y0) / (y1 - y0 || 1)) * (bottom - 8);
    this.part("axis", "path", { d: `M${LEFT},8V${bottom}H${RIGHT}` });
    const ticks = [[LEFT, bottom + 14, "start", shown(x0)], [RIGHT, bottom + 14, "end", shown(x1)], [(LEFT + RIGHT) / 2, bottom + 14, "middle", xname], [LEFT - 4, 16, "end", shown(y1, 3)], [LEFT - 4, bottom, "end", shown(y0, 3)], [0, 0, "middle", yname]];
    ticks.forEach(([x, y, anchor, text], i) => this.part(`tick${i}`, "text", { x, y, "text-anchor": anchor, transform: x ? null : `translate(12,${bottom / 2 + 4}) rotate(-90)` }, text));
  }
  upright(name, value) {
    this.part(name, "path", { d: `M${this.x(value)},8V${this.height - LOW}` });
  }
  level(name, value) {
    this.part(name, "path", { d: `M${LEFT},${this.y(value)}H${RIGHT}` });
  }
}

class Distribution extends Chart {
  constructor() {
    super("How probable each objective value is", 170, [["bars", "QAOA"], ["guess", "random guess"], ["mean", "mean"], ["optimum", "optimum"]]);
  }
  show({ span, guess, optimum }, heights, mean) {
    const bins = heights.length;
    const top = Math.max(...heights, ...guess) || 1;
    this.axes(span, [0, top], "objective C", "probability");
    const width = (span[1] - span[0]) / bins;
    const [bars, squares] = [[], []];
    for (let bin = 0; bin < bins; bin++) {
      const [left, right] = [this.x(span[0] + width * (bin + 0.1)), this.x(span[0] + width * (bin + 0.9))];
      if (heights[bin] > 0) bars.push(`M${round(left)},${round(this.y(0))}V${round(this.y(heights[bin]))}H${round(right)}V${round(this.y(0))}z`);
      if (guess[bin] > 0) squares.push(`M${round((left + right) / 2 - 2.5)},${round(this.y(guess[bin]) - 2.5)}h5v5h-5z`);
    }
    this.part("bars", "path", { d: bars.join("") });
    this.part("guess", "path", { d: squares.join("") });
    this.upright("mean", mean);
    this.upright("optimum", optimum);
  }
}

class Layers extends Chart {
  constructor() {
    super("Expectation after each layer", 110, [["line", "expectation"], ["optimum", "optimum"]]);
  }
  show({ optimum }, expectations, layer) {
    const values = [...expectations, optimum];
    this.axes([0, expectations.length - 1], [Math.min(...values), Math.max(...values)], "layer", "⟨C⟩");
    const points = expectations.map((value, l) => `${round(this.x(l))},${round(this.y(value))}`);
    this.level("optimum", optimum);
    this.part("line", "polyline", { points: points.join(" ") });
    this.part("dots", "path", { d: points.map((point) => `M${point}m-3,0a3,3 0 1,0 6,0a3,3 0 1,0 -6,0`).join("") });
    this.part("here", "circle", { cx: this.x(layer), cy: this.y(expectations[layer]), r: 7 });
  }
}

class Convergence extends Chart {
  constructor() {
    super("The value while it is optimised", 130, [["line", "best so far"], ["optimum", "optimum"]]);
  }
  show({ optimum }, points) {
    const values = points.map((point) => point[1]);
    const last = points.at(-1)?.[0] ?? 1;
    this.axes([0, last], [Math.min(optimum, ...values), Math.max(optimum, ...values)], "gradient evaluations", "⟨C⟩");
    this.level("optimum", optimum);
    const spots = points.map(([count, value]) => [round(this.x(count)), round(this.y(value))]);
    this.part("line", "polyline", { points: spots.map((spot) => spot.join(",")).join(" ") });
    const dots = spots.map(([x, y], i) => (points[i][2] % 2 ? `M${x - 2.5},${y}a2.5,2.5 0 1,0 5,0a2.5,2.5 0 1,0 -5,0` : `M${x - 2.5},${y - 2.5}h5v5h-5z`));
    this.part("dots", "path", { d: dots.join("") });
  }
}

// The landscape of depth 1 with a point that can be dragged.
class Landscape {
  constructor(life, turn) {
    this.canvas = html("canvas", { class: "qg-heat" });
    this.point = html("span", { class: "qg-point" });
    const note = "Landscape: drag the point, or use the arrow keys (Shift: small steps).";
    this.area = html("div", { class: "qg-landscape", tabindex: 0, role: "application", "aria-label": note, title: note }, this.canvas, this.point);
    this.caption = html("p", { class: "qg-legend" });
    this.element = html("div", {}, this.area, this.caption);
    this.at = [0, 0];
    let held = false;
    const go = (event) => {
      const box = this.area.getBoundingClientRect();
      const [u, v] = [clamp((event.clientX - box.left) / box.width, 0, 1), clamp((box.bottom - event.clientY) / box.height, 0, 1)];
      const { gamma, beta } = this.problem;
      turn([gamma[0] + u * (gamma[1] - gamma[0]), beta[0] + v * (beta[1] - beta[0])]);
    };
    life.on(this.area, "pointerdown", (event) => {
      if (!this.problem || this.locked) return;
      held = true;
      this.area.setPointerCapture(event.pointerId);
      go(event);
    });
    life.on(this.area, "pointermove", (event) => held && go(event));
    for (const end of ["pointerup", "pointercancel"]) life.on(this.area, end, () => (held = false));
    life.on(this.area, "keydown", (event) => {
      const arrow = ARROWS[event.key];
      if (!arrow || !this.problem || this.locked) return;
      event.preventDefault();
      const { gamma, beta } = this.problem;
      const step = event.shiftKey ? 400 : 60;
      turn([clamp(this.at[0] + (arrow[0] * (gamma[1] - gamma[0])) / step, ...gamma), clamp(this.at[1] + (arrow[1] * (beta[1] - beta[0])) / step, ...beta)]);
    });
  }
  mark(problem, gamma, beta) {
    this.problem = problem;
    this.at = [gamma, beta];
    const share = (value, [low, high]) => clamp((value - low) / (high - low), 0, 1);
    this.point.style.left = `${100 * share(gamma, problem.gamma)}%`;
    this.point.style.bottom = `${100 * share(beta, problem.beta)}%`;
    const range = ([low, high]) => `${shown(low, 3)} to ${shown(high, 3)}`;
    this.caption.textContent = `γ ${range(problem.gamma)} across, β ${range(problem.beta)} up (rad); bright is high`;
  }
  show(values, [columns, rows]) {
    fill(this.canvas, { width: columns, height: rows });
    const known = values.filter(Number.isFinite);
    const [low, high] = [Math.min(...known), Math.max(...known)];
    const pen = this.canvas.getContext("2d");
    const image = pen.createImageData(columns, rows);
    for (let i = 0; i < columns; i++)
      for (let j = 0; j < rows; j++) {
        const value = values[i * rows + j];
        const place = (((value - low) / (high - low || 1)) * (CIVIDIS.length - 1)) || 0;
        const [from, to] = [CIVIDIS[Math.floor(place)], CIVIDIS[Math.min(Math.ceil(place), CIVIDIS.length - 1)]];
        const spot = 4 * ((rows - 1 - j) * columns + i);
        for (let c = 0; c < 3; c++) image.data[spot + c] = from[c] + (to[c] - from[c]) * (place % 1);
        image.data[spot + 3] = Number.isFinite(value) ? 255 : 0;
      }
    pen.putImageData(image, 0, 0);
  }
}
