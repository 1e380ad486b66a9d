// The keyboard.

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const NUDGE = 24; // pixels that Shift and an arrow key move a node
const PAN = 40; // pixels that Ctrl and an arrow key move the view
const MOST_TRIES = 400;
const KEYS = {
  n: (editing) => editing.addNear(),
  c: (editing) => editing.beginConnecting(),
  enter: (editing) => editing.enter(),
  " ": (editing) => editing.canvas.current && editing.choose(editing.canvas.current, true),
  delete: (editing) => editing.remove(),
  backspace: (editing) => editing.remove(),
  escape: (editing) => editing.escape(),
  "]": (editing) => editing.step(1),
  "[": (editing) => editing.step(-1),
  "+": ({ canvas }) => canvas.zoom(ZOOM),
  "-": ({ canvas }) => canvas.zoom(1 / ZOOM),
  0: ({ canvas }) => canvas.fit(),
  "?": ({ tools }) => tools.help.click(),
};
// With Ctrl, or Command on a Mac.
const COMMANDS = {
  z: ({ link }, event) => (event.shiftKey ? link.send("redo") : link.send("undo")),
  y: ({ link }) => link.send("redo"),
  a: (editing) => editing.select(editing.doc.nodes),
};

Object.assign(Editing.prototype, {
  key(event) {
    const action = this.actionOf(event);
    if (!action) return; // the browser's
    action(this, event);
    event.preventDefault();
  },
  actionOf(event) {
    const letter = event.key.toLowerCase();
    const arrow = ARROWS[event.key];
    if (event.ctrlKey || event.metaKey)
      return arrow ? () => this.canvas.pan(-PAN * arrow[0], PAN * arrow[1]) : COMMANDS[letter];
    if (event.altKey || (letter === "escape" && this.nothingToEnd())) return undefined;
    if (arrow) return event.shiftKey ? () => this.nudge(arrow) : () => this.go(arrow);
    return KEYS[letter];
  },
  enter() {
    const { current } = this.canvas;
    if (this.from !== null && current?.node !== undefined) this.connect(this.from, current.node);
    else if (current) this.openForm(current);
    else this.step(1);
  },
  // Escape ends what has begun. When nothing has, it leaves the view.
  nothingToEnd() {
    const { selected, current } = this.canvas;
    return this.from === null && !selected.size && !current;
  },
  escape() {
    this.endConnecting();
    this.choose(null);
  },

  // -- drawing ------------------------------------------------------------------------------------
  // Add a node beside the current one, at the first free place on a spiral around it.
  addNear() {
    const { canvas } = this;
    const node = canvas.current?.node;
    const start = node === undefined ? canvas.size.map((pixels) => pixels / 2) : canvas.spotOf(node);
    const others = this.doc.nodes.map((other) => canvas.spotOf(other.id));
    const inside = (spot) => spot.every((v, i) => v > MARGIN && v < canvas.size[i] - MARGIN);
    const free = (spot) => others.every((other) => distanceOf(other, spot) > 3.2 * RADIUS);
    for (let turn = 0; turn < MOST_TRIES; turn++) {
      const angle = turn * 2.4;
      const radius = (others.length ? 70 : 0) + 6 * turn;
      const spot = [start[0] + radius * Math.cos(angle), start[1] + radius * Math.sin(angle)];
      const allowed = inside(spot) || turn > MOST_TRIES / 2;
      if (allowed && free(spot)) return this.add(canvas.toData(spot));
    }
    return this.refuse("There is no free place here. Zoom out first.");
  },
  beginConnecting() {
    const node = this.canvas.current?.node;
    if (node === undefined) return this.refuse("Go to a node first. Use the arrow keys.");
    this.from = node;
    this.canvas.svg.classList.add("qg-connecting");
    return this.say(`Go to the node to connect ${node} with, then press Enter. Escape cancels.`);
  },

  // -- going from item to item --------------------------------------------------------------------
  visit(item) {
    const { canvas } = this;
    canvas.selected.clear();
    canvas.current = item;
    canvas.refresh();
    this.say(this.visited(item));
  },
  visited(item) {
    if (this.from === null) return this.canvas.describe(item);
    if (item.node === undefined) return `Go to the node to connect ${this.from} with.`;
    return `Press Enter to connect ${this.from} with ${item.node}.`;
  },
  step(direction) {
    const nodes = this.doc.nodes.map((node) => ({ node: node.id }));
    const edges = this.doc.edges.map((edge) => ({ edge: endsOf(edge) }));
    const items = [...nodes, ...edges];
    if (!items.length) return this.say("Nothing is drawn yet. Press N to add a node.");
    const here = items.findIndex((item) => keyOf(item) === keyOf(this.canvas.current));
    const before = here < 0 && direction < 0 ? 0 : here;
    return this.visit(items[(before + direction + items.length) % items.length]);
  },
  // Go to the nearest node in the direction of an arrow.
  go([dx, dy]) {
    const { canvas } = this;
    const here = canvas.current?.node;
    if (here === undefined) return this.step(1);
    const [x, y] = canvas.seenAt(here);
    const measured = this.doc.nodes.map(({ id }) => {
      const [u, v] = canvas.seenAt(id);
      const ahead = (u - x) * dx + (v - y) * dy;
      const aside = Math.abs((u - x) * dy) + Math.abs((v - y) * dx);
      return { id, ahead, aside };
    });
    const reached = measured.filter(({ ahead, aside }) => ahead > 1e-9 && ahead * 2 > aside);
    reached.sort((a, b) => a.ahead + 2 * a.aside - (b.ahead + 2 * b.aside));
    if (!reached.length) return this.say("There is no node in this direction.");
    return this.visit({ node: reached[0].id });
  },

  // -- moving: Shift and arrow keys; the release of Shift ends it ----------------------------------
  nudge([dx, dy]) {
    const { canvas } = this;
    const keys = canvas.selected.size ? canvas.selected : new Set([keyOf(canvas.current)]);
    const names = this.doc.nodes.filter((node) => keys.has(keyOfNode(node))).map((node) => node.id);
    const step = NUDGE / canvas.scale;
    for (const name of names) {
      const [x, y] = canvas.seenAt(name);
      canvas.held.set(name, [x + dx * step, y + dy * step]);
    }
    canvas.place(names);
    this.nudging = names.length > 0;
  },
  endNudge() {
    if (this.nudging) this.drop();
    this.nudging = false;
  },
});

export { ARROWS };
