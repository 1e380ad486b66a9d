// The route explorer: a city, and the routes that three solvers find through it.

const TITLES = { exact: "Exact", greedy: "Greedy", qaoa: "QAOA" };
const MIXERS = ["grover", "swap"];
const MOST_MULTIPLIER = 5;
const MOST_DEPTH = 8;
const UNIT = "km at free flow"; // of travel times
const DIFFERENCE = 1e-9; // relative difference of travel times that counts

class Routes {
  constructor(model, el, life) {
    this.model = model;
    this.life = life;
    this.editor = new Editing(model, life, { label: "City", height: 330 });
    this.link = this.editor.link;
    this.columns = Object.fromEntries(Object.keys(TITLES).map((name) => [name, this.makeColumn(name)]));
    this.sliders = this.makeSliders();
    this.wanted = null; // the depth that Python has not confirmed yet
    this.facts = html("p", { class: "qg-facts qg-caption" });
    const columns = Object.values(this.columns).map((column) => column.element);
    const city = this.makeCity();
    root(el, life, "qg-routes", "Route explorer").append(
      html("div", { class: "qg-body" }, city, html("div", { class: "qg-columns" }, ...columns)),
    );
    this.listen();
    this.adopt();
    this.link.tell("hello");
  }
  listen() {
    const { model, life } = this;
    life.onModel(model, "change:_document", () => this.adopt());
    for (const name of ["depth", "mixer"]) life.onModel(model, `change:${name}`, () => this.adopt());
    onMessages(model, life, {
      routes: (content) => this.show(content),
      failed: (content) => this.editor.refuse(content.message),
    });
  }

  // -- layout -------------------------------------------------------------------------------------
  makeCity() {
    const keys = TRAFFIC.map((kind) => html("span", { class: `qg-key qg-key-${kind}` }, `${kind} traffic`));
    const legend = html("p", { class: "qg-legend" }, ...keys);
    const sliders = Object.values(this.sliders).map((slider) => slider.element);
    this.mixer = html("select", { disabled: this.link.offline });
    this.mixer.append(...MIXERS.map((name) => html("option", { value: name }, name)));
    this.life.on(this.mixer, "change", () => this.link.tell("mixer", this.mixer.value));
    const controls = html("div", { class: "qg-controls" }, ...sliders, labelled("QAOA mixer", this.mixer));
    return panel("City", this.editor.element, legend, controls, this.facts);
  }
  makeColumn(name) {
    const canvas = new Canvas(this.life, { label: `${TITLES[name]} route`, height: 230, small: true });
    const figures = html("p", { class: "qg-figures" }, "Solving…");
    const legs = html("table", { class: "qg-legs" });
    const element = panel(TITLES[name], html("div", { class: "qg-stage" }, canvas.svg), figures, legs);
    return { canvas, figures, legs, element };
  }
  makeSliders() {
    const multiplier = { min: 1, max: MOST_MULTIPLIER, step: 0.1 };
    const traffic = (kind) => (value) => this.editor.edit("multipliers", { value: { [kind]: value } });
    const depth = (value) => {
      this.wanted = value; // older values may still arrive
      this.link.tell("depth", value);
    };
    return {
      medium: this.makeSlider("medium traffic ×", multiplier, traffic("medium")),
      high: this.makeSlider("high traffic ×", multiplier, traffic("high")),
      depth: this.makeSlider("QAOA depth", { min: 1, max: MOST_DEPTH, step: 1 }, depth),
    };
  }
  makeSlider(name, limits, change) {
    const range = html("input", { type: "range", ...limits, disabled: this.link.offline });
    const output = html("output", {});
    this.life.on(range, "input", () => {
      output.textContent = range.value;
    });
    this.life.on(range, "change", () => change(Number(range.value)));
    const set = (value) => {
      range.max = Math.max(limits.max, value);
      range.value = value;
      output.textContent = shown(value, 3);
    };
    return { set, element: html("label", {}, html("span", {}, name), range, output) };
  }

