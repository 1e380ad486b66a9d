// A drawing of a graph or a city: SVG in pixels, so that nodes keep their size when the view is zoomed.

const RADIUS = 14;
const MARGIN = 46;
const NAME_ANGLES = [0, -1, 1, -2, 2, -3, 3, 4].map((eighth) => (eighth * Math.PI) / 4); // best first: right
const ZOOM = 1.25;

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
    this.scale = 1;
    this.middle = [0, 0];
    this.fitted = true;
    this.overlay = null;
    this.selected = new Set();
    this.current = null;
    this.edgeLayer = svg("g", { class: "qg-edges" });
    this.routeLayer = svg("g", { class: "qg-route" });
    this.nodeLayer = svg("g", { class: "qg-nodes" });
    this.rubber = svg("g", { class: "qg-gesture" });
    const layers = [this.edgeLayer, this.routeLayer, this.nodeLayer, this.rubber];
    this.svg = svg("svg", { class: "qg-canvas", role: "img", "aria-label": label, height }, ...layers);
    this.size = [420, height];
    const watch = new ResizeObserver(([entry]) => this.resize(entry.contentRect));
    watch.observe(this.svg);
    life.atEnd(() => watch.disconnect());
  }
  focus() {
    this.svg.focus({ preventScroll: true });
  }

  // -- coordinates --------------------------------------------------------------------------------
  at(name) {
    return this.held.get(name) ?? this.places.get(name) ?? [0, 0];
  }
  spotOf(name) {
    return this.toScreen(this.at(name));
  }
  toScreen([x, y]) {
    const [width, height] = this.size;
    return [width / 2 + (x - this.middle[0]) * this.scale, height / 2 - (y - this.middle[1]) * this.scale];
  }
  toData([px, py]) {
    const [width, height] = this.size;
    return [(px - width / 2) / this.scale + this.middle[0], (height / 2 - py) / this.scale + this.middle[1]];
  }
  resize({ width, height }) {
    if (!width || !height || (width === this.size[0] && height === this.size[1])) return;
    this.size = [width, height];
    if (this.fitted) this.fit();
    else this.place();
  }
  fit() {
    const places = this.doc.nodes.map((node) => this.at(node.id));
    const [left, right] = extent(places.map((place) => place[0]));
    const [low, high] = extent(places.map((place) => place[1]));
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
    this.doc = doc;
    this.places = new Map(doc.nodes.map((node) => [node.id, [node.x, node.y]]));
    this.largest = Math.max(...doc.edges.map((edge) => Math.abs(edge.weight ?? 1)), 0) || 1;
    this.draw();
    if (refit || (this.fitted && doc.nodes.some((node) => this.isOutside(node.id)))) this.fit();
    else this.place();
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
    for (const piece of this.pieces.values()) this.placeNode(piece);
    for (const name of this.pieces.keys()) this.placeName(name);
    for (const stroke of this.strokes) this.placeEdge(stroke);
  }
  placeSome(names) {
    const strokes = new Set(names.flatMap((name) => this.touching.get(name) ?? []));
    const ends = [...strokes].flatMap((stroke) => endsOf(stroke.edge));
    for (const name of names) if (this.pieces.has(name)) this.placeNode(this.pieces.get(name));
    for (const name of new Set([...names, ...ends])) this.placeName(name);
    for (const stroke of strokes) this.placeEdge(stroke);
  }
  placeNode({ node, group }) {
    const [x, y] = this.spotOf(node.id);
    group.setAttribute("transform", `translate(${round(x)},${round(y)})`);
  }
  placeEdge({ edge, lines, text, arrow }) {
    const spots = endsOf(edge).map((end) => this.spotOf(end).map(round));
    const [x1, y1, x2, y2] = spots.flat();
    for (const line of lines) fill(line, { x1, y1, x2, y2 });
    text?.setAttribute("transform", `translate(${middleOf(...spots)})`);
    arrow?.setAttribute("transform", along([x1, y1, x2, y2], 0.6));
  }
  // A name stands beside its node, in the direction with the most space between edges.
  placeName(name) {
    const text = this.pieces.get(name)?.group.querySelector(".qg-name:not(.qg-inside)");
    if (!text) return;
    const taken = this.directions(name);
    const turn = (a, b) => Math.abs(Math.atan2(Math.sin(a - b), Math.cos(a - b)));
    const space = (angle) => Math.min(...taken.map((other) => turn(angle, other)), 3);
    const best = NAME_ANGLES.reduce((a, b) => (space(b) > space(a) + 0.2 ? b : a));
    const [across, down] = [Math.cos(best), Math.sin(best)].map((part) => Math.round(part * 100) / 100);
    let anchor = "middle";
    if (across > 0.3) anchor = "start";
    if (across < -0.3) anchor = "end";
    const away = this.radius + (anchor === "middle" ? 9 : 4);
    fill(text, { x: round(across * away), y: round(down * away), "text-anchor": anchor });
  }
  // The angles at which edges leave a node.
  directions(name) {
    const [x, y] = this.spotOf(name);
    return this.touching.get(name).map(({ edge }) => {
      const [u, v] = this.spotOf(edge.from === name ? edge.to : edge.from);
      return Math.atan2(v - y, u - x);
    });
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
