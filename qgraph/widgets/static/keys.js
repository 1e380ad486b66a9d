// The keyboard, and the small form in which values are edited in place.

const STEP = 24; // pixels that Shift and an arrow move a node

Object.assign(Editing.prototype, {
  key(event) {
    const { canvas } = this;
    const command = event.ctrlKey || event.metaKey;
    const letter = event.key.toLowerCase();
    const arrow = ARROWS[event.key];
    const actions = {
      n: () => this.addNear(),
      c: () => this.begin(),
      enter: () => this.enter(),
      " ": () => canvas.current && this.choose(canvas.current, true),
      delete: () => this.remove(),
      backspace: () => this.remove(),
      escape: () => this.escape(),
      "]": () => this.step(1),
      "[": () => this.step(-1),
      "+": () => canvas.zoom(1.25),
      "-": () => canvas.zoom(0.8),
      0: () => canvas.fit(),
      "?": () => this.tools.help.click(),
    };
    if (command && letter === "z") this.link.send(event.shiftKey ? "redo" : "undo");
    else if (command && letter === "y") this.link.send("redo");
    else if (command && letter === "a") this.select(this.doc.nodes);
    else if (command && arrow) canvas.pan(-40 * arrow[0], 40 * arrow[1]);
    else if (command || event.altKey) return;
    else if (arrow && event.shiftKey) this.nudge(arrow);
    else if (arrow) this.go(arrow);
    else if (actions[letter]) actions[letter]();
    else return;
    event.preventDefault();
    event.stopPropagation();
  },
  // A new node beside the current one, where there is room: on a spiral around it.
  addNear() {
    const { canvas } = this;
    const start = canvas.current?.node !== undefined ? canvas.toScreen(canvas.at(canvas.current.node)) : canvas.size.map((v) => v / 2);
    const others = this.doc.nodes.map((node) => canvas.toScreen(canvas.at(node.id)));
    for (let turn = 0; turn < 400; turn++) {
      const [angle, radius] = [turn * 2.4, (this.doc.nodes.length ? 70 : 0) + 6 * turn];
      const spot = [start[0] + radius * Math.cos(angle), start[1] + radius * Math.sin(angle)];
      const inside = spot.every((v, i) => v > MARGIN && v < canvas.size[i] - MARGIN);
      const free = others.every(([x, y]) => Math.hypot(x - spot[0], y - spot[1]) > 3.2 * RADIUS);
      if ((inside || turn > 200) && free) return this.add(canvas.toData(spot));
    }
    return this.refuse("There is no room; zoom out first.");
  },
  begin() {
    const node = this.canvas.current?.node;
    if (node === undefined) return this.refuse("Go to a node first, with the arrow keys.");
    this.from = node;
    this.canvas.svg.classList.add("qg-connecting");
    return this.say(`Connect ${node} with: go to another node, then Enter. Escape ends.`);
  },
  enter() {
    const { current } = this.canvas;
    if (this.from !== null && current?.node !== undefined) this.connect(this.from, current.node);
    else if (current) this.openForm(current);
    else this.step(1);
  },
  escape() {
    this.from = null;
    this.canvas.svg.classList.remove("qg-connecting");
    this.canvas.selected.clear();
    this.choose(null);
  },
  visit(item) {
    const { canvas } = this;
    canvas.selected.clear();
    canvas.current = item;
    canvas.refresh();
    this.say(this.from === null ? this.canvas.describe(item) : `Connect ${this.from} with ${item.node ?? "a node"}: Enter`);
  },
  step(direction) {
    const items = [...this.doc.nodes.map((node) => ({ node: node.id })), ...this.doc.edges.map((edge) => ({ edge: [edge.from, edge.to] }))];
    if (!items.length) return this.say("Nothing is drawn yet. N makes a node.");
    const here = items.findIndex((item) => keyOf(item) === keyOf(this.canvas.current));
    const next = here < 0 ? (direction > 0 ? 0 : items.length - 1) : (here + direction + items.length) % items.length;
    return this.visit(items[next]);
  },
  // The nearest node in the direction of an arrow.
  go([dx, dy]) {
    const { canvas } = this;
    const here = canvas.current?.node;
    if (here === undefined) return this.step(1);
    const [x, y] = canvas.at(here);
    const reach = this.doc.nodes
      .filter((node) => node.id !== here)
      .map((node) => {
        const [u, v] = canvas.at(node.id);
        const [along, across] = [(u - x) * dx + (v - y) * dy, Math.abs((u - x) * dy) + Math.abs((v - y) * dx)];
        return { id: node.id, along, cost: along + 2 * across };
      })
      .filter((node) => node.along > 1e-9 && node.along * 4 > node.cost - node.along)
      .sort((a, b) => a.cost - b.cost);
    return reach.length ? this.visit({ node: reach[0].id }) : this.say("No node in that direction.");
  },
  // Shift and arrows move; letting Shift go ends the gesture.
  nudge([dx, dy]) {
    const { canvas } = this;
    const keys = canvas.selected.size ? canvas.selected : new Set([keyOf(canvas.current)]);
    const nodes = this.doc.nodes.map((node) => node.id).filter((id) => keys.has(keyOf({ node: id })));
    for (const id of nodes) {
      const [x, y] = canvas.at(id);
      canvas.held.set(id, [x + (dx * STEP) / canvas.scale, y + (dy * STEP) / canvas.scale]);
    }
    canvas.place(nodes);
    this.nudging = nodes.length > 0;
  },
  nudged() {
    if (this.nudging) this.drop();
    this.nudging = false;
  },

  // -- values in place ----------------------------------------------------------------------------
  openForm(item) {
    this.closeForm();
    const node = this.doc.nodes.find((other) => other.id === item.node);
    const edge = item.edge && this.doc.edges.find((other) => other.from === item.edge[0] && other.to === item.edge[1]);
    if (!node && !edge) return;
    const fields = node ? this.nodeFields(node) : this.edgeFields(edge);
    const form = html("form", { class: "qg-form", novalidate: true }, ...fields.map((field) => labelled(field.name, field.control)), html("button", { type: "submit" }, "Set"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (fields.every((field) => field.valid())) {
        this.closeForm();
        this.canvas.focus();
        (node ? this.setNode : this.setEdge).call(this, node ?? edge, Object.fromEntries(fields.map((field) => [field.name, field.value()])));
      }
    });
    form.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Escape") return;
      this.closeForm();
      this.canvas.focus();
    });
    this.form = { form, item };
    this.stage.append(form);
    this.placeForm();
    fields[0].control.focus({ preventScroll: true });
    fields[0].control.select?.();
  },
  placeForm() {
    if (!this.form) return;
    const { form, item } = this.form;
    const ends = item.edge ?? [item.node, item.node];
    const spots = ends.map((end) => this.canvas.toScreen(this.canvas.at(end)));
    const [x, y] = [0, 1].map((i) => (spots[0][i] + spots[1][i]) / 2);
    const [width, height] = this.canvas.size;
    form.style.left = `${clamp(x - form.offsetWidth / 2, 2, Math.max(2, width - form.offsetWidth - 2))}px`;
    form.style.top = `${clamp(y - form.offsetHeight / 2, 2, Math.max(2, height - form.offsetHeight - 2))}px`;
  },
  closeForm() {
    this.form?.form.remove();
    this.form = null;
  },
  numberField(name, value, rule, fits) {
    const control = html("input", { type: "text", inputmode: "decimal", size: 7, value: Number.isFinite(value) ? value : "" });
    const number = () => (control.value.trim() === "" ? NaN : Number(control.value.replace(",", ".")));
    const valid = () => {
      const good = Number.isFinite(number()) && fits(number());
      control.setAttribute("aria-invalid", String(!good));
      if (!good) this.refuse(`${name} must be ${rule}, got ${control.value || "nothing"}`);
      return good;
    };
    return { name, control, valid, value: number };
  },
  nodeFields(node) {
    const control = html("input", { type: "text", size: 9, maxlength: 256, value: node.id });
    const valid = () => {
      const taken = this.doc.nodes.some((other) => other.id === control.value && other !== node);
      if (taken || !control.value) this.refuse(taken ? `name must be new, ${control.value} is taken` : "name must have at least one character");
      control.setAttribute("aria-invalid", String(taken || !control.value));
      return !taken && control.value !== "";
    };
    const name = { name: "name", control, valid, value: () => control.value };
    return [...(this.stopFields?.(node) ?? []), name];
  },
  edgeFields(edge) {
    return this.roadFields?.(edge) ?? [this.numberField("weight", edge.weight, "a number", () => true)];
  },
  setNode(node, { name, type }) {
    const changed = { ...(name !== node.id && { to: name }), ...(type !== undefined && type !== node.type && { type }) };
    if (!Object.keys(changed).length) return;
    if (changed.to) this.canvas.current = null;
    this.edit("node", { id: node.id, ...changed });
  },
  setEdge(edge, values) {
    const ends = [edge.from, edge.to];
    if (this.setRoad?.(edge, ends, values)) return;
    if (values.weight !== edge.weight) this.edit("weight", { edge: ends, value: values.weight });
  },
});
