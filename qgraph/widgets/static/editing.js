// Gestures on a canvas. Each becomes one message; Python's answer is what counts.

const MODES = { select: "Select and move", node: "Add nodes", edge: "Connect nodes" };
const HELP =
  "Mouse: double-click adds, drag moves, Shift-drag connects, a click edits an edge, Ctrl-wheel zooms. " +
  "Keys: arrows go, Shift-arrows move, N new node, C connect (arrows, Enter), ] and [ go through all, " +
  "Enter edits, Space selects, Delete, Ctrl-Z, Ctrl-Y, + − 0 zoom.";
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const SLACK = 4; // pixels that a click may move

class Editing {
  constructor(model, life, { label, height }) {
    const { element: status, say } = statusLine();
    this.model = model;
    this.life = life;
    this.say = say;
    this.link = new Link(model, life, say);
    this.canvas = new Canvas(life, { label, height });
    this.mode = "select";
    this.from = null;
    this.gesture = null;
    this.pointers = new Map();
    this.form = null;
    this.stage = html("div", { class: "qg-stage" }, this.canvas.svg);
    this.element = html("div", { class: "qg-editing" }, this.toolbar(), this.stage, status);
    if (this.link.offline) this.offline(label);
    else this.listen(label);
    const { canvas } = this;
    life.on(canvas.svg, "wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      canvas.zoom(Math.exp(-event.deltaY / 300), this.spot(event));
    }, { passive: false });
    life.hear(model, "change:_document", () => this.hear());
    life.hear(model, "msg:custom", (content) => content.kind === "refused" && this.refused(content));
    this.hear(true);
  }

  offline(label) {
    fill(this.canvas.svg, { tabindex: 0, "aria-label": `${label}, a static copy` });
    this.say("A static copy: there is no kernel to answer changes.");
  }
  toolbar() {
    const { life } = this;
    this.tools = {};
    const tool = (name, text, title, action, more) => (this.tools[name] = button(text, title, action, life, more));
    const view = [tool("in", "+", "Zoom in", () => this.canvas.zoom(1.25)), tool("out", "−", "Zoom out", () => this.canvas.zoom(0.8)), tool("fit", "Fit", "Show everything", () => this.canvas.fit())];
    if (this.link.offline) return html("div", { class: "qg-tools", role: "toolbar", "aria-label": "View" }, ...view);
    const modes = Object.entries(MODES).map(([mode, title]) => tool(mode, title.split(" ")[0], title, () => this.use(mode), { "aria-pressed": String(mode === "select") }));
    const help = html("p", { class: "qg-help", hidden: true }, HELP);
    const rest = [
      tool("remove", "Delete", "Delete what is selected", () => this.remove()),
      tool("undo", "Undo", "Undo", () => this.link.send("undo")),
      tool("redo", "Redo", "Redo", () => this.link.send("redo")),
      ...view,
      tool("help", "?", "How to edit", () => {
        help.hidden = !help.hidden;
        this.tools.help.setAttribute("aria-expanded", String(!help.hidden));
      }, { "aria-expanded": "false" }),
    ];
    return html("div", {}, html("div", { class: "qg-tools", role: "toolbar", "aria-label": "Editing" }, ...modes, ...rest), help);
  }
  use(mode) {
    this.mode = mode;
    this.from = null;
    for (const name of Object.keys(MODES)) this.tools[name].setAttribute("aria-pressed", String(name === mode));
    this.stage.dataset.mode = mode;
  }

  // -- answers ------------------------------------------------------------------------------------
  hear(first = false) {
    const doc = this.model.get("_document");
    if (!this.link.settle(doc.answers) && !first) return;
    if (!this.gesture) this.canvas.held.clear();
    this.adopt(structuredClone(doc), first || (this.canvas.fitted && doc.answers?.view !== this.link.view));
    if (this.tools.undo) {
      this.tools.undo.disabled = !doc.undo;
      this.tools.redo.disabled = !doc.redo;
    }
    if (!first) this.say(this.canvas.describe(this.canvas.current));
  }
  adopt(doc, refit = false) {
    const keys = new Set([...doc.nodes.map((n) => keyOf({ node: n.id })), ...doc.edges.map((e) => keyOf({ edge: [e.from, e.to] }))]);
    const { canvas } = this;
    canvas.selected = new Set([...canvas.selected].filter((key) => keys.has(key)));
    if (canvas.current && !keys.has(keyOf(canvas.current))) canvas.current = null;
    canvas.show(doc, refit);
  }
  refused(content) {
    if (content.view !== this.link.view) return;
    if (this.link.settle(content)) {
      this.canvas.held.clear();
      this.adopt(structuredClone(this.model.get("_document")));
    }
    this.say(content.message.replaceAll("`", ""), "refused");
  }
  edit(kind, content) {
    return this.link.send("edit", { edit: { kind, ...content } });
  }
  refuse(text) {
    this.say(text, "refused");
  }

  // -- changes: shown at once, then confirmed -----------------------------------------------------
  get doc() {
    return this.canvas.doc;
  }
  add(place) {
    const taken = new Set(this.doc.nodes.map((node) => node.id));
    let id = this.doc.nodes.length;
    while (taken.has(String(id))) id++;
    const [x, y] = place.map((value) => Number(value.toPrecision(6)));
    const type = this.doc.mode === "city" ? { type: "junction" } : {};
    this.canvas.current = { node: String(id) };
    this.adopt({ ...this.doc, nodes: [...this.doc.nodes, { id: String(id), x, y, ...type }] });
    this.edit("add", { id: String(id), x, y });
  }
  connect(from, to) {
    this.from = null;
    this.canvas.svg.classList.remove("qg-connecting");
    if (from === to) return this.refuse("An edge needs two different nodes.");
    if (this.doc.edges.some((edge) => [edge.from, edge.to].includes(from) && [edge.from, edge.to].includes(to)))
      return this.refuse(`${from} and ${to} are connected already.`);
    const fields = this.doc.mode === "city" ? { distance: NaN, traffic: "low" } : { weight: 1 };
    this.adopt({ ...this.doc, edges: [...this.doc.edges, { from, to, ...fields }] });
    this.edit("connect", { from, to });
  }
  remove() {
    const { canvas } = this;
    const keys = new Set(canvas.selected);
    if (!keys.size && canvas.current) keys.add(keyOf(canvas.current));
    if (!keys.size) return this.refuse("Nothing is selected.");
    const nodes = this.doc.nodes.filter((node) => keys.has(keyOf({ node: node.id }))).map((node) => node.id);
    const edges = this.doc.edges.filter((edge) => keys.has(keyOf({ edge: [edge.from, edge.to] })));
    this.adopt({
      ...this.doc,
      nodes: this.doc.nodes.filter((node) => !nodes.includes(node.id)),
      edges: this.doc.edges.filter((edge) => !edges.includes(edge) && !nodes.includes(edge.from) && !nodes.includes(edge.to)),
    });
    this.edit("remove", { nodes, edges: edges.map((edge) => [edge.from, edge.to]) });
  }
  drop() {
    const places = Object.fromEntries([...this.canvas.held].map(([id, place]) => [id, place.map((v) => Number(v.toPrecision(6)))]));
    if (Object.keys(places).length) this.edit("move", { places });
  }
  choose(item, extend = false) {
    const { canvas } = this;
    canvas.current = item;
    if (!extend) canvas.selected.clear();
    if (item) canvas.selected[extend && canvas.selected.has(keyOf(item)) ? "delete" : "add"](keyOf(item));
    canvas.refresh();
    this.say(canvas.describe(item));
  }

  // -- mouse and touch ----------------------------------------------------------------------------
  spot(event) {
    const box = this.canvas.svg.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }
  itemAt(event) {
    // A captured pointer reports the canvas as its target.
    const element = this.canvas.svg.getRootNode().elementFromPoint(event.clientX, event.clientY);
    return element?.closest(".qg-node, .qg-edge")?.item ?? null;
  }
  nodeNear([px, py]) {
    const near = this.doc.nodes.map((node) => {
      const [x, y] = this.canvas.toScreen(this.canvas.at(node.id));
      return { id: node.id, distance: Math.hypot(x - px, y - py) };
    });
    return near.filter((node) => node.distance < RADIUS + 8).sort((a, b) => a.distance - b.distance)[0]?.id ?? null;
  }
  listen(label) {
    const { canvas, life } = this;
    fill(canvas.svg, { tabindex: 0, role: "application", "aria-label": `${label}. Press ? for the keys.` });
    life.on(canvas.svg, "pointerdown", (event) => this.down(event));
    life.on(canvas.svg, "pointermove", (event) => this.move(event));
    life.on(canvas.svg, "pointerup", (event) => this.up(event));
    life.on(canvas.svg, "pointercancel", (event) => this.cancel(event));
    life.on(canvas.svg, "dblclick", (event) => {
      const item = this.itemAt(event);
      if (item) this.openForm(item);
      else if (this.mode === "select") this.add(canvas.toData(this.spot(event)));
    });
    life.on(canvas.svg, "keydown", (event) => this.key(event));
    life.on(canvas.svg, "keyup", (event) => event.key === "Shift" && this.nudged());
    life.on(canvas.svg, "blur", () => this.nudged());
    canvas.onplace = () => this.placeForm();
  }
  down(event) {
    const { canvas } = this;
    const spot = this.spot(event);
    this.closeForm();
    canvas.focus();
    canvas.svg.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, spot);
    if (this.pointers.size === 2) return this.pinch();
    if (event.button === 1 || event.altKey) this.gesture = { kind: "pan", last: spot };
    else if (event.button !== 0) return undefined;
    else {
      const item = this.itemAt(event);
      const node = item?.node;
      if (node !== undefined && (this.mode === "edge" || event.shiftKey)) this.gesture = { kind: "connect", node, start: spot };
      else if (node !== undefined) this.grab(item, spot, event);
      else if (item) this.gesture = { kind: "edge", item, start: spot };
      else this.gesture = { kind: this.mode === "node" ? "add" : "box", start: spot };
    }
    if (event.pointerType !== "touch" || this.gesture.kind !== "box") event.preventDefault();
    return undefined;
  }
  grab(item, spot, event) {
    const { canvas } = this;
    const extend = event.ctrlKey || event.metaKey;
    if (extend || !canvas.selected.has(keyOf(item))) this.choose(item, extend);
    else canvas.current = item;
    const nodes = this.doc.nodes.map((node) => node.id).filter((id) => id === item.node || canvas.selected.has(keyOf({ node: id })));
    this.gesture = { kind: "move", nodes, start: spot, places: new Map(nodes.map((id) => [id, canvas.at(id)])), moved: false };
  }
  pinch() {
    const [a, b] = [...this.pointers.values()];
    this.canvas.held.clear();
    this.gesture = { kind: "pinch", width: Math.hypot(a[0] - b[0], a[1] - b[1]), middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2] };
  }
  move(event) {
    if (!this.pointers.has(event.pointerId) || !this.gesture) return;
    const spot = this.spot(event);
    this.pointers.set(event.pointerId, spot);
    const { canvas, gesture } = this;
    if (gesture.kind === "pinch") {
      const [a, b] = [...this.pointers.values()];
      const width = Math.hypot(a[0] - b[0], a[1] - b[1]);
      const middle = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
      canvas.pan(middle[0] - gesture.middle[0], middle[1] - gesture.middle[1]);
      if (gesture.width > 0 && width > 0) canvas.zoom(width / gesture.width, middle);
      this.gesture = { kind: "pinch", width, middle };
    } else if (gesture.kind === "pan") {
      canvas.pan(spot[0] - gesture.last[0], spot[1] - gesture.last[1]);
      gesture.last = spot;
    } else if (gesture.kind === "move") {
      const [dx, dy] = [spot[0] - gesture.start[0], spot[1] - gesture.start[1]];
      if (!gesture.moved && Math.hypot(dx, dy) < SLACK) return;
      gesture.moved = true;
      for (const [id, [x, y]] of gesture.places) canvas.held.set(id, [x + dx / canvas.scale, y - dy / canvas.scale]);
      canvas.place(gesture.nodes);
    } else if (gesture.kind === "connect") {
      const [x1, y1] = canvas.toScreen(canvas.at(gesture.node));
      canvas.rubber.replaceChildren(svg("line", { class: "qg-rubber", x1, y1, x2: spot[0], y2: spot[1] }));
    } else if (gesture.kind === "box") {
      const [x, y] = [0, 1].map((i) => Math.min(spot[i], gesture.start[i]));
      const [width, height] = [0, 1].map((i) => Math.abs(spot[i] - gesture.start[i]));
      canvas.rubber.replaceChildren(svg("rect", { class: "qg-rubber", x, y, width, height }));
    }
  }
  up(event) {
    this.pointers.delete(event.pointerId);
    const { canvas, gesture } = this;
    const spot = this.spot(event);
    this.gesture = null;
    canvas.rubber.replaceChildren();
    if (!gesture) return;
    const still = gesture.start && Math.hypot(spot[0] - gesture.start[0], spot[1] - gesture.start[1]) < SLACK;
    if (gesture.kind === "move" && gesture.moved) this.drop();
    else if (gesture.kind === "add") still && this.add(canvas.toData(spot));
    else if (gesture.kind === "edge") this.pressEdge(gesture.item, still, event);
    else if (gesture.kind === "connect") this.pressConnect(gesture.node, spot, still);
    else if (gesture.kind === "box" && !still) this.boxed(gesture.start, spot);
    else if (gesture.kind === "box") this.choose(null);
  }
  pressEdge(item, still, event) {
    if (!still) return;
    this.choose(item, event.ctrlKey || event.metaKey);
    if (!event.ctrlKey && !event.metaKey) this.openForm(item);
  }
  pressConnect(node, spot, still) {
    const other = this.nodeNear(spot);
    if (still && this.from !== null && this.from !== node) this.connect(this.from, node);
    else if (still) {
      this.from = node;
      this.choose({ node });
      this.say(`Connect ${node} with: choose another node.`);
    } else if (other !== null) this.connect(node, other);
    else this.refuse("An edge ends at a node.");
  }
  boxed(a, b) {
    const inside = (place) => place.every((v, i) => v >= Math.min(a[i], b[i]) && v <= Math.max(a[i], b[i]));
    const { canvas } = this;
    const nodes = this.doc.nodes.filter((node) => inside(canvas.toScreen(canvas.at(node.id))));
    this.select(nodes);
  }
  select(nodes) {
    const { canvas } = this;
    canvas.selected = new Set(nodes.map((node) => keyOf({ node: node.id })));
    canvas.current = nodes.length ? { node: nodes[0].id } : null;
    canvas.refresh();
    this.say(`${nodes.length} nodes selected`);
  }
  cancel(event) {
    this.pointers.delete(event.pointerId);
    this.gesture = null;
    this.canvas.held.clear();
    this.canvas.rubber.replaceChildren();
    this.canvas.place();
  }
}
