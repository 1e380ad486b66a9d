// A drawing of a graph or a city: SVG, in pixels, so that nodes keep their size when zoomed.

const RADIUS = 14;
const MARGIN = 46;
const MOST_NAMES = 60;
const NAME_ANGLES = [0, -1, 1, -2, 2, -3, 3, 4].map((eighth) => (eighth * Math.PI) / 4); // the right first
const SHAPES = {
  side0: (r) => `M${-r},0a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0z`,
  side1: (r) => `M${-r * 0.9},${-r * 0.9}h${r * 1.8}v${r * 1.8}h${-r * 1.8}z`,
};
const keyOf = (item) => (item === null ? "" : item.node !== undefined ? `n${item.node}` : `e${JSON.stringify(item.edge)}`);
const round = (value) => Math.round(value * 10) / 10;

class Canvas {
  constructor(life, { label, height = 340, small = false }) {
    this.small = small;
    this.doc = { mode: "graph", nodes: [], edges: [] };
    this.held = new Map(); // where nodes are while a gesture or its answer is on the way
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
    const watch = new ResizeObserver(([entry]) => {
      const { width, height: tall } = entry.contentRect;
      if (!width || !tall || (width === this.size[0] && tall === this.size[1])) return;
      this.size = [width, tall];
      if (this.fitted) this.fit();
      else this.place();
    });
    watch.observe(this.svg);
    life.then(() => watch.disconnect());
  }

