// A canvas that is edited. A gesture shows at once and becomes one message; Python's answer then replaces it.

const MODES = { select: "Select and move", node: "Add nodes", edge: "Connect nodes" };
const HELP = {
  "Mouse:":
    "Double-click an empty place to add a node. Drag a node to move it. Press Shift and drag from node to " +
    "node to connect them. Click an edge to edit it. Press Ctrl and turn the wheel to zoom.",
  "Keyboard:":
    "The arrow keys go from node to node. Shift and an arrow key move a node. N adds a node. C begins an " +
    "edge: go to another node and press Enter. ] and [ go through all nodes and edges. Enter edits. Space " +
    "selects. Delete removes. Ctrl-Z undoes and Ctrl-Y redoes. + and − zoom, 0 shows everything. Escape " +
    "ends what has begun; once more, and it leaves the view for the notebook's cell. Ctrl-S saves the " +
    "notebook; no other key reaches it from here.",
};

class Editing {
  constructor(model, life, { label, height }) {
    const { element: status, say } = statusLine();
    this.model = model;
    this.life = life;
    this.say = say;
    this.link = new Link(model, life, say);
    this.canvas = new Canvas(life, { label, height });
    this.mode = "select";
    this.from = null; // the node where a new edge begins
    this.gesture = null;
    this.pointers = new Map();
    this.form = null;
    this.stage = html("div", { class: "qg-stage" }, this.canvas.svg);
    this.element = html("div", { class: "qg-editing" }, this.toolbar(), this.stage, status);
    if (this.link.offline) this.explainOffline(label);
    else this.listen(label);
    life.on(this.canvas.svg, "wheel", (event) => this.wheel(event), { passive: false });
    life.onModel(model, "change:_document", () => this.hear());
    onMessages(model, life, {
      refused: (content) => this.hearRefusal(content),
    });
    this.hear(true);
  }
  explainOffline(label) {
    fill(this.canvas.svg, { tabindex: 0, "aria-label": `${label} (static copy)` });
    this.say("This is a static copy. It cannot be edited, because no kernel is running.");
  }
  get doc() {
    return this.canvas.doc;
  }

  // -- toolbar ------------------------------------------------------------------------------------
  toolbar() {
    this.tools = {};
    const bar = (label, ...tools) =>
      html("div", { class: "qg-tools", role: "toolbar", "aria-label": label }, ...tools);
    if (this.link.offline) return bar("View", ...this.viewTools());
    const help = this.helpText();
    const tools = [...this.modeTools(), ...this.editTools(), ...this.viewTools(), this.helpTool(help)];
    return html("div", {}, bar("Editing", ...tools), help);
  }
  tool(name, text, title, action, attributes) {
    this.tools[name] = button(text, title, action, this.life, attributes);
    return this.tools[name];
  }
  modeTools() {
    return Object.entries(MODES).map(([mode, title]) => {
      const pressed = { "aria-pressed": String(mode === this.mode) };
      return this.tool(mode, title.split(" ")[0], title, () => this.use(mode), pressed);
    });
  }
  editTools() {
    return [
      this.tool("remove", "Delete", "Delete the selection", () => this.remove()),
      this.tool("undo", "Undo", "Undo", () => this.link.send("undo")),
      this.tool("redo", "Redo", "Redo", () => this.link.send("redo")),
    ];
  }
  viewTools() {
    return [
      this.tool("in", "+", "Zoom in", () => this.canvas.zoom(ZOOM)),
      this.tool("out", "−", "Zoom out", () => this.canvas.zoom(1 / ZOOM)),
      this.tool("fit", "Fit", "Show everything", () => this.canvas.fit()),
    ];
  }
  helpText() {
    const parts = Object.entries(HELP).map(([name, text]) => html("p", {}, html("b", {}, name), ` ${text}`));
    return html("div", { class: "qg-help", hidden: true }, ...parts);
  }
  helpTool(help) {
    const toggle = () => {
      help.hidden = !help.hidden;
      this.tools.help.setAttribute("aria-expanded", String(!help.hidden));
    };
    return this.tool("help", "?", "How to edit", toggle, { "aria-expanded": "false" });
  }
  use(mode) {
    this.mode = mode;
    this.from = null;
    for (const name of Object.keys(MODES))
      this.tools[name].setAttribute("aria-pressed", String(name === mode));
    this.stage.dataset.mode = mode;
  }

