// What a state is worth: its expectation on a track, and its most likely solutions.

class Gauge {
  constructor() {
    this.track = html("div", { class: "qg-track" });
    this.figures = html("p", { class: "qg-figures" });
    this.element = html("div", { class: "qg-gauge" }, this.track, this.figures);
  }
  /**
   * @param {ProblemMessage} problem
   * @param {ViewMessage} view
   */
  show(problem, view, layer) {
    const { worst, optimum, random } = problem;
    const value = view.expectations[layer];
    const share = (c) => `${100 * clamp((c - worst) / (optimum - worst || 1), 0, 1)}%`;
    const mark = (kind, style) => html("i", { class: `qg-mark-${kind}`, style });
    this.track.replaceChildren(
      mark("bar", `width:${share(value)}`),
      mark("random", `left:${share(random)}`),
      mark("optimum", `left:${share(optimum)}`),
    );
    const figures = {
      expectation: value,
      "optimum (exact)": optimum,
      "random average": random,
      ...view.merits[layer],
      "P(optimum)": view.chances[layer],
    };
    const words = Object.entries(figures).map(([name, number]) => figure(name, shown(number, 5)));
    this.figures.replaceChildren(...words);
  }
}

// A list of buttons. The solution under the pointer, or with the focus, shows in the graph.
class Solutions {
  /** @param {function(): void} changed called when another solution is pointed at */
  constructor(life, changed) {
    this.life = life;
    this.changed = changed;
    this.hovered = null;
    this.element = html("ol", { class: "qg-solutions" });
  }
  /** @param {ViewMessage} view with its binary parts as arrays */
  show(nodes, view, layer) {
    const rows = this.element.children;
    while (rows.length < view.most) this.element.append(this.makeRow(rows.length));
    for (let rank = 0; rank < view.most; rank++) this.showRow(rows[rank], nodes, view, layer, rank);
  }
  showRow(row, nodes, view, layer, rank) {
    const index = layer * view.most + rank;
    const probability = view.probabilities[index];
    row.hidden = probability === 0;
    if (row.hidden) return;
    const labels = Solutions.labels(nodes, view, layer, rank);
    const ones = nodes.filter((name) => labels[name]).join(", ");
    const [bar, text] = row.firstChild.children;
    bar.style.width = `${100 * probability}%`;
    const percent = (100 * probability).toFixed(1);
    text.textContent = `${percent} %  C = ${shown(view.objectives[index])}  {${visible(ones)}}`;
  }
  static labels(nodes, view, layer, rank) {
    const start = (layer * view.most + rank) * view.n;
    return Object.fromEntries(nodes.map((name, q) => [name, view.bits[start + q]]));
  }
  makeRow(rank) {
    const row = html("button", { type: "button" }, html("i", { class: "qg-share" }), html("span", {}));
    for (const event of ["pointerenter", "focus"]) this.life.on(row, event, () => this.hover(rank));
    for (const event of ["pointerleave", "blur"]) this.life.on(row, event, () => this.hover(null));
    return html("li", {}, row);
  }
  hover(rank) {
    this.hovered = rank;
    this.changed();
  }
}

export { Gauge, Solutions };
