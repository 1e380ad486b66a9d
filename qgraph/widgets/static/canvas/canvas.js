// A drawing of a graph or a city: SVG in pixels, so that nodes keep their size when the view is zoomed.

const RADIUS = 14;
const MARGIN = 32; // pixels between the outermost places and the canvas's edge
const ZOOM = 1.25;
const MOST_NAMES = 150;

// Names a node or an edge in sets; "" stands for nothing.
function keyOf(item) {
  if (item === null) return "";
  return item.node === undefined ? `e${JSON.stringify(item.edge)}` : `n${item.node}`;
}
const keyOfNode = (node) => keyOf({ node: node.id });
const endsOf = (edge) => [edge.from, edge.to];
const keyOfEdge = (edge) => keyOf({ edge: endsOf(edge) });

const round = (value) => Math.round(value * 10) / 10;
const middleOf = ([x1, y1], [x2, y2]) => [(x1 + x2) / 2, (y1 + y2) / 2];
const distanceOf = ([x1, y1], [x2, y2]) => Math.hypot(x1 - x2, y1 - y2);
const extent = (values) => (values.length ? [Math.min(...values), Math.max(...values)] : [-1, 1]);

// An arrow head on a line, a share of the way along it.
function along([x1, y1, x2, y2], share) {
  const turn = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
  return `translate(${x1 + (x2 - x1) * share},${y1 + (y2 - y1) * share}) rotate(${turn})`;
}

class Canvas {
  constructor(life, { label, height = 340, small = false }) {
    this.small = small;
    this.doc = { mode: "graph", nodes: [], edges: [] };
    this.held = new Map(); // places of nodes during a gesture, until Python has answered it
    this.aside = new Map(); // pixels by which symbols stand aside, so that none covers another
    this.ranks = new Map(); // of nodes that were moved: the later, the higher, the less they stand aside
    this.radius = RADIUS;
    this.widths = false; // whether widths of lines stand for weights, in place of numbers
    this.scale = 1;
    this.middle = [0, 0];
    this.fitted = true;
    this.overlay = null;
    this.selected = new Set();
    this.current = null;
    const layers = ["edge", "route", "plate", "node", "tip"].map((name) => {
      this[`${name}Layer`] = svg("g", { class: `qg-${name}s` });
      return this[`${name}Layer`];
    });
    this.rubber = svg("g", { class: "qg-gesture" });
    layers.push(this.rubber);
    this.svg = svg("svg", { class: "qg-canvas", role: "img", "aria-label": label, height }, ...layers);
    this.size = [420, height];
    const watch = new ResizeObserver(([entry]) => this.resize(entry.contentRect));
    watch.observe(this.svg);
    life.atEnd(() => watch.disconnect());
    this.watchTips(life);
  }
  focus() {
    this.svg.focus({ preventScroll: true });
  }

  // -- coordinates --------------------------------------------------------------------------------
  at(name) {
    return this.held.get(name) ?? this.places.get(name) ?? [0, 0];
  }
  spotOf(name) {
    const [x, y] = this.toScreen(this.at(name));
    const [dx, dy] = (!this.held.has(name) && this.aside.get(name)) || [0, 0];
    return [x + dx, y + dy];
  }
  // Where a node is drawn, in the drawing's own coordinates.
  seenAt(name) {
    return this.toData(this.spotOf(name));
  }
  toScreen([x, y]) {
    const [width, height] = this.size;
    return [width / 2 + (x - this.middle[0]) * this.scale, height / 2 - (y - this.middle[1]) * this.scale];
  }
  toData([px, py]) {
    const [width, height] = this.size;
    return [(px - width / 2) / this.scale + this.middle[0], (height / 2 - py) / this.scale + this.middle[1]];
  }
  // The width of the drawing divided by its height.
  get aspect() {
    const [width, height] = this.size.map((pixels) => Math.max(pixels - 2 * MARGIN, 20));
    return width / height;
  }
  // The box of a node's symbol, an edge's weight or its middle: in pixels of the window.
  boxOf({ node, edge }) {
    const { left, top } = this.svg.getBoundingClientRect();
    const stroke = edge && this.strokes.find((other) => keyOfEdge(other.edge) === keyOf({ edge }));
    const [from, to] = (edge ?? [node, node]).map((end) => this.spotOf(end));
    const around = this.pieces.get(node)?.box ?? [-8, -8, 8, 8];
    const box = this.plateBoxes.get(stroke) ?? moved(around, ...middleOf(from, to));
    return moved(box, left, top);
  }
  // The node whose symbol is at a spot.
  nodeAt([x, y]) {
    const holds = ([left, top, right, bottom]) => x >= left && x <= right && y >= top && y <= bottom;
    const pieces = [...this.pieces.values()];
    return pieces.find(({ node, box }) => holds(moved(box, ...this.spotOf(node.id))))?.node.id;
  }
  resize({ width, height }) {
    if (!width || !height) return; // hidden
    this.size = [width, height];
    if (this.fitted) this.fit();
    else this.place();
    this.onresize?.();
  }
  extent() {
    const places = this.doc.nodes.map((node) => this.at(node.id));
    return [0, 1].map((axis) => extent(places.map((place) => place[axis])));
  }
  fit() {
    const [[left, right], [low, high]] = this.extent();
    const least = (Math.max(right - left, high - low) || 2) / 9;
    const [width, height] = this.size.map((pixels) => Math.max(pixels - 2 * MARGIN, 20));
    this.middle = middleOf([left, low], [right, high]);
    this.scale = Math.min(width / Math.max(right - left, least), height / Math.max(high - low, least));
    this.fitted = true;
    this.place();
  }
  zoom(factor, [px, py] = [this.size[0] / 2, this.size[1] / 2]) {
    const [x, y] = this.toData([px, py]);
    this.scale *= factor;
    this.middle = [x - (px - this.size[0] / 2) / this.scale, y + (py - this.size[1] / 2) / this.scale];
    this.fitted = false;
    this.place();
  }
  pan(dx, dy) {
    this.middle = [this.middle[0] - dx / this.scale, this.middle[1] + dy / this.scale];
    this.fitted = false;
    this.place();
  }

