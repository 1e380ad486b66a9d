// The elements of a drawing: nodes, edges and weights.

const MOST_WEIGHTS = 120;
const LARGEST = 14; // the radius of few symbols, in pixels
const LARGEST_SMALL = 9;
const LEAST = 3;
const LEAST_INSIDE = 9; // with a name inside
const ROOM = 0.17; // the radius, as a share of the side of the square that each symbol has for itself
// A regular polygon of this many corners, the first at an angle in turns.
const polygon = (corners, first) => (r) => {
  const at = (i) => 2 * Math.PI * (first + i / corners);
  const spots = Array.from({ length: corners }, (_, i) => [r * Math.cos(at(i)), r * Math.sin(at(i))]);
  return `M${spots.map((spot) => spot.map(round)).join("L")}z`;
};
// A shape for each side of a cut, and for each color of a coloring.
const SHAPES = {
  side0: (r) => `M${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0z`,
  side1: (r) => `M${-r * 0.9},${-r * 0.9}h${r * 1.8}v${r * 1.8}h${-r * 1.8}z`,
  side2: polygon(3, -0.25),
  side3: polygon(4, 0),
  side4: polygon(3, 0.25),
  side5: polygon(6, 0),
  side6: polygon(5, -0.25),
  side7: polygon(8, 1 / 16),
};
const BOXES = { side1: [-0.9, -0.9, 0.9, 0.9] }; // around a shape of radius 1, if smaller than a circle's
for (const kind of Object.keys(SHAPES)) BOXES[kind] ??= [-1, -1, 1, 1];
const WAYS = { arrow: "M-7,-6L7,0L-7,6z", oneway: "M-5,-5L6,0L-5,5z" };
const EDGE = 1; // pixels that a shape's line needs around it

