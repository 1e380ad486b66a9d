// The QAOA explorer: angles, and the state that they give. Python computes everything that is shown.
// One change of the angles is on its way to Python at a time. Of those that wait, only the newest is sent.

const GIVE_UP = 3000; // milliseconds without an answer until the next angles are sent

class Explorer {
  constructor(model, el, life) {
    this.model = model;
    this.life = life;
    this.editor = new Editing(model, life, { label: "Graph", height: 300 });
    this.link = this.editor.link;
    this.offline = this.link.offline;
    this.layer = null; // the layer that is shown; null for the last
    this.points = [];
    this.noisy = null;
    this.found = null; // the labels of another solver's solution
    this.makeParts();
    this.box = root(el, life, "qg-explorer", "QAOA explorer");
    this.box.firstChild.prepend(this.makeBar());
    this.box.append(this.share.box, ...this.makePanels());
    this.lock(false);
    this.listen();
    this.settle(model.get("settings"));
    this.adopt(model.get("angles"));
    this.link.tell("hello");
  }
  makeParts() {
    const { life, link } = this;
    this.distribution = new Distribution(life);
    this.layers = new Layers(life);
    this.curve = new Convergence(life);
    this.gauge = new Gauge();
    this.solutions = new Solutions(life, () => this.showCut());
    this.heat = new Landscape(life, ([gamma, beta]) => this.turn([[gamma], [beta]]));
    const refuse = (text) => this.editor.refuse(text);
    this.panel = new AnglePanel(life, (row, layer, value) => this.turnOne(row, layer, value), refuse);
    this.choices = new Choices(life, (name, value) => this.set(name, value));
    this.circuit = new Circuit(
      life,
      (layer) => this.goTo(layer),
      (value) => this.set("coupling", value),
    );
    this.share = new Share(life, link, (text, tone) => this.editor.say(text, tone));
    this.others = new OtherSolvers(
      life,
      (name) => link.tell("find", name),
      (labels) => this.drawOther(labels),
    );
  }
  listen() {
    const { model, life } = this;
    onMessages(model, life, {
      problem: (content, parts) => this.hearProblem(content, parts),
      view: (content, parts) => this.hearView(content, parts),
      landscape: (content, [values]) => this.heat.paint(floats(values), content.shape),
      progress: (content) => this.hearProgress(content),
      finished: (content) => this.hearEnd(content),
      failed: (content) => this.editor.refuse(content.message),
      noisy: (content, parts) => this.hearNoisy(content, parts),
      routed: (content) => this.circuit.route(content),
      text: (content) => this.share.hear(content),
      answer: (content, [labels]) => this.others.hear(content, bytes(labels)),
      refused: () => this.restore(),
    });
    life.onModel(model, "change:angles", () => this.adopt(model.get("angles")));
    life.onModel(model, "change:settings", () => this.settle(model.get("settings")));
    life.atEnd(() => clearTimeout(this.timer));
  }

  // -- angles and settings ------------------------------------------------------------------------
  get depth() {
    return this.angles[0].length;
  }
  get limits() {
    return this.problem ? [this.problem.gamma[1], this.problem.beta[1]] : null;
  }
  set(name, value) {
    this.editor.say("");
    if (!this.offline) this.link.tell("setting", { name, value });
  }
  /** @param {Settings} settings */
  settle(settings) {
    if (!settings) return;
    this.settings = settings;
    this.choices.show(settings);
    this.circuit.settle(settings.coupling);
    if (!settings.noise) this.noisy = null;
    if (this.seen) this.paint();
  }
  // Python has refused something: show what it has.
  restore() {
    this.settle(this.model.get("settings"));
    this.adopt(this.model.get("angles"));
  }
  turnOne(row, layer, value) {
    const angles = this.angles.map((values) => [...values]);
    angles[row][layer] = value;
    this.turn(angles);
  }
  /** @param {Angles} angles chosen in this view */
  turn(angles) {
    this.editor.say("");
    if (this.problem?.state) this.found = null;
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
    this.panel.show(angles, this.limits, this.offline || this.busy);
    this.depthShown.textContent = this.depth;
    if (this.depth === 1 && this.fewer.matches(":focus")) this.more.focus();
    this.fewer.disabled = this.offline || this.depth === 1;
    this.hill.hidden = this.depth !== 1;
    this.choosePreset();
    if (!this.problem) return;
    if (this.depth === 1) this.heat.show(this.problem, angles[0][0], angles[1][0]);
    this.circuit.show(this.problem, this.depth);
  }
  // The list names published angles only while they are shown.
  choosePreset() {
    const key = JSON.stringify(this.angles);
    if (this.presets.value && this.presetKey === null) this.presetKey = key;
    else if (this.presetKey !== key) this.presets.value = "";
    if (!this.presets.value) this.presetKey = null;
  }