  // -- what is drawn ------------------------------------------------------------------------------
  /** @param {GraphDocument} doc */
  show(doc, refit = false) {
    const before = this.places;
    this.doc = doc;
    this.places = new Map(doc.nodes.map((node) => [node.id, [node.x, node.y]]));
    this.largest = Math.max(...doc.edges.map((edge) => Math.abs(edge.weight ?? 1)), 0) || 1;
    this.named = doc.nodes.length <= MOST_NAMES;
    this.draw();
    if (refit || (this.fitted && this.needsFit(before))) this.fit();
    else this.place();
  }
  // Whether one node is outside, or several and most are not where they were.
  needsFit(before) {
    const { nodes } = this.doc;
    const isElsewhere = ({ id, x, y }) => before?.get(id)?.[0] !== x || before.get(id)[1] !== y;
    const elsewhere = nodes.filter(isElsewhere).length;
    return nodes.some(({ id }) => this.isOutside(id)) || (elsewhere > 1 && 2 * elsewhere > nodes.length);
  }
  isOutside(name) {
    return this.spotOf(name).some((pixel, i) => pixel < 0 || pixel > this.size[i]);
  }
  /**
   * Show a cut in place of the document's own labels.
   * @param {Object<string, number> | null} labels 0 or 1 for each node; null shows the document's own again
   */
  showCut(labels) {
    this.overlay = labels;
    this.refresh();
  }
  refresh() {
    this.draw();
    this.place();
  }
  side(name) {
    const labels = this.overlay ?? this.doc.labels;
    return labels ? labels[name] : undefined;
  }

  // -- where it is drawn --------------------------------------------------------------------------
  // Move everything to its place, or only some nodes and their edges.
  place(names) {
    if (this.pieces && names) this.placeSome(names);
    else if (this.pieces) this.placeAll();
    this.placeRoute?.();
    this.onplace?.();
  }
  placeAll() {
    this.arrange();
    for (const piece of this.pieces.values()) this.placeNode(piece);
    for (const stroke of this.strokes) this.placeEdge(stroke);
    this.placeLabels();
  }
  placeSome(names) {
    const known = names.filter((name) => this.pieces.has(name));
    const strokes = [...new Set(known.flatMap((name) => this.touching.get(name)))];
    for (const name of known) this.placeNode(this.pieces.get(name));
    for (const stroke of strokes) this.placeEdge(stroke);
    this.placeLabels(known, strokes);
  }
  // Let symbols stand aside until none covers another. Where the space is too small, they become smaller.
  arrange() {
    this.radius = this.nodeRadius();
    while (!this.standAside() && this.radius > LEAST) this.radius = Math.max(LEAST, 0.85 * this.radius);
  }
  standAside() {
    this.sizeNodes();
    this.aside = new Map();
    const symbols = [...this.pieces.values()].map(({ node, box }) => {
      const rank = this.held.has(node.id) ? Infinity : (this.ranks.get(node.id) ?? 0);
      return { name: node.id, from: this.spotOf(node.id), spot: this.spotOf(node.id), box, rank };
    });
    const apart = spread(symbols, this.fitted ? this.size : null);
    for (const { name, from, spot } of symbols) this.aside.set(name, [spot[0] - from[0], spot[1] - from[1]]);
    return apart;
  }
  // Nodes that were moved by hand stay where they were put.
  keep(places) {
    const rank = Math.max(0, ...this.ranks.values()) + 1;
    for (const [name, place] of Object.entries(places)) {
      this.ranks.set(name, rank);
      this.places.set(name, place);
    }
  }
  placeNode({ node, group }) {
    group.setAttribute("transform", `translate(${this.spotOf(node.id).map(round)})`);
  }
  placeEdge({ edge, lines, arrow }) {
    const [x1, y1, x2, y2] = endsOf(edge).flatMap((end) => this.spotOf(end).map(round));
    for (const line of lines) fill(line, { x1, y1, x2, y2 });
    arrow?.setAttribute("transform", along([x1, y1, x2, y2], 0.6));
  }

  // -- in words -----------------------------------------------------------------------------------
  describe(item) {
    if (!item) return "";
    return item.node === undefined ? this.describeEdge(item.edge) : this.describeNode(item.node);
  }
  describeNode(name) {
    const type = this.doc.nodes.find((node) => node.id === name)?.type;
    const edges = this.doc.edges.filter((edge) => endsOf(edge).includes(name)).length;
    return `Node ${name}${type ? `, ${type}` : ""}, ${edges} ${edges === 1 ? "edge" : "edges"}`;
  }
  describeEdge([from, to]) {
    const edge = this.doc.edges.find((other) => other.from === from && other.to === to);
    if (!edge) return "";
    return this.describeRoad?.(edge) ?? `Edge ${from} – ${to}, weight ${shown(edge.weight, 6)}`;
  }
}

export {
  along,
  Canvas,
  distanceOf,
  endsOf,
  keyOf,
  keyOfEdge,
  keyOfNode,
  MARGIN,
  middleOf,
  RADIUS,
  extent,
  round,
  ZOOM,
};
