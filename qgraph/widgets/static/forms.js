// The small form in which the values of a node or an edge are edited in place.

// Keep a box of a size within the canvas, with its middle near a spot.
const within = (spot, size, most) => clamp(spot - size / 2, 2, Math.max(2, most - size - 2));

Object.assign(Editing.prototype, {
  openForm(item) {
    this.closeForm();
    const node = this.doc.nodes.find((other) => other.id === item.node);
    const edge = this.doc.edges.find((other) => keyOfEdge(other) === keyOf(item));
    if (!node && !edge) return;
    const fields = node ? this.nodeFields(node) : this.edgeFields(edge);
    const set = (values) => (node ? this.setNode(node, values) : this.setEdge(edge, values));
    this.form = { form: this.makeForm(fields, set), item };
    this.stage.append(this.form.form);
    this.placeForm();
    fields[0].control.focus({ preventScroll: true });
    fields[0].control.select?.();
  },
  makeForm(fields, set) {
    const controls = fields.map((field) => labelled(field.name, field.control));
    const submit = html("button", { type: "submit" }, "Set");
    const form = html("form", { class: "qg-form", novalidate: true }, ...controls, submit);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!fields.every((field) => field.valid())) return;
      this.leaveForm();
      set(Object.fromEntries(fields.map((field) => [field.name, field.value()])));
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault(); // one step back, not out of the view
      this.leaveForm();
    });
    return form;
  },
  placeForm() {
    if (!this.form) return;
    const { form, item } = this.form;
    const [from, to] = item.edge ?? [item.node, item.node];
    const [x, y] = middleOf(this.canvas.spotOf(from), this.canvas.spotOf(to));
    const [width, height] = this.canvas.size;
    form.style.left = `${within(x, form.offsetWidth, width)}px`;
    form.style.top = `${within(y, form.offsetHeight, height)}px`;
  },
  closeForm() {
    this.form?.form.remove();
    this.form = null;
  },
  leaveForm() {
    this.closeForm();
    this.canvas.focus();
  },

  // -- fields -------------------------------------------------------------------------------------
  // Mark a control as valid or not, and say why not. `problem` is "" for a valid value.
  check(control, problem) {
    control.setAttribute("aria-invalid", String(problem !== ""));
    if (problem) this.refuse(problem);
    return problem === "";
  },
  numberField(name, value, rule, fits) {
    const start = Number.isFinite(value) ? value : "";
    const control = html("input", { type: "text", inputmode: "decimal", size: 7, value: start });
    const number = () => (control.value.trim() === "" ? NaN : Number(control.value.replace(",", ".")));
    const valid = () => {
      const good = Number.isFinite(number()) && fits(number());
      return this.check(control, good ? "" : `${name} must be ${rule}, got ${control.value || "nothing"}`);
    };
    return { name, control, valid, value: number };
  },
  nameField(node) {
    const control = html("input", { type: "text", size: 9, maxlength: 256, value: node.id });
    const isTaken = () => this.doc.nodes.some((other) => other.id === control.value && other !== node);
    const problem = () => {
      if (!control.value) return "name must have at least one character";
      return isTaken() ? `name must be new, but there is a node ${control.value}` : "";
    };
    const valid = () => this.check(control, problem());
    return { name: "name", control, valid, value: () => control.value };
  },
  nodeFields(node) {
    return [...(this.stopFields?.(node) ?? []), this.nameField(node)];
  },
  edgeFields(edge) {
    return this.roadFields?.(edge) ?? [this.numberField("weight", edge.weight, "a number", () => true)];
  },

  // -- values -------------------------------------------------------------------------------------
  setNode(node, { name, type }) {
    const changed = {};
    if (name !== node.id) changed.to = name;
    if (type !== undefined && type !== node.type) changed.type = type;
    if (!Object.keys(changed).length) return;
    if (changed.to) this.canvas.current = null;
    this.edit("node", { id: node.id, ...changed });
  },
  setEdge(edge, values) {
    if (this.setRoad?.(edge, values)) return;
    if (values.weight !== edge.weight) this.edit("weight", { edge: endsOf(edge), value: values.weight });
  },
});
