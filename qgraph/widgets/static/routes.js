// A city, and the routes that three solvers find through it.

const TITLES = { exact: "Exact", greedy: "Greedy", qaoa: "QAOA" };

class Routes {
  constructor(model, el, life) {
    this.model = model;
    this.box = root(el, life, "qg-routes", "Route explorer");
    this.editor = new Editing(model, life, { label: "City", height: 330 });
    this.link = this.editor.link;
    this.columns = Object.fromEntries(Object.keys(TITLES).map((name) => [name, this.makeColumn(name, life)]));
    this.sliders = {
      medium: this.makeSlider("medium traffic ×", 1, 5, 0.1, (value) => this.traffic("medium", value), life),
      high: this.makeSlider("high traffic ×", 1, 5, 0.1, (value) => this.traffic("high", value), life),
      depth: this.makeSlider("QAOA depth", 1, 8, 1, (value) => this.link.tell("depth", value), life),
    };
    this.facts = html("p", { class: "qg-facts" });
    const controls = html("div", { class: "qg-controls" }, ...Object.values(this.sliders).map((slider) => slider.element));
    const keys = ["low", "medium", "high"].map((kind) => html("span", { class: `qg-key qg-key-${kind}` }, `${kind} traffic`));
    const city = html("div", { class: "qg-panel" }, html("h3", {}, "City"), this.editor.element, html("p", { class: "qg-legend" }, ...keys), controls, this.facts);
    this.box.append(city, html("div", { class: "qg-columns" }, ...Object.values(this.columns).map((column) => column.element)));
    life.hear(model, "change:_document", () => this.adopt());
    life.hear(model, "change:depth", () => this.adopt());
    life.hear(model, "msg:custom", (content) => {
      if (content.kind === "routes") this.show(content);
      if (content.kind === "failed") this.editor.say(content.message, "refused");
    });
    this.adopt();
    this.link.tell("hello");
  }
  makeColumn(name, life) {
    const canvas = new Canvas(life, { label: `${TITLES[name]} route`, height: 230, small: true });
    const text = html("p", { class: "qg-figures" }, "Solving…");
    const legs = html("table", { class: "qg-legs" });
    const element = html("div", { class: "qg-panel" }, html("h3", {}, TITLES[name]), html("div", { class: "qg-stage" }, canvas.svg), text, legs);
    return { canvas, text, legs, element };
  }
  makeSlider(name, min, max, step, change, life) {
    const range = html("input", { type: "range", min, max, step, disabled: this.link.offline });
    const output = html("output", {});
    life.on(range, "input", () => (output.textContent = range.value));
    life.on(range, "change", () => change(Number(range.value)));
    const set = (value) => {
      range.max = Math.max(max, value);
      range.value = value;
      output.textContent = shown(value, 3);
    };
    return { set, element: html("label", {}, html("span", {}, name), range, output) };
  }
  traffic(kind, value) {
    this.editor.edit("multipliers", { value: { [kind]: value } });
  }
  adopt() {
    const doc = this.model.get("_document");
    if (this.link.waiting && doc.answers?.view === this.link.view) return;
    for (const kind of ["medium", "high"]) this.sliders[kind].set(doc.traffic_multipliers[kind]);
    this.sliders.depth.set(this.model.get("depth"));
    for (const column of Object.values(this.columns)) column.element.dataset.stale = "true";
  }
  show({ columns, routes, bits, chance, mean, random, luck }) {
    const times = columns.filter((column) => column.legs).flatMap((column) => column.legs.map((leg) => leg.time));
    const longest = Math.max(...times, 1e-9);
    const best = columns.find((column) => column.name === "exact" && column.optimal)?.time;
    for (const column of columns) this.showColumn(column, longest, best);
    const quantum = chance === null ? "" : ` QAOA's samples take ${shown(mean)} on average (random routes: ${shown(random)}) and are optimal with probability ${shown(chance, 3)} (random: ${shown(luck, 3)}).`;
    this.facts.textContent = `${routes} routes keep the priorities (${bits} bits one-hot).${quantum}`;
  }
  showColumn(column, longest, best) {
    const { canvas, text, legs, element } = this.columns[column.name];
    const doc = this.model.get("_document");
    const known = new Set(doc.nodes.map((node) => node.id));
    const ways = (column.ways ?? []).filter((way) => way.every((stop) => known.has(stop)));
    canvas.show({ ...doc, route: column.route ?? [], ways }, true);
    element.dataset.stale = String(!column.route && !column.error);
    if (!column.route) {
      text.textContent = column.error ?? "Solving…";
      legs.replaceChildren();
      return;
    }
    const excess = best ? column.time / best - 1 : 0;
    const above = column.optimal ? " (proved optimal)" : excess > 1e-9 ? ` (${(100 * excess).toFixed(1)} % above)` : best ? " (optimal)" : "";
    const figure = (name, value) => html("span", {}, `${name} `, html("b", {}, value));
    const broken = column.violations.length;
    text.replaceChildren(
      figure("travel time", shown(column.time) + above),
      figure("distance", `${shown(column.distance)} km`),
      figure("priorities", broken ? `✗ ${column.violations.join("; ")}` : "✓ kept"),
    );
    const rows = column.legs.map((leg) => {
      const bar = html("i", { style: `width:${(100 * leg.time) / longest}%` });
      return html("tr", {}, html("td", {}, `${leg.from} → ${leg.to}`), html("td", { class: "qg-number" }, shown(leg.time)), html("td", { class: "qg-leg-bar" }, bar));
    });
    const head = html("tr", {}, html("th", { scope: "col" }, "leg"), html("th", { scope: "col" }, "time"), html("td", {}));
    legs.replaceChildren(html("thead", {}, head), html("tbody", {}, ...rows));
  }
}

function render({ model, el }) {
  const life = new Life();
  new Routes(model, el, life);
  return () => life.end();
}

export default { render };