  // -- answers ------------------------------------------------------------------------------------
  hear(first = false) {
    /** @type {GraphDocument} */
    const doc = this.model.get("_document");
    if (!this.link.settle(doc.answers) && !first) return;
    if (!this.gesture) this.canvas.held.clear();
    const elsewhere = doc.answers?.view !== this.link.view;
    this.adopt(structuredClone(doc), first || (this.canvas.fitted && elsewhere));
    if (this.tools.undo) {
      this.tools.undo.disabled = !doc.undo;
      this.tools.redo.disabled = !doc.redo;
    }
    if (!first) this.say(this.canvas.describe(this.canvas.current));
  }
  /** @param {Refused} content */
  hearRefusal(content) {
    if (content.view !== this.link.view) return;
    if (this.link.settle(content)) {
      this.canvas.held.clear();
      this.adopt(structuredClone(this.model.get("_document")));
    }
    this.refuse(content.message.replaceAll("`", ""));
  }
  /** @param {GraphDocument} doc */
  adopt(doc, refit = false) {
    const { canvas } = this;
    const keys = new Set([...doc.nodes.map(keyOfNode), ...doc.edges.map(keyOfEdge)]);
    canvas.selected = new Set([...canvas.selected].filter((key) => keys.has(key)));
    if (canvas.current && !keys.has(keyOf(canvas.current))) canvas.current = null;
    canvas.show(doc, refit);
  }
  refuse(text) {
    this.say(text, "refused");
  }

  // -- changes: shown at once, then confirmed -----------------------------------------------------
  /**
   * @param {Edit["kind"]} kind
   * @param {object} content the edit's other fields
   */
  edit(kind, content) {
    this.link.send("edit", { edit: { kind, ...content } });
  }
  add(place) {
    const taken = new Set(this.doc.nodes.map((node) => node.id));
    let number = this.doc.nodes.length;
    while (taken.has(String(number))) number += 1;
    const id = String(number);
    const [x, y] = rounded(place);
    const type = this.doc.mode === "city" ? { type: "junction" } : {};
    this.canvas.current = { node: id };
    this.adopt({ ...this.doc, nodes: [...this.doc.nodes, { id, x, y, ...type }] });
    this.edit("add", { id, x, y });
  }
  connect(from, to) {
    this.endConnecting();
    if (from === to) return this.refuse("An edge needs two different nodes.");
    if (this.doc.edges.some((edge) => endsOf(edge).includes(from) && endsOf(edge).includes(to)))
      return this.refuse(`${from} and ${to} are already connected.`);
    const fields = this.doc.mode === "city" ? { distance: NaN, traffic: "low" } : { weight: 1 };
    this.adopt({ ...this.doc, edges: [...this.doc.edges, { from, to, ...fields }] });
    return this.edit("connect", { from, to });
  }
  endConnecting() {
    this.from = null;
    this.canvas.svg.classList.remove("qg-connecting");
  }
  remove() {
    const { selected, current } = this.canvas;
    const keys = new Set(selected);
    if (!keys.size && current) keys.add(keyOf(current));
    if (!keys.size) return this.refuse("Nothing is selected.");
    const nodes = this.doc.nodes.filter((node) => keys.has(keyOfNode(node))).map((node) => node.id);
    const edges = this.doc.edges.filter((edge) => keys.has(keyOfEdge(edge)));
    const loose = (edge) => edges.includes(edge) || endsOf(edge).some((end) => nodes.includes(end));
    this.adopt({
      ...this.doc,
      nodes: this.doc.nodes.filter((node) => !nodes.includes(node.id)),
      edges: this.doc.edges.filter((edge) => !loose(edge)),
    });
    return this.edit("remove", { nodes, edges: edges.map(endsOf) });
  }
  // End a move: tell Python where the moved nodes are.
  drop() {
    const places = Object.fromEntries([...this.canvas.held].map(([id, place]) => [id, rounded(place)]));
    this.canvas.keep(Object.keys(places));
    if (Object.keys(places).length) this.edit("move", { places });
  }

  // -- selection ----------------------------------------------------------------------------------
  choose(item, extend = false) {
    const { canvas } = this;
    canvas.current = item;
    if (!extend) canvas.selected.clear();
    if (item) this.toggle(keyOf(item));
    canvas.refresh();
    this.say(canvas.describe(item));
  }
  toggle(key) {
    const { selected } = this.canvas;
    if (selected.has(key)) selected.delete(key);
    else selected.add(key);
  }
  select(nodes) {
    const { canvas } = this;
    canvas.selected = new Set(nodes.map(keyOfNode));
    canvas.current = nodes.length ? { node: nodes[0].id } : null;
    canvas.refresh();
    this.say(`${nodes.length} ${nodes.length === 1 ? "node" : "nodes"} selected`);
  }
}

const rounded = (place) => place.map((value) => Number(value.toPrecision(6)));

export { Editing };
