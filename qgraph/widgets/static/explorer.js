// The QAOA explorer: angles, and the state that they give. Python computes everything that is shown.
// One change of the angles is on its way to Python at a time. Of those that wait, only the newest is sent.

const GIVE_UP = 3000; // milliseconds without an answer until the next angles are sent
const NAMES = ["γ", "β"];

class Explorer {
  constructor(model, el, life) {
    this.model = model;
    this.life = life;
    this.editor = new Editing(model, life, { label: "Graph", height: 300 });
    this.link = this.editor.link;
    this.offline = this.link.offline;
    this.layer = null; // the layer that is shown; null for the last
    this.sliders = [];
    this.distribution = new Distribution();
    this.layers = new Layers();
    this.curve = new Convergence();
    this.gauge = new Gauge();
    this.solutions = new Solutions(life, () => this.showCut());
    this.heat = new Landscape(life, ([gamma, beta]) => this.turn([[gamma], [beta]]));
    this.heat.locked = this.offline;
    root(el, life, "qg-explorer", "QAOA explorer").append(this.makeColumns());
    this.lock(false);
    this.listen();
    this.adopt(model.get("angles"));
    this.link.tell("hello");
  }
  listen() {
    const { model, life } = this;
    onMessages(model, life, {
      problem: (content, parts) => this.hearProblem(content, parts),
      view: (content, parts) => this.hearView(content, parts),
      landscape: (content, [values]) => this.heat.show(floats(values), content.shape),
      progress: (content) => this.hearProgress(content),
      finished: (content) => this.hearEnd(content),
      refused: () => this.adopt(model.get("angles")),
    });
    life.onModel(model, "change:angles", () => this.adopt(model.get("angles")));
    life.atEnd(() => clearTimeout(this.timer));
  }

  // -- layout -------------------------------------------------------------------------------------
  makeColumns() {
    this.turns = html("div", { class: "qg-turns" });
    this.hill = panel("Landscape of depth 1", this.heat.element);
    this.path = panel("Optimisation", this.curve.element);
    this.path.hidden = true;
    const columns = [
      [panel("Graph", this.editor.element), panel("Most likely solutions", this.solutions.element)],
      [panel("Angles", this.makeControls(), this.turns), this.hill, this.path],
      [
        panel("Expectation", this.gauge.element),
        panel("Distribution", this.distribution.element),
        panel("Layer by layer", ...this.makeScrubber(), this.layers.element),
      ],
    ];
    return html("div", { class: "qg-columns" }, ...columns.map((panels) => html("div", {}, ...panels)));
  }
  makeControls() {
    const { life, link } = this;
    const change = (step) => () => link.tell("depth", this.depth + step);
    this.depthShown = html("output", {});
    this.fewer = button("−", "Remove the last layer", change(-1), life);
    this.more = button("+", "Add a layer and interpolate the angles", change(1), life);
    this.presets = html("select", {});
    life.on(this.presets, "change", () => this.presets.value && link.tell("preset", this.presets.value));
    const here = html("option", { value: "here" }, "these angles");
    this.start = html("select", {}, here, html("option", { value: "interpolate" }, "depth 1"));
    const optimise = () => link.tell("optimise", this.start.value);
    this.run = button("Optimise", "Optimise the angles", optimise, life);
    this.stop = button("Cancel", "Cancel the optimisation", () => link.tell("cancel"), life);
    const depth = [html("span", {}, "depth"), this.fewer, this.depthShown, this.more];
    const choices = [labelled("presets", this.presets), labelled("start", this.start)];
    return html("div", { class: "qg-tools" }, ...depth, ...choices, this.run, this.stop);
  }
  makeScrubber() {
    this.scrub = html("input", { type: "range", min: 0, step: 1 });
    this.scrubbed = html("output", {});
    this.life.on(this.scrub, "input", () => {
      const layer = Number(this.scrub.value);
      this.layer = layer === this.seen.layers - 1 ? null : layer;
      this.paint();
    });
    return [labelled("after layer", this.scrub), this.scrubbed];
  }
  makeSliders(depth) {
    this.sliders = [];
    const layers = Array.from({ length: depth }, (_, layer) => layer);
    const rows = NAMES.map((name, row) => {
      const sliders = layers.map((layer) => this.makeSlider(row, layer));
      return html("fieldset", {}, html("legend", {}, `${name} (rad)`), ...sliders);
    });
    this.turns.replaceChildren(...rows);
  }
  makeSlider(row, layer) {
    const disabled = this.offline || this.busy;
    const range = html("input", { type: "range", step: "any", min: -2, max: 2, disabled });
    const output = html("output", {});
    range.oninput = () => {
      const angles = this.angles.map((values) => [...values]);
      angles[row][layer] = Number(range.value);
      this.turn(angles);
    };
    this.sliders.push({ range, output, row, layer });
    const name = html("span", {}, `${NAMES[row]}${layer + 1}`);
    return html("label", { class: "qg-turn" }, name, range, output);
  }

