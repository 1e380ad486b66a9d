// The landscape of depth 1, with a point that can be moved.

const CIVIDIS = [
  [0, 34, 78],
  [53, 69, 108],
  [102, 105, 112],
  [148, 142, 119],
  [200, 184, 102],
  [254, 232, 56],
];
const STEPS = { large: 60, small: 400 }; // arrow keys from one side to the other
const LANDSCAPE_HELP = "Landscape. Drag the point or use the arrow keys. Hold Shift for small steps.";

// A colour for a share between 0 and 1: red, green and blue.
function colour(share) {
  const place = share * (CIVIDIS.length - 1);
  const from = CIVIDIS[Math.floor(place)];
  const to = CIVIDIS[Math.min(Math.ceil(place), CIVIDIS.length - 1)];
  return from.map((value, i) => value + (to[i] - value) * (place % 1));
}
const between = (share, [low, high]) => low + share * (high - low);
const shareOf = (value, [low, high]) => clamp((value - low) / (high - low), 0, 1);

class Landscape extends Chart {
  /** @param {function([number, number]): void} turn called with the new gamma and beta */
  constructor(life, turn) {
    super(life, "Axes of the landscape", 230, []);
    this.turn = turn;
    this.canvas = html("canvas", { class: "qg-heat" });
    this.mark = html("span", { class: "qg-point" });
    const names = { role: "application", "aria-label": LANDSCAPE_HELP, title: LANDSCAPE_HELP };
    const attributes = { class: "qg-landscape", tabindex: 0, ...names };
    this.area = html("div", attributes, this.canvas, this.mark);
    this.tip.before(this.area);
    this.element.append(html("p", { class: "qg-legend" }, "Bright means a high expectation."));
    this.at = [0, 0];
    this.held = false;
    this.locked = false;
    life.on(this.area, "pointerdown", (event) => this.press(event));
    life.on(this.area, "pointermove", (event) => (this.held ? this.drag(event) : this.point(event)));
    life.on(this.area, "pointerleave", () => this.unpoint());
    for (const end of ["pointerup", "pointercancel"]) life.on(this.area, end, () => this.release());
    life.on(this.area, "keydown", (event) => this.key(event));
  }
  get active() {
    return this.problem && !this.locked;
  }
  press(event) {
    if (!this.active) return;
    this.held = true;
    this.unpoint();
    this.area.setPointerCapture(event.pointerId);
    this.drag(event);
  }
  drag(event) {
    const box = this.area.getBoundingClientRect();
    const across = clamp((event.clientX - box.left) / box.width, 0, 1);
    const up = clamp((box.bottom - event.clientY) / box.height, 0, 1);
    this.turn([between(across, this.problem.gamma), between(up, this.problem.beta)]);
  }
  release() {
    this.held = false;
  }
  key(event) {
    const arrow = ARROWS[event.key];
    if (!arrow || !this.active) return;
    event.preventDefault();
    const steps = event.shiftKey ? STEPS.small : STEPS.large;
    const ranges = [this.problem.gamma, this.problem.beta];
    const moved = ranges.map(([low, high], i) =>
      clamp(this.at[i] + (arrow[i] * (high - low)) / steps, low, high),
    );
    this.turn(moved);
  }
  /** @param {ProblemMessage} problem */
  draw(problem, gamma, beta) {
    this.problem = problem;
    this.at = [gamma, beta];
    this.axes(problem.gamma, problem.beta, "γ (rad)", "β (rad)");
    const place = { left: this.left, top: TOP, width: this.right - this.left, height: this.bottom - TOP };
    for (const [name, value] of Object.entries(place)) this.area.style[name] = `${value}px`;
    this.mark.style.left = `${100 * shareOf(gamma, problem.gamma)}%`;
    this.mark.style.bottom = `${100 * shareOf(beta, problem.beta)}%`;
  }
  valueAt(x, y) {
    if (!this.grid) return null;
    const { values, columns, rows } = this.grid;
    const [gamma, beta] = [this.xOf(x), this.yOf(y)];
    const column = Math.round(shareOf(gamma, this.problem.gamma) * (columns - 1));
    const row = Math.round(shareOf(beta, this.problem.beta) * (rows - 1));
    const value = values[column * rows + row];
    return { x, y, text: `γ ${shown(gamma, 3)}, β ${shown(beta, 3)}: ⟨C⟩ ≈ ${shown(value)}` };
  }
  /** @param {Float32Array} values gamma by gamma; NaN where nothing is computed yet */
  paint(values, [columns, rows]) {
    this.grid = { values, columns, rows };
    fill(this.canvas, { width: columns, height: rows });
    const pen = this.canvas.getContext("2d");
    const image = pen.createImageData(columns, rows);
    const [low, high] = extent([...values].filter(Number.isFinite));
    values.forEach((value, i) => {
      if (!Number.isFinite(value)) return; // stays transparent
      const [column, row] = [Math.floor(i / rows), rows - 1 - (i % rows)];
      const share = (value - low) / (high - low || 1);
      image.data.set([...colour(share), 255], 4 * (row * columns + column));
    });
    pen.putImageData(image, 0, 0);
  }
}

export { Landscape };
