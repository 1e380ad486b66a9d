// The elements of a drawing: nodes, edges and weights.

const MOST_NAMES = 60;
const MOST_WEIGHTS = 80;
const DOT = 4; // the radius of nodes without names
const SMALL = 9;
const SHAPES = {
  side0: (r) => `M${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0z`,
  side1: (r) => `M${-r * 0.9},${-r * 0.9}h${r * 1.8}v${r * 1.8}h${-r * 1.8}z`,
};
const WAYS = { arrow: "M-7,-6L7,0L-7,6z", oneway: "M-5,-5L6,0L-5,5z" };

Object.assign(Canvas.prototype, {
  draw() {
    const { nodes, edges } = this.doc;
    this.named = nodes.length <= MOST_NAMES;
    this.radius = this.nodeRadius();
    this.weighted = this.showsWeights();
    this.pieces = new Map(nodes.map((node) => [node.id, this.drawNode(node)]));
    this.strokes = edges.map((edge) => this.drawEdge(edge));
    this.nodeLayer.replaceChildren(...[...this.pieces.values()].map((piece) => piece.group));
    this.edgeLayer.replaceChildren(...this.strokes.map((stroke) => stroke.group));
    this.touching = new Map(nodes.map((node) => [node.id, []]));
    for (const stroke of this.strokes)
      for (const end of endsOf(stroke.edge)) this.touching.get(end)?.push(stroke);
    this.drawRoute?.();
    this.restyle?.();
  },
  nodeRadius() {
    if (!this.named) return DOT;
    return this.small ? SMALL : RADIUS;
  },
  showsWeights() {
    const { edges, mode } = this.doc;
    if (this.small || mode !== "graph" || edges.length > MOST_WEIGHTS) return false;
    return edges.some((edge) => edge.weight !== 1);
  },
  // The group of a node or an edge; clicks find the item that it stands for.
  group(item, ...classes) {
    const key = keyOf(item);
    if (this.selected.has(key)) classes.push("qg-selected");
    if (keyOf(this.current) === key) classes.push("qg-current");
    const group = svg("g", { class: classes.filter(Boolean).join(" ") });
    group.item = item;
    return group;
  },
  drawNode(node) {
    const kind = this.nodeKind(node);
    const group = this.group({ node: node.id }, "qg-node", `qg-${kind}`);
    const grip = svg("circle", { class: "qg-grip", r: Math.max(this.radius, 12) });
    const ring = svg("path", { class: "qg-ring", d: SHAPES.side0(this.radius + 5) });
    group.append(grip, ring, svg("path", { class: "qg-shape", d: SHAPES[kind](this.radius) }));
    if (this.showsName(node, kind)) group.append(this.drawName(node));
    group.append(svg("title", {}, this.nodeTitle(node)));
    return { node, group };
  },
  nodeKind(node) {
    if (this.doc.mode === "city") return node.type;
    return this.side(node.id) === 1 ? "side1" : "side0";
  },
  nodeTitle(node) {
    const name = node.label ?? node.id;
    const side = this.side(node.id);
    if (this.doc.mode === "city") return `${name} (${node.type})`;
    return side === undefined ? name : `${name} on side ${side}`;
  },
  showsName(node, kind) {
    return this.named && (kind !== "junction" || (!this.small && Boolean(node.label)));
  },
  drawName(node) {
    const inside = this.doc.mode === "graph" && node.id.length <= 2 && !node.label;
    if (inside)
      return svg("text", { class: "qg-name qg-inside", "text-anchor": "middle", dy: "0.35em" }, node.id);
    const name = node.label ?? node.id;
    return svg("text", { class: "qg-name", dy: "0.35em" }, this.stopName?.(node, name) ?? name);
  },

  drawEdge(edge) {
    const city = this.doc.mode === "city";
    const item = { edge: endsOf(edge) };
    const group = this.group(item, "qg-edge", this.edgeKind(edge), this.cutKind(edge));
    const width = city ? 3 : 1.2 + (2.6 * Math.abs(edge.weight)) / this.largest;
    const lines = [
      svg("line", { class: "qg-grip" }),
      svg("line", { class: "qg-casing" }),
      svg("line", { class: "qg-line", "stroke-width": width }),
    ];
    const arrow = edge.oneway ? svg("path", { class: "qg-oneway", d: WAYS.oneway }) : null;
    const text = this.weighted ? this.drawWeight(shown(edge.weight, 3)) : null;
    const title = svg("title", {}, this.describe(item));
    group.append(...[...lines, arrow, text, title].filter(Boolean));
    return { edge, group, lines, text, arrow };
  },
  edgeKind(edge) {
    if (this.doc.mode === "city") return `qg-road qg-${edge.traffic}`;
    return edge.weight < 0 ? "qg-negative" : "";
  },
  cutKind(edge) {
    const [a, b] = endsOf(edge).map((end) => this.side(end));
    if (a === undefined || b === undefined) return "";
    return a === b ? "qg-kept" : "qg-cut";
  },
  // A plate hides the line behind a weight. A line between two digits looks like a colon.
  drawWeight(weight) {
    const width = 7 * weight.length + 4;
    const plate = svg("rect", { class: "qg-plate", x: -width / 2, y: -7, width, height: 14, rx: 3 });
    const text = svg("text", { "text-anchor": "middle", dy: "0.35em" }, weight);
    return svg("g", { class: "qg-weight" }, plate, text);
  },
});

export { SHAPES, WAYS };