  // -- messages from Python -----------------------------------------------------------------------
  /** @param {ProblemMessage} content */
  hearProblem(content, [guess, gates]) {
    this.problem = { ...content, guess: floats(guess), gates: new Int32Array(copied(gates)) };
    const options = content.presets.map((name) => html("option", { value: name }, name));
    this.presets.replaceChildren(html("option", { value: "" }, "published angles"), ...options);
    this.presetKey = null;
    this.choices.offer(content.problems);
    this.choices.show(this.settings);
    this.solutions.reading.textContent = content.reading;
    for (const part of [this.likely, this.spread, this.steps]) part.hidden = !content.state;
    this.box.classList.toggle("qg-stateless", !content.state);
    this.layer = null;
    this.seen = null;
    this.noisy = null;
    this.circuit.route(null);
    this.others.clear();
    this.adopt(this.angles);
  }
  /** @param {ViewMessage} content */
  hearView(content, parts) {
    if (!this.problem) return;
    const [heights, probabilities, objectives, labels, feasible, sampled, correlations] = parts;
    const [count, most, n] = content.shape;
    const numbers = { heights, probabilities, objectives, sampledHeights: sampled, correlations };
    const read = Object.entries(numbers).map(([name, part]) => [name, floats(part)]);
    const own = { most, n, count, labels: bytes(labels), feasible: bytes(feasible) };
    this.seen = { ...content, ...own, ...Object.fromEntries(read) };
    if (this.layer !== null && this.layer >= content.angles[0].length) this.layer = null;
    if (content.live) this.adopt(content.angles);
    if (JSON.stringify(content.angles) !== this.noisyAngles) this.noisy = null; // of other angles
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
  /** @param {NoisyMessage} content */
  hearNoisy({ figures, reason }, [heights]) {
    if (reason) this.editor.refuse(reason);
    this.noisy = figures && { ...figures, heights: floats(heights) };
    this.noisyAngles = JSON.stringify(this.angles);
    if (this.seen) this.paint();
  }
  /** @param {ProgressMessage} content */
  hearProgress({ running, first, points }) {
    if (first <= this.points.length) this.points = [...this.points.slice(0, first), ...points];
    if (running !== this.busy) this.lock(running);
    this.path.hidden = !running && !this.points.length;
    if (!this.points.length || !this.problem) return;
    this.curve.show(this.problem, this.points);
    const [evaluations, value] = this.points.at(-1);
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
    this.stop.disabled = !busy || this.offline;
    const [on, off] = busy ? [this.stop, this.run] : [this.run, this.stop];
    if (off.matches(":focus")) {
      on.disabled = false; // what is switched off passes the focus on, so that no key goes astray
      on.focus({ preventScroll: true });
    }
    for (const control of [this.run, this.more, this.fewer, this.presets, this.start, this.again])
      control.disabled = locked;
    for (const control of [...this.share.controls, this.others.run, this.circuit.coupling])
      control.disabled = this.offline;
    this.choices.lock(locked);
    if (this.angles) this.panel.show(this.angles, this.limits, locked);
    this.fewer.disabled ||= this.angles?.[0].length === 1;
  }
}

function render({ model, el }) {
  const life = new Life();
  new Explorer(model, el, life);
  return () => life.end();
}

export default { render };

export { Explorer };
