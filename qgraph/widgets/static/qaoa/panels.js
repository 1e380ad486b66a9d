// Where everything stands in the QAOA explorer.

Object.assign(Explorer.prototype, {
  makeBar() {
    return html(
      "div",
      { class: "qg-tools qg-bar", role: "toolbar", "aria-label": "Share" },
      ...this.share.controls,
    );
  },
  makePanels() {
    this.hill = panel("Landscape of depth 1", this.heat.element);
    this.path = panel("Optimisation", this.curve.element);
    this.path.hidden = true;
    this.likely = panel("Most likely solutions", this.solutions.element);
    this.spread = panel("Distribution", this.distribution.element);
    this.steps = panel("Layer by layer", this.makeScrubber(), this.layers.element);
    const columns = [
      [panel("Graph", this.editor.element, this.makeStrengths()), this.likely],
      [panel("Angles", this.choices.element, this.makeControls(), this.panel.element), this.hill, this.path],
      [
        panel("Expectation", this.gauge.element),
        this.spread,
        this.steps,
        panel("Other solvers", this.others.element),
      ],
    ];
    const made = columns.map((panels) => html("div", {}, ...panels));
    return [html("div", { class: "qg-columns" }, ...made), panel("Circuit", this.circuit.element)];
  },
  makeControls() {
    const { life, link } = this;
    const change = (step) => () => link.tell("depth", this.depth + step);
    this.depthShown = html("output", {});
    this.fewer = button("−", "Remove the last layer", change(-1), life);
    this.more = button("+", "Add a layer and interpolate the angles", change(1), life);
    this.presets = html("select", {});
    life.on(this.presets, "change", () => this.presets.value && link.tell("preset", this.presets.value));
    this.again = button("Reset", "Reset to the first angles of this depth", () => link.tell("reset"), life);
    const here = html("option", { value: "here" }, "these angles");
    this.start = html("select", {}, here, html("option", { value: "interpolate" }, "depth 1"));
    const optimise = () => link.tell("optimise", this.start.value);
    this.run = button("Optimise", "Optimise the angles", optimise, life);
    this.stop = button("Cancel", "Cancel and keep the best angles so far", () => link.tell("cancel"), life);
    const depth = [html("span", {}, "depth"), this.fewer, this.depthShown, this.more];
    const first = [...depth, labelled("presets", this.presets), this.again];
    const second = [labelled("start", this.start), this.choices.starts, this.run, this.stop];
    return html("div", {}, ...[first, second].map((tools) => html("div", { class: "qg-tools" }, ...tools)));
  },
  makeScrubber() {
    this.scrub = html("input", { type: "range", min: 0, step: 1 });
    this.scrubbed = html("output", {});
    this.life.on(this.scrub, "input", () => this.goTo(Number(this.scrub.value)));
    return html("div", { class: "qg-tools" }, labelled("after layer", this.scrub), this.scrubbed);
  },
  makeStrengths() {
    this.strong = html("input", { type: "checkbox" });
    this.life.on(this.strong, "change", () => this.showStrengths());
    return html("label", { class: "qg-check" }, this.strong, "edge widths show correlations ⟨ZZ⟩");
  },
});
