// Names beside symbols and weights on edges: where there is space, else hidden until they are asked for.

const PAD = 2; // pixels around a text, for its halo
const SHORT = [14, 10, 7]; // characters of a shortened name
// Directions and distances for a name, and how much less each is liked than to the right and near.
const CANDIDATES = [1, 9].flatMap((gap) =>
  Array.from({ length: 16 }, (_, i) => {
    const taste = 0.1 * gap + 0.02 * Math.min(i, 16 - i) + (i % 4 ? 0.05 : 0);
    return { angle: (i * Math.PI) / 8, gap, taste };
  }),
);
const SLIDES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74]; // along an edge, best first
const ACROSS = 1; // what a crossed line costs a place
const BESIDE = 0.6; // what an edge in the same direction costs
const STRANGE = 0.8; // what another node's symbol costs that is as close as the own
const CLOSE = 4; // pixels

const pen = document.createElement("canvas").getContext("2d");
const measured = new Map();
// The width of a text, and how far it reaches above and below its line (pixels).
function measure(text, font) {
  const key = `${font} ${text}`;
  if (!measured.has(key)) {
    if (measured.size > 5000) measured.clear();
    pen.font = font;
    const { width, fontBoundingBoxAscent: above, fontBoundingBoxDescent: below } = pen.measureText(text);
    measured.set(key, { width, above, below });
  }
  return measured.get(key);
}
// A box of a size in a direction from a spot, outside a square around it.
function boxBeside([x, y], [w, h], angle, distance) {
  const [across, down] = [Math.cos(angle), Math.sin(angle)];
  const reach = distance / Math.max(Math.abs(across), Math.abs(down));
  const left = x + across * reach + (clamp(across * 1.6, -1, 1) - 1) * (w / 2);
  const top = y + down * reach + (clamp(down * 1.6, -1, 1) - 1) * (h / 2);
  return [left, top, left + w, top + h];
}
const gapOf = (a, b) =>
  Math.hypot(Math.max(0, b[0] - a[2], a[0] - b[2]), Math.max(0, b[1] - a[3], a[1] - b[3]));
const turn = (a, b) => Math.abs(Math.atan2(Math.sin(a - b), Math.cos(a - b)));
const shortened = (text, most) => `${[...text].slice(0, most - 1).join("")}…`;
// The text, and shorter forms of it.
const formsOf = (text) => [
  text,
  ...SHORT.filter((most) => [...text].length > most).map((most) => shortened(text, most)),
];

