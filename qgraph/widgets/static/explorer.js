// QAOA's angles, and what they do. Python computes; at most one wish is on its way, and the newest wins.

const GIVE_UP = 3000; // milliseconds after which an unanswered wish may be said again

class Explorer {
  constructor(model, el, life) {
    this.model = model;
    this.life = life;
    this.box = root(el, life, "qg-explorer", "QAOA explorer");
    this.editor = new Editing(model, life, { label: "Graph", height: 300 });
    this.link = this.editor.link;
    this.offline = this.link.offline;
    this.layer = null;
    this.sliders = [];
    this.distribution = new Distribution();
    this.layers = new Layers();
    this.curve = new Convergence();
    this.heat = new Landscape(life, ([gamma, beta]) => this.turn([[gamma], [beta]]));
    this.heat.locked = this.offline;
    this.build();
    life.hear(model, "msg:custom", (content, parts) => this[`on_${content.kind}`]?.(content, parts ?? []));
    life.hear(model, "change:angles", () => this.adopt(model.get("angles")));
    life.then(() => clearTimeout(this.timer));
    this.adopt(model.get("angles"));
    this.link.tell("hello");
  }

  build() {
    const { life } = this;
    const panel = (title, ...content) => html("div", { class: "qg-panel" }, html("h3", {}, title), ...content);
    this.gauge = html("div", { class: "qg-gauge" });
    this.turns = html("div", { class: "qg-turns" });
    this.depth = html("output", {});
    this.fewer = button("−", "One layer less", () => this.link.tell("depth", this.angles[0].length - 1), life);
    this.more = button("+", "One layer more, with interpolated angles", () => this.link.tell("depth", this.angles[0].length + 1), life);
    this.presets = html("select", {});
    life.on(this.presets, "change", () => this.presets.value && this.link.tell("preset", this.presets.value));
    this.start = html("select", {}, html("option", { value: "here" }, "from here"), html("option", { value: "interpolate" }, "from depth 1"));
    this.run = button("Optimise", "Optimise the angles", () => this.link.tell("optimise", this.start.value), life);
    this.stop = button("Cancel", "Cancel the optimisation", () => this.link.tell("cancel"), life, { disabled: true });
    const controls = html("div", { class: "qg-tools" }, html("span", {}, "depth"), this.fewer, this.depth, this.more, labelled("presets", this.presets), labelled("start", this.start), this.run, this.stop);
    this.scrub = html("input", { type: "range", min: 0, step: 1 });
    this.scrubbed = html("output", {});
    life.on(this.scrub, "input", () => {
      this.layer = Number(this.scrub.value) === this.seen.expectations.length - 1 ? null : Number(this.scrub.value);
      this.paint();
    });
    this.list = html("ol", { class: "qg-solutions" });
    this.hill = panel("Landscape of depth 1", this.heat.element);
    this.path = panel("While it is optimised", this.curve.element);
    this.path.hidden = true;
    const column = (...panels) => html("div", {}, ...panels);
    const left = column(panel("Graph", this.editor.element), panel("Most likely solutions", this.list));
    const middle = column(panel("Angles", controls, this.turns), this.hill, this.path);
    const right = column(panel("Expectation", this.gauge), panel("Distribution", this.distribution.element), panel("Layer by layer", labelled("after layer", this.scrub), this.scrubbed, this.layers.element));
    this.box.append(html("div", { class: "qg-columns" }, left, middle, right));
    for (const control of [this.fewer, this.more, this.presets, this.start, this.run]) control.disabled = this.offline;
  }