Object.assign(Canvas.prototype, {
  draw() {
    const { nodes, edges } = this.doc;
    this.weighted = this.showsWeights();
    this.alike = edges.every((edge) => edge.weight === edges[0].weight);
    this.font = this.fontOf(12);
    this.pieces = new Map(nodes.map((node) => [node.id, this.drawNode(node)]));
    this.strokes = edges.map((edge) => this.drawEdge(edge));
    this.nodeLayer.replaceChildren(...[...this.pieces.values()].map((piece) => piece.group));
    this.edgeLayer.replaceChildren(...this.strokes.map((stroke) => stroke.group));
    this.plateLayer.replaceChildren(...this.strokes.map((stroke) => stroke.plate).filter(Boolean));
    this.touching = new Map(nodes.map((node) => [node.id, []]));
    for (const stroke of this.strokes)
      for (const end of endsOf(stroke.edge)) this.touching.get(end)?.push(stroke);
    this.sizeNodes();
    this.drawRoute?.();
    this.restyle?.();
  },
  // Many symbols in a small drawing are small symbols.
  nodeRadius() {
    const [width, height] = this.extent().map((range) => (range[1] - range[0]) * this.scale + 2 * MARGIN);
    const side = Math.sqrt((width * height) / Math.max(this.doc.nodes.length, 1));
    const most = this.small ? LARGEST_SMALL : LARGEST;
    const least = this.doc.nodes.some((node) => this.hasPlaceInside(node)) ? LEAST_INSIDE : LEAST;
    return Math.round(2 * clamp(ROOM * side, least, most)) / 2;
  },
  sizeNodes() {
    for (const piece of this.pieces.values()) this.sizeNode(piece);
  },
  sizeNode(piece) {
    const { kind, grip, ring, shape } = piece;
    const { radius } = this;
    if (piece.radius === radius) return;
    piece.radius = radius;
    piece.box = BOXES[kind].map((value) => value * radius + Math.sign(value) * EDGE);
    grip.setAttribute("r", Math.max(radius, 12));
    ring.setAttribute("d", SHAPES.side0(radius + 5));
    shape.setAttribute("d", SHAPES[kind](radius));
    shape.style.strokeWidth = radius < LEAST_INSIDE / 2 ? 0.5 : "";
  },
  showsWeights() {
    const { edges, mode } = this.doc;
    if (this.small || this.widths || mode !== "graph" || edges.length > MOST_WEIGHTS) return false;
    return edges.some((edge) => edge.weight !== 1);
  },
  // The group of a node or an edge; clicks find the item that it stands for.
  group(item, ...classes) {
    const key = keyOf(item);
    if (this.selected.has(key)) classes.push("qg-selected");
    if (keyOf(this.current) === key) classes.push("qg-current");
    const group = svg("g", { class: ["qg-item", ...classes].filter(Boolean).join(" ") });
    group.item = item;
    return group;
  },
  drawNode(node) {
    const kind = this.nodeKind(node);
    const group = this.group({ node: node.id }, "qg-node", `qg-${kind}`);
    const grip = svg("circle", { class: "qg-grip" });
    const ring = svg("path", { class: "qg-ring" });
    const shape = svg("path", { class: "qg-shape" });
    const name = node.label ?? node.id;
    const full = visible(this.stopName?.(node, name) ?? name);
    const text = this.showsName(node, kind) ? svg("text", { class: "qg-name" }, full) : null;
    group.append(...[grip, ring, shape, text, svg("title", {}, this.nodeTitle(node))].filter(Boolean));
    return { node, kind, group, grip, ring, shape, text, full };
  },
  nodeKind(node) {
    if (this.doc.mode === "city") return node.type;
    return `side${this.side(node.id) ?? 0}`;
  },
  nodeTitle(node) {
    const name = node.label ?? node.id;
    const side = this.side(node.id);
    if (this.doc.mode === "city") return `${name} (${node.type})`;
    return side === undefined ? name : `${name} on side ${side}`;
  },
  hasPlaceInside({ id, label }) {
    return this.named && this.doc.mode === "graph" && [...id].length <= 2 && !label;
  },
  showsName(node, kind) {
    return this.named && (kind !== "junction" || (!this.small && Boolean(node.label)));
  },

  drawEdge(edge) {
    const item = { edge: endsOf(edge) };
    const group = this.group(item, "qg-edge", this.edgeKind(edge), this.cutKind(edge));
    const lines = [
      svg("line", { class: "qg-grip" }),
      svg("line", { class: "qg-casing" }),
      svg("line", { class: "qg-line", style: this.lineStyle(edge) }),
    ];
    const arrow = edge.oneway ? svg("path", { class: "qg-oneway", d: WAYS.oneway }) : null;
    const weight = this.doc.mode === "graph" && !this.small ? shown(edge.weight, 3) : "";
    const plate = this.weighted ? this.drawWeight(item, weight) : null;
    const title = svg("title", {}, this.describe(item));
    group.append(...[...lines, arrow, title].filter(Boolean));
    return { edge, group, lines, plate, weight, arrow };
  },
  // The width of a line shows the size of the weight: a little beside numbers, in full without them.
  lineStyle(edge) {
    if (this.doc.mode === "city") return "--qg-width:3";
    const share = Math.abs(edge.weight) / this.largest;
    if (this.alike && this.doc.edges.length > MOST_WEIGHTS) return "--qg-width:1.2";
    return `--qg-width:${round(this.widths ? 0.8 + 8.2 * share : 1.2 + 2.6 * share)}`;
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
  drawWeight(item, weight) {
    const width = measure(weight, this.font).width + 4;
    const plate = svg("rect", { class: "qg-plate", x: -width / 2, y: -7, width, height: 14, rx: 3 });
    const text = svg("text", { "text-anchor": "middle", dy: "0.35em" }, weight);
    const group = svg("g", { class: "qg-item qg-weight" }, plate, text);
    group.item = item;
    return group;
  },
});

export { BOXES, LEAST, LEAST_INSIDE, SHAPES, WAYS };