  // -- messages from Python -----------------------------------------------------------------------
  // A changed city or depth: the routes shown are old until new ones arrive.
  adopt() {
    /** @type {GraphDocument} */
    const doc = this.model.get("_document");
    if (this.link.waiting && doc.answers?.view === this.link.view) return;
    for (const kind of ["medium", "high"]) this.sliders[kind].set(doc.traffic_multipliers[kind]);
    if ([null, this.model.get("depth")].includes(this.wanted)) {
      this.sliders.depth.set(this.model.get("depth"));
      this.wanted = null;
    }
    this.mixer.value = this.model.get("mixer");
    for (const column of Object.values(this.columns)) column.element.dataset.stale = "true";
  }
  /** @param {RoutesMessage} content */
  show(content) {
    const times = content.columns.flatMap((column) => (column.legs ?? []).map((leg) => leg.time));
    const longest = Math.max(...times, 1e-9);
    const best = content.columns.find((column) => column.name === "exact" && column.optimal)?.time;
    for (const column of content.columns) this.showColumn(column, longest, best);
    this.facts.textContent = this.factsIn(content);
  }
  /** @param {RoutesMessage} content */
  factsIn({ routes, bits, chance, mean, random, luck }) {
    const unit = `Travel times are in ${UNIT}: distance × traffic.`;
    const size = `${unit} ${routes} routes respect the priorities. A one-hot encoding needs ${bits} bits.`;
    if (chance === null) return size;
    const times = `QAOA's samples take ${shown(mean)} on average, random routes ${shown(random)}.`;
    const chances = `probability ${shown(chance, 3)}, a random route with ${shown(luck, 3)}`;
    return `${size} ${times} A sample is optimal with ${chances}.`;
  }
  /** @param {RouteColumn} column */
  showColumn(column, longest, best) {
    const { canvas, figures, legs, element } = this.columns[column.name];
    const doc = this.model.get("_document");
    const known = new Set(doc.nodes.map((node) => node.id));
    const ways = (column.ways ?? []).filter((way) => way.every((stop) => known.has(stop)));
    canvas.show({ ...doc, route: column.route ?? [], ways }, true);
    element.dataset.stale = String(!column.route && !column.error);
    if (!column.route) {
      figures.textContent = column.error ?? "Solving…";
      legs.replaceChildren();
      return;
    }
    figures.replaceChildren(...this.figuresOf(column, best));
    legs.replaceChildren(...this.tableOf(column.legs, longest));
  }
  figuresOf({ time, distance, violations, optimal }, best) {
    return [
      figure("travel time", `${shown(time)}${this.compared(time, optimal, best)}`),
      figure("distance", `${shown(distance)} km`),
      figure("priorities", violations.length ? `✗ ${violations.join("; ")}` : "✓ respected"),
    ];
  }
  compared(time, optimal, best) {
    if (optimal) return " (proved optimal)";
    if (!best) return "";
    const excess = time / best - 1;
    return excess > DIFFERENCE ? ` (${(100 * excess).toFixed(1)} % above optimum)` : " (optimal)";
  }
  tableOf(legs, longest) {
    const rows = legs.map(({ from, to, time }) => {
      const bar = html("i", { style: `width:${(100 * time) / longest}%` });
      const cells = [
        html("td", {}, `${from} → ${to}`),
        html("td", { class: "qg-number" }, shown(time)),
        html("td", { class: "qg-leg-bar" }, bar),
      ];
      return html("tr", {}, ...cells);
    });
    const leg = html("th", { scope: "col" }, "leg");
    const time = html("th", { scope: "col", colspan: 2 }, `time (${UNIT})`);
    const head = html("tr", {}, leg, time);
    return [html("thead", {}, head), html("tbody", {}, ...rows)];
  }
}

function render({ model, el }) {
  const life = new Life();
  new Routes(model, el, life);
  return () => life.end();
}

export default { render };
