// How the QAOA explorer draws what it has heard.

const WIDEST = 7; // pixels of an edge whose ends are always equal or always different

Object.assign(Explorer.prototype, {
  // Show the state after this layer; the last one follows the angles.
  goTo(layer) {
    this.layer = layer >= this.depth ? null : layer;
    if (this.seen) this.paint();
  },
  // The place in the view of the layer that is shown; a quick view has the last layer only.
  placeShown() {
    const place = this.seen.layers.indexOf(this.layer ?? this.seen.angles[0].length);
    return place < 0 ? this.seen.count - 1 : place;
  },
  paint() {
    const { problem, seen } = this;
    const place = this.placeShown();
    const last = seen.angles[0].length;
    const layer = seen.layers[place];
    this.gauge.show(problem, seen, place);
    this.circuit.dim(layer);
    if (problem.state) {
      const bins = seen.heights.length / seen.count;
      const heights = seen.heights.subarray(place * bins, (place + 1) * bins);
      const isLast = layer === last;
      const sampled = isLast && seen.sampled && { ...seen.sampled, heights: seen.sampledHeights };
      const samples = { sampled: sampled || null, noisy: isLast ? this.noisy : null };
      this.distribution.show(problem, { heights, mean: seen.expectations[place], ...samples });
      this.gauge.showSamples({ sample: samples.sampled, "with noise": samples.noisy });
      this.solutions.show(problem, seen, place);
      this.paintLayers(layer, last);
    }
    this.showCut();
    this.showStrengths();
  },
  paintLayers(layer, last) {
    const { problem, seen } = this;
    const place = this.placeShown();
    const whole = seen.count === last + 1;
    this.scrub.disabled = !whole;
    fill(this.scrub, { max: last });
    this.scrub.value = layer;
    if (whole) this.layers.show(problem, seen.expectations, layer);
    const figures = `⟨C⟩ ${shown(seen.expectations[place])}, P(optimum) ${shown(seen.chances[place], 3)}`;
    this.scrubbed.textContent = `${layer} of ${last}: ${figures}`;
  },
  // Draw the solution under the pointer in the graph; without one, the most likely, after layer 1.
  showCut() {
    if (!this.seen) return;
    const { problem, seen } = this;
    const place = this.placeShown();
    const rank = this.solutions.hovered ?? (seen.layers[place] > 0 && seen.most ? 0 : null);
    const own = rank === null ? null : Solutions.labels(problem.nodes, seen, place, rank);
    const labels = this.solutions.hovered === null && this.found ? this.found : own;
    const key = JSON.stringify(labels);
    if (key === this.cutShown) return;
    this.cutShown = key;
    this.editor.canvas.showCut(labels);
  },
  // Another solver's solution stays in the graph until the angles change where there is a state.
  drawOther(labels) {
    this.found = labels?.length ? Solutions.labelled(this.problem.nodes, labels) : null;
    this.showCut();
  },
  showStrengths() {
    const values = this.strong.checked ? this.seen?.correlations : null;
    this.editor.canvas.showStrengths(values?.length ? values : null);
  },
});

// The width of an edge shows a value from 0 to 1, and its dashes the sign.
Object.assign(Canvas.prototype, {
  /** @param {Float32Array | null} values one for each edge; null shows the weights again */
  showStrengths(values) {
    if (!values && !this.strengths) return;
    this.strengths = values;
    this.refresh();
  },
  restyle() {
    if (this.strengths?.length !== this.strokes.length) return;
    this.strokes.forEach(({ lines, group }, place) => {
      const value = this.strengths[place];
      lines.at(-1).style.strokeWidth = Number.isFinite(value) ? 0.5 + WIDEST * Math.abs(value) : 0.5;
      lines.at(-1).style.strokeDasharray = value > 0 ? "5 3" : "none";
      group.lastChild.textContent += `, ⟨ZZ⟩ = ${shown(value, 3)}`;
    });
  },
});