Object.assign(Canvas.prototype, {
  fontOf(size) {
    const family = getComputedStyle(this.svg).fontFamily || "sans-serif";
    return `${size}px ${family}`;
  },
  // Place the names of some nodes and the weights on their edges, or all.
  placeLabels(names, strokes) {
    this.font = this.fontOf(12);
    const nodes = names ?? [...this.pieces.keys()];
    const edges = strokes ?? this.strokes;
    if (!names) this.nameBoxes = new Map();
    if (!names) this.plateBoxes = new Map();
    for (const name of nodes) this.nameBoxes.delete(name);
    for (const stroke of edges) this.plateBoxes.delete(stroke);
    this.lines = this.strokes.map(({ edge }) => endsOf(edge).map((end) => this.spotOf(end)));
    this.symbolBoxes = new Map(
      [...this.pieces].map(([name, { box }]) => [name, moved(box, ...this.spotOf(name))]),
    );
    for (const name of nodes) this.placeName(this.pieces.get(name));
    for (const stroke of edges) this.placePlate(stroke);
    this.placeTip();
  },
  // What a label in this region must not touch.
  obstacles(region) {
    const boxes = [this.symbolBoxes, this.nameBoxes, this.plateBoxes].flatMap((map) => [...map.values()]);
    return boxes.filter((box) => overlap(box, region));
  },
  isFree(box, obstacles) {
    const [width, height] = this.size;
    if (box[0] < 0 || box[1] < 0 || box[2] > width || box[3] > height) return false;
    return !obstacles.some((other) => overlap(box, other));
  },

  // -- names --------------------------------------------------------------------------------------
  placeName(piece) {
    const { text, full } = piece ?? {};
    if (!text) return;
    piece.inside = this.radius >= LEAST_INSIDE && this.hasPlaceInside(piece.node);
    text.classList.toggle("qg-inside", piece.inside);
    piece.shows = piece.inside;
    if (piece.inside) {
      fill(text, { x: 0, y: 0, dy: "0.35em", "text-anchor": "middle" }, full);
      text.style.fontSize = `${Math.min(12, this.radius)}px`;
    } else {
      text.style.fontSize = "";
      fill(text, { dy: null, "text-anchor": "start" });
      this.placeBeside(piece);
    }
    text.classList.toggle("qg-hidden", !piece.shows);
  },
  placeBeside(piece) {
    const { node, text, full } = piece;
    const spot = this.spotOf(node.id);
    const away = this.directions(node.id);
    for (const form of formsOf(full)) {
      const size = measure(form, this.font);
      const best = this.bestBeside(node.id, size, away);
      if (!best) continue;
      const [left, top] = [best[0] + PAD - spot[0], best[1] + PAD - spot[1]];
      fill(text, { x: round(left), y: round(top + size.above) }, form);
      this.nameBoxes.set(node.id, best);
      piece.shows = true;
      piece.whole = form === full;
      return;
    }
  },
  // The best free place for a text beside a symbol; none if there is no free place.
  bestBeside(name, { width, above, below }, away) {
    const [x, y] = this.spotOf(name);
    const own = this.symbolBoxes.get(name);
    const reach = Math.max(x - own[0], y - own[1], own[2] - x, own[3] - y);
    const [w, h] = [width + 2 * PAD, above + below + 2 * PAD];
    const far = reach + 12;
    const region = [x - far - w, y - far - h, x + far + w, y + far + h];
    const obstacles = this.obstacles(region);
    const lines = this.lines.filter(([a, b]) => crosses(a, b, region));
    const crossed = (box) => lines.filter(([a, b]) => crosses(a, b, box)).length;
    const others = [...this.symbolBoxes.values()].filter((box) => box !== own && overlap(box, region, CLOSE));
    const strange = (box) => others.filter((other) => gapOf(other, box) < gapOf(own, box) + CLOSE).length;
    let [best, least] = [null, Infinity];
    for (const { angle, gap, taste } of CANDIDATES) {
      const cost = away.reduce((sum, other) => sum + BESIDE * Math.max(0, 1 - turn(angle, other)), taste);
      if (cost >= least) continue;
      const box = boxBeside([x, y], [w, h], angle, reach + gap);
      const whole = this.isFree(box, obstacles)
        ? cost + ACROSS * crossed(box) + STRANGE * strange(box)
        : Infinity;
      if (whole < least) [best, least] = [box, whole];
    }
    return best;
  },
  // The angles at which edges leave a node.
  directions(name) {
    const [x, y] = this.spotOf(name);
    return this.touching.get(name).map(({ edge }) => {
      const [u, v] = this.spotOf(edge.from === name ? edge.to : edge.from);
      return Math.atan2(v - y, u - x);
    });
  },

  // -- weights ------------------------------------------------------------------------------------
  // A weight slides along its edge to a free place.
  placePlate(stroke) {
    const { plate, weight, edge } = stroke;
    if (!plate) return;
    const [from, to] = endsOf(edge).map((end) => this.spotOf(end));
    const { width } = measure(weight, this.font);
    const box = [-width / 2 - 3, -8, width / 2 + 3, 8];
    let [best, least] = [null, Infinity];
    for (const [i, share] of SLIDES.entries()) {
      const spot = [0, 1].map((k) => from[k] + (to[k] - from[k]) * share);
      const place = moved(box, ...spot);
      if (!this.isFree(place, this.obstacles(place))) continue;
      const others = this.lines.filter(([a, b]) => crosses(a, b, place)).length - 1;
      if (i * 0.2 + others < least) [best, least] = [spot, i * 0.2 + others];
    }
    stroke.shows = best !== null;
    plate.classList.toggle("qg-hidden", !best);
    if (!best) return;
    plate.setAttribute("transform", `translate(${best.map(round)})`);
    this.plateBoxes.set(stroke, moved(box, ...best));
  },

  // -- the name or weight that is asked for -------------------------------------------------------
  watchTips(life) {
    life.on(this.svg, "pointerover", ({ target }) => this.hover(target.closest("g.qg-item")?.item ?? null));
    life.on(this.svg, "pointerleave", () => this.hover(null));
  },
  hover(item) {
    if (keyOf(item) === keyOf(this.hovered ?? null)) return;
    this.hovered = item;
    this.placeTip();
  },
  // Show what is hidden of the item under the pointer, or else of the current one.
  placeTip() {
    const text = this.tipText(this.hovered) || this.tipText(this.current);
    this.tipLayer.replaceChildren();
    if (!text) return;
    const item = this.tipText(this.hovered) ? this.hovered : this.current;
    const [from, to] = (item.edge ?? [item.node, item.node]).map((end) => this.spotOf(end));
    const [x, y] = middleOf(from, to);
    const { width } = measure(text, this.font);
    const [w, h, gap] = [width + 10, 20, item.edge ? 0 : this.radius + 14];
    const left = clamp(x - w / 2, 0, Math.max(0, this.size[0] - w));
    const top = clamp(y - h / 2 - (y > gap + h ? gap : -gap), 0, Math.max(0, this.size[1] - h));
    this.tipLayer.append(
      svg("rect", { class: "qg-plate qg-tip", x: left, y: top, width: w, height: h, rx: 3 }),
      svg("text", { x: left + 5, y: top + h / 2, dy: "0.35em" }, text),
    );
  },
  tipText(item) {
    if (!item) return "";
    if (item.edge) {
      const stroke = this.strokes.find(({ edge }) => keyOfEdge(edge) === keyOf(item));
      return stroke?.weight && !stroke.shows ? stroke.weight : "";
    }
    const piece = this.pieces.get(item.node);
    return piece && !(piece.shows && (piece.inside || piece.whole)) ? piece.full : "";
  },
});

export { measure };