  at(name) {
    return this.held.get(name) ?? this.places.get(name) ?? [0, 0];
  }
  focus() {
    this.svg.focus({ preventScroll: true });
  }
  toScreen([x, y]) {
    return [this.size[0] / 2 + (x - this.middle[0]) * this.scale, this.size[1] / 2 - (y - this.middle[1]) * this.scale];
  }
  toData([px, py]) {
    return [(px - this.size[0] / 2) / this.scale + this.middle[0], (this.size[1] / 2 - py) / this.scale + this.middle[1]];
  }
  fit() {
    const places = this.doc.nodes.map((node) => this.at(node.id));
    const xs = places.map((place) => place[0]);
    const ys = places.map((place) => place[1]);
    const [left, right] = xs.length ? [Math.min(...xs), Math.max(...xs)] : [-1, 1];
    const [low, high] = ys.length ? [Math.min(...ys), Math.max(...ys)] : [-1, 1];
    const spread = Math.max(right - left, high - low) || 2;
    this.middle = [(left + right) / 2, (low + high) / 2];
    const room = [this.size[0] - 2 * MARGIN, this.size[1] - 2 * MARGIN].map((pixels) => Math.max(pixels, 20));
    this.scale = Math.min(room[0] / Math.max(right - left, spread / 9), room[1] / Math.max(high - low, spread / 9));
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

  show(doc, refit = false) {
    this.doc = doc;
    this.places = new Map(doc.nodes.map((node) => [node.id, [node.x, node.y]]));
    this.largest = Math.max(...doc.edges.map((edge) => Math.abs(edge.weight ?? 1)), 0) || 1;
    this.draw();
    const lost = doc.nodes.some((node) => {
      const [x, y] = this.toScreen(this.at(node.id));
      return x < 0 || y < 0 || x > this.size[0] || y > this.size[1];
    });
    if (refit || (this.fitted && lost)) this.fit();
    else this.place();
  }
  // Labels (node to 0 or 1) shown instead of the document's own; null to end.
  show_cut(labels) {
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

  draw() {
    const { nodes, edges, mode } = this.doc;
    const names = nodes.length <= MOST_NAMES;
    const radius = !names ? 4 : this.small ? 9 : RADIUS;
    this.radius = radius;
    this.pieces = new Map(nodes.map((node) => [node.id, this.drawNode(node, mode, radius, names)]));
    this.nodeLayer.replaceChildren(...[...this.pieces.values()].map((part) => part.group));
    const plain = edges.every((edge) => edge.weight === 1);
    const texts = !this.small && edges.length <= 80 && !plain && mode === "graph";
    this.strokes = edges.map((edge) => this.drawEdge(edge, mode, texts));
    this.edgeLayer.replaceChildren(...this.strokes.map((part) => part.group));
    this.touching = new Map(nodes.map((node) => [node.id, []]));
    for (const part of this.strokes) for (const end of [part.edge.from, part.edge.to]) this.touching.get(end)?.push(part);
    this.drawRoute?.();
  }
  drawNode(node, mode, radius, names) {
    const side = this.side(node.id);
    const kind = mode === "city" ? node.type : side === 1 ? "side1" : "side0";
    const item = { node: node.id };
    const marks = [this.selected.has(keyOf(item)) && "qg-selected", keyOf(this.current) === keyOf(item) && "qg-current"];
    const group = svg("g", { class: ["qg-node", `qg-${kind}`, ...marks.filter(Boolean)].join(" ") });
    group.item = item;
    const grip = svg("circle", { class: "qg-grip", r: Math.max(radius, 12) });
    const ring = svg("path", { class: "qg-ring", d: SHAPES.side0(radius + 5) });
    group.append(grip, ring, svg("path", { class: "qg-shape", d: SHAPES[kind](radius) }));
    const own = node.label ?? node.id;
    const name = this.visit?.(node, own) ?? own;
    const inside = mode === "graph" && node.id.length <= 2 && !node.label;
    if (names && !(kind === "junction" && (this.small || !node.label))) {
      const place = inside ? { class: "qg-name qg-inside", "text-anchor": "middle", dy: "0.35em" } : { class: "qg-name", dy: "0.35em" };
      group.append(svg("text", place, inside ? node.id : name));
    }
    group.append(svg("title", {}, [own, mode === "city" ? `(${node.type})` : side === undefined ? "" : `on side ${side}`].join(" ")));
    return { node, group };
  }
  drawEdge(edge, mode, texts) {
    const item = { edge: [edge.from, edge.to] };
    const [a, b] = [this.side(edge.from), this.side(edge.to)];
    const cut = a === undefined || b === undefined ? "" : a === b ? "qg-kept" : "qg-cut";
    const marks = [this.selected.has(keyOf(item)) && "qg-selected", keyOf(this.current) === keyOf(item) && "qg-current"];
    const kind = mode === "city" ? `qg-road qg-${edge.traffic}` : edge.weight < 0 ? "qg-negative" : "";
    const group = svg("g", { class: ["qg-edge", kind, cut, ...marks.filter(Boolean)].join(" ") });
    group.item = item;
    const width = mode === "city" ? 3 : 1.2 + (2.6 * Math.abs(edge.weight)) / this.largest;
    const lines = [svg("line", { class: "qg-grip" }), svg("line", { class: "qg-casing" }), svg("line", { class: "qg-line", "stroke-width": width })];
    group.append(...lines);
    const arrow = edge.oneway ? group.appendChild(svg("path", { class: "qg-oneway", d: "M-5,-5L6,0L-5,5z" })) : null;
    const text = texts ? this.drawWeight(shown(edge.weight, 3)) : null;
    if (text) group.append(text);
    group.append(svg("title", {}, this.describe(item)));
    return { edge, group, lines, text, arrow };
  }

  // On a plate, since a line that shows between the digits reads as a colon.
  drawWeight(weight) {
    const wide = 7 * weight.length + 4;
    const plate = svg("rect", { class: "qg-plate", x: -wide / 2, y: -7, width: wide, height: 14, rx: 3 });
    return svg("g", { class: "qg-weight" }, plate, svg("text", { "text-anchor": "middle", dy: "0.35em" }, weight));
  }

  // Put everything, or only what hangs on some nodes, where it belongs.
  place(names) {
    const nodes = names ? names.map((name) => this.pieces?.get(name)).filter(Boolean) : [...(this.pieces?.values() ?? [])];
    for (const { node, group } of nodes) {
      const [x, y] = this.toScreen(this.at(node.id));
      group.setAttribute("transform", `translate(${round(x)},${round(y)})`);
    }
    const edges = names ? new Set(names.flatMap((name) => this.touching.get(name) ?? [])) : (this.strokes ?? []);
    const ends = names ? new Set([...names, ...[...edges].flatMap(({ edge }) => [edge.from, edge.to])]) : (this.pieces?.keys() ?? []);
    for (const name of ends) this.placeName(name);
    for (const { edge, lines, text, arrow } of edges) {
      const [x1, y1, x2, y2] = [...this.toScreen(this.at(edge.from)), ...this.toScreen(this.at(edge.to))].map(round);
      for (const line of lines) fill(line, { x1, y1, x2, y2 });
      text?.setAttribute("transform", `translate(${(x1 + x2) / 2},${(y1 + y2) / 2})`);
      const turn = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
      arrow?.setAttribute("transform", `translate(${x1 + (x2 - x1) * 0.6},${y1 + (y2 - y1) * 0.6}) rotate(${turn})`);
    }
    this.placeRoute?.();
    this.onplace?.();
  }

  // Beside the node, where its edges leave most room.
  placeName(name) {
    const text = this.pieces.get(name)?.group.querySelector(".qg-name:not(.qg-inside)");
    if (!text) return;
    const [x, y] = this.toScreen(this.at(name));
    const taken = this.touching.get(name).map(({ edge }) => {
      const [there, up] = this.toScreen(this.at(edge.from === name ? edge.to : edge.from));
      return Math.atan2(up - y, there - x);
    });
    const room = (angle) => Math.min(...taken.map((other) => Math.abs(Math.atan2(Math.sin(angle - other), Math.cos(angle - other)))), 3);
    const best = NAME_ANGLES.reduce((a, b) => (room(b) > room(a) + 0.2 ? b : a));
    const [across, down] = [Math.cos(best), Math.sin(best)].map((part) => Math.round(part * 100) / 100);
    const anchor = across > 0.3 ? "start" : across < -0.3 ? "end" : "middle";
    const far = this.radius + (anchor === "middle" ? 9 : 4);
    fill(text, { x: round(across * far), y: round(down * far), "text-anchor": anchor });
  }

  describe(item) {
    if (!item) return "";
    if (item.node !== undefined) {
      const node = this.doc.nodes.find((other) => other.id === item.node);
      const edges = this.doc.edges.filter((edge) => edge.from === item.node || edge.to === item.node).length;
      const kind = node?.type ? `, ${node.type}` : "";
      return `Node ${item.node}${kind}, ${edges} edges`;
    }
    const [from, to] = item.edge;
    const edge = this.doc.edges.find((other) => other.from === from && other.to === to);
    if (!edge) return "";
    return this.describeRoad?.(edge) ?? `Edge ${from} – ${to}, weight ${shown(edge.weight, 6)}`;
  }
}
