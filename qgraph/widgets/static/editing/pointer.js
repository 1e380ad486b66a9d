// Mouse and touch. A gesture is an object: `drag(spot)` follows the pointer, `drop(spot, still)` ends it.

const SLACK = 4; // pixels that the pointer may move during a click
const REACH = 8; // pixels around a node in which a new edge may end
const LONG = 550; // milliseconds of a long press

const extending = (event) => event.ctrlKey || event.metaKey;

Object.assign(Editing.prototype, {
  listen(label) {
    const { canvas, life } = this;
    const keys = "Press ? for help, Escape to leave.";
    fill(canvas.svg, { tabindex: 0, role: "application", "aria-label": `${label}. ${keys}` });
    const on = (event, listener) => life.on(canvas.svg, event, listener);
    on("pointerdown", (event) => this.pointerDown(event));
    on("pointermove", (event) => this.pointerMove(event));
    on("pointerup", (event) => this.pointerUp(event));
    on("pointercancel", (event) => this.pointerCancel(event));
    on("dblclick", (event) => this.doubleClick(event));
    on("keydown", (event) => this.key(event));
    on("keyup", (event) => event.key === "Shift" && this.endNudge());
    on("blur", () => this.endNudge());
    // Two fingers zoom the drawing, not the page; a long press is ours.
    life.on(canvas.svg, "touchstart", (event) => event.touches.length > 1 && event.preventDefault(), {
      passive: false,
    });
    on("contextmenu", (event) => this.pointers.size && event.preventDefault());
    life.on(window, "scroll", () => this.placeForm(), { capture: true, passive: true });
    life.atEnd(() => clearTimeout(this.pressing));
    canvas.onplace = () => this.placeForm();
  },
  wheel(event) {
    if (!event.ctrlKey) return; // the page scrolls
    event.preventDefault();
    this.canvas.zoom(Math.exp(-event.deltaY / 300), this.spot(event));
  },
  doubleClick(event) {
    const item = this.itemAt(event);
    if (item) this.openForm(item);
    else if (this.mode === "select") this.add(this.canvas.toData(this.spot(event)));
  },

  // -- where the pointer is -----------------------------------------------------------------------
  spot(event) {
    const box = this.canvas.svg.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  },
  // Found by its place, because a captured pointer reports the canvas as its target. A symbol goes before
  // what lies around others. Names count as well.
  itemAt(event) {
    const node = this.canvas.nodeAt(this.spot(event));
    if (node !== undefined) return { node };
    const element = this.canvas.svg.getRootNode().elementFromPoint(event.clientX, event.clientY);
    return element?.closest(".qg-item")?.item ?? null;
  },
  nodeNear(spot) {
    const { canvas } = this;
    const away = (node) => distanceOf(spot, canvas.spotOf(node.id));
    const near = this.doc.nodes.filter((node) => away(node) < canvas.radius + REACH);
    return near.sort((a, b) => away(a) - away(b))[0]?.id ?? null;
  },

  // -- events -------------------------------------------------------------------------------------
  pointerDown(event) {
    const spot = this.spot(event);
    this.closeForm();
    this.canvas.focus();
    this.canvas.svg.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, spot);
    clearTimeout(this.pressing);
    if (this.pointers.size === 2) {
      this.gesture = this.pinching();
      return;
    }
    if (event.pointerType === "touch") this.beginPress(this.itemAt(event));
    const gesture = this.gestureAt(spot, event);
    if (!gesture) return;
    this.gesture = gesture;
    if (event.pointerType !== "touch" || !gesture.scrolls) event.preventDefault();
  },
  pointerMove(event) {
    if (!this.pointers.has(event.pointerId) || !this.gesture) return;
    const spot = this.spot(event);
    if (distanceOf(spot, this.pointers.get(event.pointerId)) >= SLACK) clearTimeout(this.pressing);
    this.pointers.set(event.pointerId, spot);
    this.gesture.drag?.(spot);
  },
  // A finger that rests on something opens its form.
  beginPress(item) {
    if (!item || this.mode !== "select") return;
    this.pressing = setTimeout(() => {
      this.gesture = null;
      this.canvas.held.clear();
      this.choose(item);
      this.openForm(item);
    }, LONG);
  },
  pointerUp(event) {
    const { gesture } = this;
    const spot = this.spot(event);
    this.pointers.delete(event.pointerId);
    clearTimeout(this.pressing);
    this.gesture = null;
    this.canvas.rubber.replaceChildren();
    if (gesture?.drop) gesture.drop(spot, distanceOf(spot, gesture.start) < SLACK);
  },
  pointerCancel(event) {
    this.pointers.delete(event.pointerId);
    this.gesture = null;
    this.canvas.held.clear();
    this.canvas.rubber.replaceChildren();
    this.canvas.place();
  },

  // -- gestures -----------------------------------------------------------------------------------
  gestureAt(start, event) {
    if (event.button === 1 || event.altKey) return this.panning(start);
    if (event.button !== 0) return null;
    const item = this.itemAt(event);
    if (!item) return this.mode === "node" ? this.adding(start) : this.boxing(start, extending(event));
    if (item.node === undefined) return this.pressingEdge(item, start, extending(event));
    if (this.mode === "edge" || event.shiftKey) return this.connecting(item.node, start);
    return this.moving(item, start, extending(event));
  },
  panning(start) {
    let last = start;
    const drag = (spot) => {
      this.canvas.pan(spot[0] - last[0], spot[1] - last[1]);
      last = spot;
    };
    return { drag };
  },
  pinching() {
    const { canvas } = this;
    const fingers = () => {
      const [a, b] = [...this.pointers.values()];
      return { width: distanceOf(a, b), middle: middleOf(a, b) };
    };
    canvas.held.clear();
    let last = fingers();
    const drag = () => {
      const now = fingers();
      canvas.pan(now.middle[0] - last.middle[0], now.middle[1] - last.middle[1]);
      if (last.width > 0 && now.width > 0) canvas.zoom(now.width / last.width, now.middle);
      last = now;
    };
    return { drag };
  },
  adding(start) {
    const drop = (spot, still) => {
      if (still) this.add(this.canvas.toData(spot));
    };
    return { start, drop };
  },
  moving(item, start, extend) {
    const { canvas } = this;
    if (extend || !canvas.selected.has(keyOf(item))) this.choose(item, extend);
    else canvas.current = item;
    const moves = (node) => node.id === item.node || canvas.selected.has(keyOfNode(node));
    const names = this.doc.nodes.filter(moves).map((node) => node.id);
    const places = names.map((name) => canvas.seenAt(name));
    let dragged = false;
    const drag = (spot) => {
      dragged ||= distanceOf(spot, start) >= SLACK;
      if (!dragged) return;
      const [dx, dy] = [(spot[0] - start[0]) / canvas.scale, (spot[1] - start[1]) / canvas.scale];
      names.forEach((name, i) => {
        canvas.held.set(name, [places[i][0] + dx, places[i][1] - dy]);
      });
      canvas.place(names);
    };
    const drop = () => {
      if (dragged) this.drop();
    };
    return { start, drag, drop };
  },
  pressingEdge(item, start, extend) {
    const drop = (_, still) => {
      if (!still) return;
      this.choose(item, extend);
      if (!extend) this.openForm(item);
    };
    return { start, drop };
  },
  connecting(node, start) {
    const { canvas } = this;
    const drag = ([x2, y2]) => {
      const [x1, y1] = canvas.spotOf(node);
      canvas.rubber.replaceChildren(svg("line", { class: "qg-rubber", x1, y1, x2, y2 }));
    };
    const drop = (spot, still) => (still ? this.pressConnect(node) : this.dropConnect(node, spot));
    return { start, drag, drop };
  },
  // An edge by two clicks, on one node and then on the other.
  pressConnect(node) {
    if (this.from !== null && this.from !== node) {
      this.connect(this.from, node);
      return;
    }
    this.from = node;
    this.choose({ node });
    this.say(`Choose the node to connect ${node} with.`);
  },
  // An edge by a drag from one node to the other.
  dropConnect(node, spot) {
    const other = this.nodeNear(spot);
    if (other === null) this.refuse("An edge must end at a node.");
    else this.connect(node, other);
  },
  boxing(start, extend) {
    const { canvas } = this;
    const box = (spot) => [0, 1].map((i) => extent([spot[i], start[i]]));
    const drag = (spot) => {
      const [[x, right], [y, bottom]] = box(spot);
      const attributes = { class: "qg-rubber", x, y, width: right - x, height: bottom - y };
      canvas.rubber.replaceChildren(svg("rect", attributes));
    };
    const drop = (spot, still) => {
      if (still) this.choose(null);
      else this.selectIn(box(spot), extend);
    };
    return { start, drag, drop, scrolls: true };
  },
  selectIn(box, extend) {
    const inside = (node) =>
      this.canvas.spotOf(node.id).every((pixel, i) => pixel >= box[i][0] && pixel <= box[i][1]);
    this.select(this.doc.nodes.filter(inside), extend);
  },
});
