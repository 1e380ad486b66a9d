// The angles: sliders with number fields, and a plot by layer whose points can be moved.

const NAMES = ["γ", "β"];
const STEPS_OF_A_POINT = 50; // arrow keys from the middle to the end
const ANGLE = /^([-+]?)(\d*\.?\d*(?:e[-+]?\d+)?)\s*\*?\s*(pi|π)?\s*(?:\/\s*(\d+\.?\d*))?$/i;

/**
 * An angle as a person types it: a number, or a multiple of pi such as "3pi/8".
 * @param {string} text
 * @returns {number | null} rad; null for other texts
 */
function readAngle(text) {
  const [, sign, factor, pi, divisor] = text.trim().replace("−", "-").match(ANGLE) ?? [];
  if (factor === undefined || !(factor || pi)) return null;
  const value = ((factor ? Number(factor) : 1) * (pi ? Math.PI : 1)) / Number(divisor ?? 1);
  if (!Number.isFinite(value)) return null;
  return sign === "-" ? -value : value;
}

const writtenAngle = (value) => (Math.abs(value) < 5e-7 ? "0" : String(Number(value.toPrecision(6))));

class AnglePanel {
  /**
   * @param {function(number, number, number): void} turn called with row, layer and the new angle
   * @param {function(string): void} refuse called with a complaint
   */
  constructor(life, turn, refuse) {
    this.turn = turn;
    this.refuse = refuse;
    this.rows = [];
    this.schedules = NAMES.map((name, row) => new Schedule(life, name, (l, value) => turn(row, l, value)));
    this.sliders = html("div", { class: "qg-turns" });
    const plots = html("div", { class: "qg-schedules" }, ...this.schedules.map((one) => one.element));
    this.element = html("div", {}, this.sliders, plots);
  }
  /** @param {Angles} angles to show */
  show(angles, limits, locked) {
    const depth = angles[0].length;
    if (this.rows.length !== depth * NAMES.length) this.make(depth);
    for (const one of this.rows) this.showOne(one, angles[one.row][one.layer], limits?.[one.row], locked);
    this.schedules.forEach((schedule, row) => {
      schedule.lock(locked);
      if (limits) schedule.show(angles[row], limits[row]);
    });
  }
  make(depth) {
    this.rows = [];
    const layers = Array.from({ length: depth }, (_, layer) => layer);
    const sets = NAMES.map((name, row) => {
      const fields = layers.map((layer) => this.makeOne(name, row, layer));
      return html("fieldset", {}, html("legend", {}, `${name} (rad)`), ...fields);
    });
    this.sliders.replaceChildren(...sets);
  }
  makeOne(name, row, layer) {
    const title = `${name}${layer + 1}`;
    const range = html("input", { type: "range", step: "any", min: -2, max: 2, "aria-label": title });
    const field = html("input", { type: "text", inputmode: "decimal", "aria-label": `${title} in rad` });
    range.oninput = () => this.turn(row, layer, Number(range.value));
    field.onchange = () => this.read(title, field, row, layer);
    field.onkeydown = (event) => this.nudge(event, field, row, layer);
    this.rows.push({ range, field, row, layer });
    return html("div", { class: "qg-turn" }, html("span", {}, title), range, field);
  }
  read(title, field, row, layer) {
    const value = readAngle(field.value);
    field.setAttribute("aria-invalid", String(value === null));
    if (value === null) this.refuse(`${title} must be a number or a multiple of pi, got ${field.value}`);
    else this.turn(row, layer, value);
  }
  nudge(event, field, row, layer) {
    const step = { ArrowUp: 0.01, ArrowDown: -0.01 }[event.key];
    const value = readAngle(field.value);
    if (step === undefined || value === null) return;
    event.preventDefault();
    field.value = writtenAngle(value + step * (event.shiftKey ? 10 : 1));
    this.turn(row, layer, value + step * (event.shiftKey ? 10 : 1));
  }
  showOne({ range, field }, value, limit, locked) {
    range.disabled = locked;
    field.disabled = locked;
    if (limit) {
      const most = Math.max(limit, Math.abs(value));
      fill(range, { min: -most, max: most });
    }
    if (Number(range.value) !== value) range.value = value;
    if (readAngle(field.value) === value) return; // what was typed stays as it was typed
    field.value = writtenAngle(value);
    field.setAttribute("aria-invalid", "false");
  }
}

// The angles of one kind by layer. A point is moved up and down by the pointer or the arrow keys.
class Schedule extends Chart {
  constructor(life, name, turn) {
    super(life, `${name} by layer`, 150, []);
    this.name = name;
    this.turn = turn;
    this.locked = false;
    this.held = null;
    this.handles = [];
    life.on(this.svg, "pointerdown", (event) => this.press(event));
    life.on(this.svg, "pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) life.on(this.svg, end, () => this.release());
    life.on(this.svg, "keydown", (event) => this.key(event));
    fill(this.svg, { role: "group" });
  }
  lock(locked) {
    this.locked = locked;
  }
  /**
   * @param {number[]} values rad
   * @param {number} limit of the sliders
   */
  draw(values, limit) {
    const largest = Math.max(...values.map(Math.abs));
    if (this.held === null) this.most = Math.max(0.5 * limit, 1.15 * largest);
    this.axes([0.5, values.length + 0.5], [-this.most, this.most], "layer", `${this.name} (rad)`, true);
    const spots = values.map((value, layer) => [round(this.x(layer + 1)), round(this.y(value))]);
    this.horizontal("zero", 0);
    this.line(spots);
    this.spots = spots;
    values.forEach((value, layer) => {
      const [cx, cy] = spots[layer];
      const limits = { "aria-valuemin": -this.most, "aria-valuemax": this.most, "aria-valuenow": value };
      const label = `point of ${this.name}${layer + 1}`;
      const attributes = { cx, cy, r: 6, tabindex: this.locked ? -1 : 0, role: "slider", ...limits };
      this.part(`handle${layer}`, "circle", {
        ...attributes,
        "aria-label": label,
        "data-layer": layer,
        "aria-orientation": "vertical",
      });
    });
  }
  press(event) {
    if (this.locked || !this.spots) return;
    const box = this.svg.getBoundingClientRect();
    const layer = nearest(this.spots, event.clientX - box.left);
    event.preventDefault();
    this.held = layer;
    this.svg.setPointerCapture(event.pointerId);
    this.parts[`handle${layer}`].focus({ preventScroll: true });
    this.drag(event);
  }
  drag(event) {
    if (this.held === null) return;
    const box = this.svg.getBoundingClientRect();
    const value = clamp(this.yOf(event.clientY - box.top), -this.most, this.most);
    this.turn(this.held, value);
  }
  release() {
    this.held = null;
    if (this.shown) this.show(...this.shown);
  }
  key(event) {
    const layer = Number(event.target.dataset?.layer ?? Number.NaN);
    const arrow = ARROWS[event.key];
    if (this.locked || !arrow || Number.isNaN(layer)) return;
    event.preventDefault();
    const step = ((arrow[0] + arrow[1]) * this.most) / STEPS_OF_A_POINT / (event.shiftKey ? 10 : 1);
    this.turn(layer, this.shown[0][layer] + step);
  }
  valueAt(pixel) {
    const layer = nearest(this.spots, pixel);
    const [x, y] = this.spots[layer];
    return { x, y, text: `${this.name}${layer + 1} = ${shown(this.shown[0][layer], 6)}` };
  }
}

export { AnglePanel };
