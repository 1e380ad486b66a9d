// The small forms in which values are edited in place, beside what they belong to.

Object.assign(Editing.prototype, {
  openForm(item) {
    this.closeForm();
    const node = this.doc.nodes.find((other) => other.id === item.node);
    const edge = this.doc.edges.find((other) => keyOfEdge(other) === keyOf(item));
    if (!node && !edge) return;
    const fields = node ? this.nodeFields(node) : this.edgeFields(edge);
    const set = (values) => {
      this.leaveForm();
      return node ? this.setNode(node, values) : this.setEdge(edge, values);
    };
    const controls = fields.map((field) => labelled(field.name, field.control));
    this.popUp(
      this.makeForm("Set", controls, () => fields, set),
      () => this.canvas.boxOf(item),
      edge && this.sidesOf(item.edge),
    );
    fields[0].control.select?.();
  },
  // `fields` gives the fields of the form as they are at its end.
  makeForm(text, controls, fields, set) {
    const submit = html("button", { type: "submit" }, text);
    const note = html("output", { class: "qg-note", role: "alert" });
    const form = html(
      "form",
      { class: "qg-form", novalidate: true, popover: "manual" },
      ...controls,
      submit,
      note,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const all = fields();
      if (all.every((field) => field.valid()))
        set(Object.fromEntries(all.map((field) => [field.name, field.value()])));
    });
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault(); // one step back, not out of the view
      this.leaveForm();
    });
    return form;
  },
  // A form beside an edge leaves the edge free as well.
  sidesOf(ends) {
    const [[x1, y1], [x2, y2]] = ends.map((end) => this.canvas.spotOf(end));
    return SIDES_OF[Math.abs(x1 - x2) > Math.abs(y1 - y2) ? "flat" : "steep"];
  },
  // Show a form beside the box that `anchor` gives, in pixels of the window.
  popUp(form, anchor, sides) {
    this.closeForm();
    this.form = { form, anchor, sides, awaits: 0 };
    this.stage.append(form);
    form.showPopover();
    this.placeForm();
    form.querySelector("input, select").focus({ preventScroll: true });
  },
  placeForm() {
    if (this.form) putBeside(this.form.form, this.form.anchor(), this.form.sides);
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
  numberField(name, value, rule = "a number", fits = () => true) {
    const start = Number.isFinite(value) ? value : "";
    const control = html("input", { type: "text", inputmode: "decimal", size: 7, value: start });
    const number = () => (control.value.trim() === "" ? NaN : Number(control.value.replace(",", ".")));
    const valid = () => {
      const good = Number.isFinite(number()) && fits(number());
      return this.check(control, good ? "" : `${name} must be ${rule}, got ${control.value || "nothing"}`);
    };
    return { name, control, valid, value: number };
  },
  choiceField(name, value, choices) {
    const options = choices.map((choice) =>
      html("option", { value: choice, selected: choice === value }, choice),
    );
    const control = html("select", {}, ...options);
    return { name, control, valid: () => true, value: () => control.value };
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
    return this.roadFields?.(edge) ?? [this.numberField("weight", edge.weight)];
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
