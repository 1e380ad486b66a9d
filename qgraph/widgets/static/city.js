// Cities: stops by type, roads by traffic, routes.

const STOPS = ["priority", "normal", "depot", "junction"];
const TRAFFIC = ["low", "medium", "high"];

Object.assign(SHAPES, {
  priority: (r) => `M0,${-r * 1.2}L${r * 1.1},${r * 0.8}H${-r * 1.1}z`,
  normal: (r) => SHAPES.side0(r * 0.9),
  depot: (r) => SHAPES.side1(r * 0.9),
  junction: (r) => SHAPES.side0(r * 0.35),
});

Object.assign(Canvas.prototype, {
  visit(node, name) {
    const place = (this.doc.route ?? []).filter((stop) => this.doc.nodes.find((other) => other.id === stop)?.type !== "depot").indexOf(node.id);
    return place >= 0 ? `${place + 1}: ${name}` : name;
  },
  drawRoute() {
    const ways = this.doc.ways ?? [];
    this.legs = ways.flatMap((way) => way.slice(1).map((to, i) => ({ from: way[i], to })));
    for (const leg of this.legs) leg.parts = [svg("line", { class: "qg-leg" }), svg("path", { class: "qg-arrow", d: "M-7,-6L7,0L-7,6z" })];
    this.routeLayer.replaceChildren(...this.legs.flatMap((leg) => leg.parts));
  },
  placeRoute() {
    for (const { from, to, parts } of this.legs ?? []) {
      const [x1, y1, x2, y2] = [...this.toScreen(this.at(from)), ...this.toScreen(this.at(to))].map(round);
      const turn = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
      fill(parts[0], { x1, y1, x2, y2 });
      fill(parts[1], { transform: `translate(${x1 + (x2 - x1) * 0.62},${y1 + (y2 - y1) * 0.62}) rotate(${turn})` });
    }
  },
  describeRoad(edge) {
    if (this.doc.mode !== "city") return null;
    return `Road ${edge.from} – ${edge.to}, ${shown(edge.distance)} km, ${edge.traffic} traffic${edge.oneway ? ", one-way" : ""}`;
  },
});

Object.assign(Editing.prototype, {
  choiceField(name, value, options) {
    const control = html("select", {}, ...options.map((option) => html("option", { value: option, selected: option === value }, option)));
    return { name, control, valid: () => true, value: () => control.value };
  },
  stopFields(node) {
    return this.doc.mode === "city" ? [this.choiceField("type", node.type, STOPS)] : [];
  },
  roadFields(edge) {
    if (this.doc.mode !== "city") return null;
    return [
      this.choiceField("traffic", edge.traffic, TRAFFIC),
      this.numberField("distance", edge.distance, "a number of at least 0", (value) => value >= 0),
      this.choiceField("direction", edge.oneway ? "one-way" : "two-way", ["two-way", "one-way"]),
    ];
  },
  setRoad(edge, ends, { distance, traffic, direction }) {
    if (this.doc.mode !== "city") return false;
    const now = { distance, traffic, oneway: direction === "one-way" };
    const changed = Object.entries(now).filter(([name, value]) => value !== (edge[name] ?? false));
    if (changed.length) this.edit("road", { edge: ends, ...Object.fromEntries(changed) });
    return true;
  },
});
