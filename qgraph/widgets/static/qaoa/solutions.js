// What a state is worth: its expectation on a track, its most likely solutions, and those of other solvers.

const UNLABELLED = 255; // the label of a node that has none
const SOLVERS = ["annealing", "recursive QAOA", "exact"];

class Gauge {
  constructor() {
    this.track = html("div", { class: "qg-track" });
    this.figures = html("p", { class: "qg-figures" });
    this.samples = html("div", {});
    this.element = html("div", { class: "qg-gauge" }, this.track, this.figures, this.samples);
  }
  /**
   * @param {ProblemMessage} problem
   * @param {ViewMessage} view
   * @param {number} layer its place in the view
   */
  show(problem, view, layer) {
    const { random, optimum, bound } = problem;
    const worst = problem.worst ?? random;
    const best = optimum ?? bound;
    const value = view.expectations[layer];
    const share = (c) => `${100 * clamp((c - worst) / (best - worst || 1), 0, 1)}%`;
    const mark = (kind, style) => html("i", { class: `qg-mark-${kind}`, style });
    const marks = value === null || best === null ? [] : [mark("bar", `width:${share(value)}`)];
    this.track.replaceChildren(...marks, mark("random", `left:${share(random)}`));
    if (best !== null) this.track.append(mark("optimum", `left:${share(best)}`));
    const figures = {
      expectation: value,
      [optimum === null ? "bound" : "optimum (exact)"]: best,
      "random average": random,
      ...view.merits[layer],
      "P(optimum)": view.chances[layer],
    };
    const given = Object.entries(figures).filter(([, number]) => number !== null || optimum !== null);
    const words = given.map(([name, number]) => figure(name, shown(number ?? Number.NaN, 5)));
    if (view.reason) words.push(html("span", { class: "qg-reason" }, view.reason));
    this.figures.replaceChildren(...words);
  }
  /** @param {Object<string, Sample | null>} samples by name */
  showSamples(samples) {
    const rows = Object.entries(samples).filter(([, sample]) => sample);
    const lines = rows.map(([name, sample]) =>
      html("p", { class: "qg-figures" }, ...figuresOf(name, sample)),
    );
    this.samples.replaceChildren(...lines);
  }
}

/** @param {Sample} sample */
function figuresOf(name, sample) {
  const { shots, mean, error, best, optimal, feasible } = sample;
  const first = figure(`${name}, ${shots} shots: mean`, `${shown(mean, 5)} ± ${shown(error, 2)}`);
  const found = [first, figure("best", shown(best, 5)), figure("share of optima", shown(optimal, 3))];
  return feasible === null ? found : [...found, figure("share of feasible", shown(feasible, 3))];
}

/**
 * The nodes by label in words: those with label 1, or a group for each color.
 * @param {ProblemMessage} problem
 */
function grouped({ nodes, colors }, labels) {
  if (nodes.every((name) => labels[name] === undefined)) return "not one color for each node";
  const group = (label) => `{${nodes.filter((name) => labels[name] === label).join(", ")}}`;
  return colors ? Array.from({ length: colors }, (_, color) => group(color)).join(" ") : group(1);
}

// A list of buttons. The solution under the pointer, or with the focus, shows in the graph.
class Solutions {
  /** @param {function(): void} changed called when another solution is pointed at */
  constructor(life, changed) {
    this.life = life;
    this.changed = changed;
    this.hovered = null;
    this.list = html("ol", { class: "qg-solutions" });
    this.reading = html("p", { class: "qg-legend" });
    this.element = html("div", {}, this.list, this.reading);
  }
  /**
   * @param {ProblemMessage} problem
   * @param {ViewMessage} view with its binary parts as arrays
   */
  show(problem, view, layer) {
    const rows = this.list.children;
    while (rows.length < view.most) this.list.append(this.makeRow(rows.length));
    for (let rank = 0; rank < view.most; rank++) this.showRow(rows[rank], problem, view, layer, rank);
  }
  showRow(row, problem, view, layer, rank) {
    const index = layer * view.most + rank;
    const probability = view.probabilities[index];
    row.hidden = probability === 0;
    if (row.hidden) return;
    const feasible = Boolean(view.feasible[index]);
    const [bar, text] = row.firstChild.children;
    bar.style.width = `${100 * probability}%`;
    const percent = shown(100 * probability, 3);
    const words = visible(grouped(problem, Solutions.labels(problem.nodes, view, layer, rank)));
    const broken = feasible ? "" : "✗ infeasible  ";
    text.textContent = `${percent} %  C = ${shown(view.objectives[index])}  ${broken}${words}`;
    row.firstChild.title = text.textContent;
    row.dataset.feasible = String(feasible);
  }
  static labels(nodes, view, layer, rank) {
    const start = (layer * view.most + rank) * view.n;
    return Solutions.labelled(nodes, view.labels.subarray(start, start + view.n));
  }
  // The labels by name; nodes without one are left out.
  static labelled(nodes, row) {
    const known = nodes.map((name, q) => [name, row[q]]).filter(([, label]) => label !== UNLABELLED);
    return Object.fromEntries(known);
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

// Solutions of other solvers, for comparison, and where there is no state.
class OtherSolvers {
  /**
   * @param {function(string): void} find called with a solver's name
   * @param {function(Uint8Array | null): void} draw called with the labels of a solution, null for none
   */
  constructor(life, find, draw) {
    this.draw = draw;
    this.lines = new Map();
    this.select = html("select", {}, ...SOLVERS.map((name) => html("option", { value: name }, name)));
    this.run = button("Solve", "Solve by this solver", () => find(this.select.value), life);
    this.list = html("div", {});
    const tools = html("div", { class: "qg-tools" }, labelled("solver", this.select), this.run);
    this.element = html("div", {}, tools, this.list);
  }
  // Another problem: its solutions are not known.
  clear() {
    this.lines.clear();
    this.list.replaceChildren();
    this.draw(null);
  }
  /** @param {AnswerMessage} content */
  hear({ solver, running, solution, reason }, labels) {
    const words = running ? [html("span", {}, `${solver}: solving…`)] : this.words(solver, solution, reason);
    this.lines.set(solver, html("p", { class: "qg-figures" }, ...words));
    this.list.replaceChildren(...this.lines.values());
    if (solution) this.draw(labels);
  }
  words(solver, solution, reason) {
    if (!solution) return [html("span", {}, `${solver}: ${reason}`)];
    const { objective, bound, optimal, feasible, seconds } = solution;
    const parts = [figure(`${solver}: C =`, shown(objective, 6))];
    if (optimal) parts.push(html("span", {}, "proved optimal"));
    else if (bound !== null) parts.push(figure("bound", shown(bound, 6)));
    if (!feasible) parts.push(html("span", {}, "✗ infeasible"));
    return [...parts, figure("time", `${shown(seconds, 2)} s`)];
  }
}

export { Gauge, OtherSolvers, Solutions };
