// Cities: stops by type, roads by traffic, routes.

const STOPS = ["priority", "normal", "depot", "junction"];
const TRAFFIC = ["low", "medium", "high"];
const DIRECTIONS = ["two-way", "one-way"];

Object.assign(SHAPES, {
  priority: (r) => `M0,${-r * 1.2}L${r * 1.1},${r * 0.8}H${-r * 1.1}z`,
  normal: (r) => SHAPES.side0(r * 0.9),
  depot: (r) => SHAPES.side1(r * 0.9),
  junction: (r) => SHAPES.side0(r * 0.35),
});
Object.assign(BOXES, {
  priority: [-1.1, -1.2, 1.1, 0.8],
  normal: [-0.9, -0.9, 0.9, 0.9],
  depot: [-0.81, -0.81, 0.81, 0.81],
  junction: [-0.35, -0.35, 0.35, 0.35],
});

Object.assign(Canvas.prototype, {
  // A stop's name, after its position in the route.
  stopName(node, name) {
    const types = new Map(this.doc.nodes.map(({ id, type }) => [id, type]));
    const position = (this.doc.route ?? []).filter((stop) => types.get(stop) !== "depot").indexOf(node.id);
    return position < 0 ? name : `${position + 1}: ${name}`;
  },
  drawRoute() {
    const ways = this.doc.ways ?? [];
    this.legs = ways.flatMap((way) => way.slice(1).map((to, i) => this.drawLeg(way[i], to)));
    this.routeLayer.replaceChildren(...this.legs.flatMap(({ line, arrow }) => [line, arrow]));
  },
  drawLeg(from, to) {
    const line = svg("line", { class: "qg-leg" });
    const arrow = svg("path", { class: "qg-arrow", d: WAYS.arrow });
    return { from, to, line, arrow };
  },
  placeRoute() {
    for (const { from, to, line, arrow } of this.legs ?? []) {
      const [x1, y1, x2, y2] = [this.spotOf(from), this.spotOf(to)].flat().map(round);
      fill(line, { x1, y1, x2, y2 });
      fill(arrow, { transform: along([x1, y1, x2, y2], 0.62) });
    }
  },
  describeRoad(edge) {
    if (this.doc.mode !== "city") return null;
    const oneway = edge.oneway ? ", one-way" : "";
    return `Road ${edge.from} – ${edge.to}, ${shown(edge.distance)} km, ${edge.traffic} traffic${oneway}`;
  },
});

Object.assign(Editing.prototype, {
  stopFields(node) {
    return this.doc.mode === "city" ? [this.choiceField("type", node.type, STOPS)] : [];
  },
  roadFields(edge) {
    if (this.doc.mode !== "city") return null;
    return [
      this.choiceField("traffic", edge.traffic, TRAFFIC),
      this.numberField("distance", edge.distance, "a number of at least 0", (value) => value >= 0),
      this.choiceField("direction", DIRECTIONS[Number(edge.oneway ?? false)], DIRECTIONS),
    ];
  },
  setRoad(edge, { distance, traffic, direction }) {
    if (this.doc.mode !== "city") return false;
    const wanted = { distance, traffic, oneway: direction === "one-way" };
    const changed = Object.entries(wanted).filter(([name, value]) => value !== (edge[name] ?? false));
    if (changed.length) this.edit("road", { edge: endsOf(edge), ...Object.fromEntries(changed) });
    return true;
  },
});

export { TRAFFIC };