  // -- angles -------------------------------------------------------------------------------------
  turn(angles) {
    this.adopt(angles);
    if (this.offline) return;
    this.wanted = angles;
    if (!this.asked) this.ask();
  }
  ask() {
    const [angles, key] = [this.wanted, JSON.stringify(this.wanted)];
    this.wanted = null;
    if (!angles || key === this.last) return;
    this.last = key;
    this.asked = true;
    this.timer = setTimeout(() => this.answered(), GIVE_UP);
    this.model.set("angles", angles);
    this.model.save_changes();
  }
  answered() {
    clearTimeout(this.timer);
    this.asked = false;
    if (this.wanted) this.ask();
  }
  adopt(angles) {
    if (!angles?.length) return;
    if (this.asked && JSON.stringify(angles) === this.last && this.wanted) return; // an echo of what is past
    const depth = angles[0].length;
    if (depth * 2 !== this.sliders.length) this.makeSliders(depth);
    this.angles = angles;
    this.sliders.forEach(({ range, output, row, layer }) => {
      const value = angles[row][layer];
      if (this.problem) this.scale(range, row, value);
      if (Number(range.value) !== value) range.value = value;
      output.textContent = angle(value);
    });
    this.depth.textContent = depth;
    this.fewer.disabled = this.offline || depth === 1;
    this.hill.hidden = depth !== 1;
    if (this.problem && depth === 1) this.heat.mark(this.problem, angles[0][0], angles[1][0]);
  }
  scale(range, row, value) {
    const half = Math.max(this.problem[row ? "beta" : "gamma"][1], 1.05 * Math.abs(value));
    fill(range, { min: -half, max: half });
  }
  makeSliders(depth) {
    this.sliders = [];
    const names = ["γ", "β"];
    const rows = names.map((name, row) => html("fieldset", {}, html("legend", {}, `${name} (rad)`), ...Array.from({ length: depth }, (_, layer) => {
      const range = html("input", { type: "range", step: "any", min: -2, max: 2, disabled: this.offline || this.busy });
      const output = html("output", {});
      range.oninput = () => {
        const angles = this.angles.map((values) => [...values]);
        angles[row][layer] = Number(range.value);
        this.turn(angles);
      };
      this.sliders.push({ range, output, row, layer });
      return html("label", { class: "qg-turn" }, html("span", {}, `${name}${layer + 1}`), range, output);
    })));
    this.turns.replaceChildren(...rows);
  }

  // -- what Python says ---------------------------------------------------------------------------
  on_problem(content, [guess]) {
    this.problem = { ...content, guess: floats(guess) };
    const options = content.presets.map((name) => html("option", { value: name }, name));
    this.presets.replaceChildren(html("option", { value: "" }, "published angles"), ...options);
    this.layer = null;
    this.adopt(this.angles);
  }
  on_view(content, [heights, probabilities, objectives, bits]) {
    if (!this.problem) return;
    const [layers, most, n] = content.shape;
    const h = floats(heights);
    this.seen = { ...content, layers, most, n, bins: h.length / layers, heights: h, probabilities: floats(probabilities), objectives: floats(objectives), bits: bytes(bits) };
    if (this.layer !== null && this.layer >= layers - 1) this.layer = null;
    if (content.live) this.adopt(content.angles);
    this.paint();
    if (content.live) return;
    if (!this.wanted) {
      this.last = JSON.stringify(content.angles);
      this.adopt(content.angles);
    }
    this.answered();
  }
  on_landscape(content, [values]) {
    this.heat.show(floats(values), content.shape);
  }
  on_progress({ running, points }) {
    this.lock(running);
    this.path.hidden = !running && !points.length;
    if (points.length) this.curve.show(this.problem, points);
    if (points.length && running) this.editor.say(`Optimising: ${shown(points.at(-1)[1], 6)} after ${points.at(-1)[0]} evaluations.`);
  }
  on_finished({ message }) {
    this.lock(false);
    this.editor.say(message);
  }
  on_refused() {
    this.adopt(this.model.get("angles"));
  }
  lock(busy) {
    this.busy = busy;
    this.heat.locked = busy || this.offline;
    for (const control of [this.run, this.more, this.fewer, this.presets, this.start, ...this.sliders.map(({ range }) => range)]) control.disabled = busy || this.offline;
    this.fewer.disabled ||= this.angles?.[0].length === 1;
    this.stop.disabled = !busy || this.offline;
  }