  // -- angles -------------------------------------------------------------------------------------
  get depth() {
    return this.angles[0].length;
  }
  /** @param {Angles} angles chosen in this view */
  turn(angles) {
    this.adopt(angles);
    if (this.offline) return;
    this.wanted = angles;
    if (!this.asked) this.ask();
  }
  ask() {
    const angles = this.wanted;
    const key = JSON.stringify(angles);
    this.wanted = null;
    if (!angles || key === this.last) return;
    this.last = key;
    this.asked = true;
    this.timer = setTimeout(() => this.askNext(), GIVE_UP);
    this.model.set("angles", angles);
    this.model.save_changes();
  }
  askNext() {
    clearTimeout(this.timer);
    this.asked = false;
    if (this.wanted) this.ask();
  }
  /** @param {Angles} angles to show */
  adopt(angles) {
    if (!angles?.length) return;
    const isOld = this.asked && this.wanted && JSON.stringify(angles) === this.last;
    if (isOld) return;
    this.angles = angles;
    if (this.depth * NAMES.length !== this.sliders.length) this.makeSliders(this.depth);
    for (const slider of this.sliders) this.showAngle(slider);
    this.depthShown.textContent = this.depth;
    this.fewer.disabled = this.offline || this.depth === 1;
    this.hill.hidden = this.depth !== 1;
    if (this.problem && this.depth === 1) this.heat.mark(this.problem, angles[0][0], angles[1][0]);
  }
  showAngle({ range, output, row, layer }) {
    const value = this.angles[row][layer];
    if (this.problem) {
      const typical = [this.problem.gamma, this.problem.beta][row][1];
      const most = Math.max(typical, 1.05 * Math.abs(value));
      fill(range, { min: -most, max: most });
    }
    if (Number(range.value) !== value) range.value = value;
    output.textContent = Math.abs(value) < 5e-4 ? "0.000" : value.toFixed(3);
  }

  // -- messages from Python -----------------------------------------------------------------------
  /** @param {ProblemMessage} content */
  hearProblem(content, [guess]) {
    this.problem = { ...content, guess: floats(guess) };
    const options = content.presets.map((name) => html("option", { value: name }, name));
    this.presets.replaceChildren(html("option", { value: "" }, "published angles"), ...options);
    this.layer = null;
    this.adopt(this.angles);
  }
  /** @param {ViewMessage} content */
  hearView(content, [heights, probabilities, objectives, bits]) {
    if (!this.problem) return;
    const [layers, most, n] = content.shape;
    const parts = { probabilities: floats(probabilities), objectives: floats(objectives) };
    this.seen = { ...content, ...parts, layers, most, n, heights: floats(heights), bits: bytes(bits) };
    if (this.layer !== null && this.layer >= layers - 1) this.layer = null;
    if (content.live) this.adopt(content.angles);
    this.paint();
    if (!content.live) this.hearAnswer(content.angles);
  }
  // The view of these angles: if no newer ones wait, they are shown.
  hearAnswer(angles) {
    if (!this.wanted) {
      this.last = JSON.stringify(angles);
      this.adopt(angles);
    }
    this.askNext();
  }
  /** @param {ProgressMessage} content */
  hearProgress({ running, points }) {
    this.lock(running);
    this.path.hidden = !running && !points.length;
    if (!points.length) return;
    this.curve.show(this.problem, points);
    const [evaluations, value] = points.at(-1);
    if (running) this.editor.say(`Optimising: ${shown(value, 6)} after ${evaluations} evaluations.`);
  }
  /** @param {EndMessage} content */
  hearEnd({ message }) {
    this.lock(false);
    this.editor.say(message);
  }
  lock(busy) {
    const locked = busy || this.offline;
    this.busy = busy;
    this.heat.locked = locked;
    const ranges = this.sliders.map(({ range }) => range);
    const controls = [this.run, this.more, this.fewer, this.presets, this.start, ...ranges];
    for (const control of controls) control.disabled = locked;
    this.fewer.disabled ||= this.angles?.[0].length === 1;
    this.stop.disabled = !busy || this.offline;
  }

  // -- pictures -----------------------------------------------------------------------------------
  get layerShown() {
    return this.layer ?? this.seen.layers - 1;
  }
  paint() {
    const { problem, seen } = this;
    if (!seen) return;
    const layer = this.layerShown;
    const bins = seen.heights.length / seen.layers;
    const heights = seen.heights.subarray(layer * bins, (layer + 1) * bins);
    this.distribution.show(problem, heights, seen.expectations[layer]);
    this.layers.show(problem, seen.expectations, layer);
    this.gauge.show(problem, seen, layer);
    this.solutions.show(problem.nodes, seen, layer);
    fill(this.scrub, { max: seen.layers - 1 });
    this.scrub.value = layer;
    const figures = `⟨C⟩ ${shown(seen.expectations[layer])}, P(optimum) ${shown(seen.chances[layer], 3)}`;
    this.scrubbed.textContent = `${layer} of ${seen.layers - 1}: ${figures}`;
    this.showCut();
  }
  // Draw the solution under the pointer in the graph; without one, the most likely, after layer 1.
  showCut() {
    if (!this.seen) return;
    const layer = this.layerShown;
    const rank = this.solutions.hovered ?? (layer > 0 ? 0 : null);
    const labels = rank === null ? null : Solutions.labels(this.problem.nodes, this.seen, layer, rank);
    const key = JSON.stringify(labels);
    if (key === this.cutShown) return;
    this.cutShown = key;
    this.editor.canvas.showCut(labels);
  }
}

function render({ model, el }) {
  const life = new Life();
  new Explorer(model, el, life);
  return () => life.end();
}

export default { render };
