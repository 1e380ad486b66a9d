// A canvas that is edited. A gesture shows at once and becomes one message; Python's answer then replaces it.

const HINT = "Double-click here to add a node, or choose Generate or Import in the menu More.";
const RESHAPED = 0.1; // a relative change of the canvas's shape after which Python lays out again
const SETTLED = 200; // milliseconds

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
    this.hint = html("p", { class: "qg-hint", hidden: true }, HINT);
    this.stage = html("div", { class: "qg-stage" }, this.canvas.svg, this.hint);
    const { handle, tell } = heightHandle(this.canvas, life);
    this.element = html("div", { class: "qg-editing" }, this.toolbar(), this.stage, handle, status);
    this.canvas.onresize = () => {
      tell();
      this.tellAspect();
    };
    life.atEnd(() => clearTimeout(this.reshaping));
    if (this.link.offline) this.explainOffline(label);
    else this.listen(label);
    life.on(this.canvas.svg, "wheel", (event) => this.wheel(event), { passive: false });
    life.onModel(model, "change:_document", () => this.hear());
    onMessages(model, life, {
      refused: (content) => this.hearRefusal(content),
      exported: (content) => this.hearExport(content),
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

  // An empty canvas says how to begin.
  showHint() {
    const empty = !this.doc.nodes.length && !this.link.offline;
    this.hint.hidden = !empty;
  }
  // Tell Python the shape of the canvas, when it is known and when it has changed. Python then lays out
  // graphs without coordinates again. That does not change the canvas, so it ends there.
  tellAspect() {
    clearTimeout(this.reshaping);
    if (this.aspect === undefined) this.sendAspect();
    else this.reshaping = setTimeout(() => this.sendAspect(), SETTLED);
  }
  sendAspect() {
    const { aspect } = this.canvas;
    if (this.aspect !== undefined && Math.abs(Math.log(aspect / this.aspect)) < RESHAPED) return;
    this.aspect = aspect;
    this.link.tell("aspect", Number(aspect.toPrecision(3)));
  }

  // -- answers ------------------------------------------------------------------------------------
  hear(first = false) {
    /** @type {GraphDocument} */
    const doc = this.model.get("_document");
    if (!this.link.settle(doc.answers) && !first) return;
    if (this.form?.awaits) this.leaveForm(); // it is answered
    if (!this.gesture) this.canvas.held.clear();
    const elsewhere = doc.answers?.view !== this.link.view;
    this.adopt(structuredClone(doc), first || (this.canvas.fitted && elsewhere));
    for (const name of ["undo", "redo"]) this.allow(this.tools[name], doc[name]);
    if (!first) this.say(this.canvas.describe(this.canvas.current));
  }
  // A control that is switched off passes the focus on, so that no key goes astray.
  allow(tool, possible) {
    if (!tool) return;
    if (!possible && tool.matches(":focus")) this.canvas.focus();
    tool.disabled = !possible;
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
    this.showHint();
  }
  refuse(text) {
    this.say(text, "refused");
    if (this.form) fill(this.form.form.querySelector(".qg-note"), {}, text);
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
    this.canvas.keep(places);
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
  select(nodes, extend = false) {
    const { canvas } = this;
    canvas.selected = new Set([...(extend ? canvas.selected : []), ...nodes.map(keyOfNode)]);
    canvas.current = nodes.length ? { node: nodes[0].id } : null;
    canvas.refresh();
    const { size } = canvas.selected;
    this.say(`${size} ${size === 1 ? "node" : "nodes"} selected`);
  }
}

const rounded = (place) => place.map((value) => Number(value.toPrecision(6)));

export { Editing };