  // -- pictures -----------------------------------------------------------------------------------
  paint() {
    const { problem, seen } = this;
    if (!seen) return;
    const layer = this.layer ?? seen.layers - 1;
    this.distribution.show(problem, seen.heights.subarray(layer * seen.bins, (layer + 1) * seen.bins), seen.expectations[layer]);
    this.layers.show(problem, seen.expectations, layer);
    fill(this.scrub, { max: seen.layers - 1 });
    this.scrub.value = layer;
    this.scrubbed.textContent = `${layer} of ${seen.layers - 1}: ⟨C⟩ ${shown(seen.expectations[layer])}, P(optimum) ${shown(seen.chances[layer], 3)}`;
    this.paintGauge(seen.expectations[layer], seen.chances[layer], seen.merits[layer]);
    this.paintSolutions(layer);
  }
  paintGauge(value, chance, merits) {
    const { worst, optimum, random } = this.problem;
    const share = (c) => `${100 * clamp((c - worst) / (optimum - worst || 1), 0, 1)}%`;
    const mark = (kind, style) => html("i", { class: `qg-mark-${kind}`, style });
    const track = [mark("bar", `width:${share(value)}`), mark("random", `left:${share(random)}`), mark("optimum", `left:${share(optimum)}`)];
    const figures = Object.entries({ expectation: value, "optimum (exact)": optimum, "random average": random, ...merits, "P(optimum)": chance });
    const words = figures.map(([name, figure]) => html("span", {}, `${name} `, html("b", {}, shown(figure, 5))));
    this.gauge.replaceChildren(html("div", { class: "qg-track" }, ...track), html("p", { class: "qg-figures" }, ...words));
  }
  labels(layer, rank) {
    const { nodes } = this.problem;
    const start = (layer * this.seen.most + rank) * this.seen.n;
    return Object.fromEntries(nodes.map((name, q) => [name, this.seen.bits[start + q]]));
  }
  paintSolutions(layer) {
    const { seen } = this;
    const rows = this.list.children;
    while (rows.length < seen.most) this.list.append(this.makeSolution(rows.length));
    for (let rank = 0; rank < seen.most; rank++) {
      const [p, c] = [seen.probabilities[layer * seen.most + rank], seen.objectives[layer * seen.most + rank]];
      rows[rank].hidden = p === 0;
      if (p === 0) continue;
      const ones = Object.entries(this.labels(layer, rank)).filter(([, bit]) => bit).map(([name]) => name);
      const [bar, text] = rows[rank].firstChild.children;
      bar.style.width = `${100 * p}%`;
      text.textContent = `${(100 * p).toFixed(1)} %  C = ${shown(c)}  {${visible(ones.join(", "))}}`;
    }
    this.cut(this.hovered ?? (layer > 0 ? 0 : null));
  }
  makeSolution(rank) {
    const element = html("button", { type: "button" }, html("i", { class: "qg-share" }), html("span", {}));
    const enter = () => {
      this.hovered = rank;
      this.cut(rank);
    };
    const leave = () => {
      this.hovered = undefined;
      this.paint();
    };
    for (const event of ["pointerenter", "focus"]) this.life.on(element, event, enter);
    for (const event of ["pointerleave", "blur"]) this.life.on(element, event, leave);
    return html("li", {}, element);
  }
  // Show a solution in the graph; where the graph has just been edited, wait for its own.
  cut(rank) {
    const labels = rank === null || !this.seen ? null : this.labels(this.layer ?? this.seen.layers - 1, rank);
    const key = JSON.stringify(labels);
    if (key === this.cutShown) return;
    this.cutShown = key;
    this.editor.canvas.show_cut(labels);
  }
}

function render({ model, el }) {
  const life = new Life();
  new Explorer(model, el, life);
  return () => life.end();
}

export default { render };
