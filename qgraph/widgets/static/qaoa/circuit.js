// The circuit as it is: wires, the gates of each layer, and what routing to a device costs.

const WIRE = 18; // pixels between two wires
const SLOTS = [12, 44]; // limits of the pixels of a column of gates
const MOST_WIRES = 24;
const MOST_DRAWN = 700; // gates; larger circuits are drawn as blocks
const BLOCK = 86; // pixels of a block
const COUPLINGS = ["all to all", "line", "ring", "grid", "heavy hex"];

class Circuit {
  /**
   * @param {function(number): void} show called with a layer that was clicked
   * @param {function(string): void} couple called with a coupling that was chosen
   */
  constructor(life, show, couple) {
    this.layers = [];
    this.svg = svg("svg", { class: "qg-circuit", role: "img", "aria-label": "Circuit" });
    life.on(this.svg, "click", (event) => {
      const layer = event.target.closest("[data-layer]")?.dataset.layer;
      if (layer !== undefined) show(Number(layer));
    });
    const options = COUPLINGS.map((value) => html("option", { value }, value));
    this.coupling = html("select", {}, ...options);
    life.on(this.coupling, "change", () => couple(this.coupling.value));
    this.figures = html("p", { class: "qg-figures" });
    const scroll = html(
      "div",
      { class: "qg-scroll", tabindex: 0, "aria-label": "Circuit, scrolls" },
      this.svg,
    );
    const tools = html("div", { class: "qg-tools" }, labelled("qubits coupled as", this.coupling));
    this.element = html("div", {}, tools, this.figures, scroll);
    this.space = 900;
    const watch = new ResizeObserver(([entry]) => this.resize(entry.contentRect.width));
    watch.observe(scroll);
    life.atEnd(() => watch.disconnect());
  }
  resize(space) {
    if (!space || Math.abs(space - this.space) < 20) return;
    this.space = space;
    this.drawn = null;
    if (this.problem) this.show(this.problem, this.depth);
  }
  /** @param {ProblemMessage & {gates: Int32Array}} problem */
  show(problem, depth) {
    this.problem = problem;
    this.depth = depth;
    const gates = problem.gates.length / 3;
    const key = JSON.stringify([problem.qubits, [...problem.gates], depth]);
    if (key !== this.drawn) {
      this.drawn = key;
      const small = problem.qubits.length <= MOST_WIRES && gates * depth <= MOST_DRAWN;
      if (small && gates === problem.couplings) this.drawWires(problem, depth);
      else this.drawBlocks(problem, depth);
    }
    this.tell();
  }
  /** @param {RoutedMessage | null} routed */
  route(routed) {
    this.routed = routed;
    this.tell();
  }
  settle(coupling) {
    this.coupling.value = coupling;
    if (this.routed?.coupling !== coupling) this.routed = null;
    this.tell();
  }
  // Dim the layers that come after the one that is shown.
  dim(layer) {
    for (const group of this.layers) group.classList.toggle("qg-later", Number(group.dataset.layer) > layer);
  }
  tell() {
    if (!this.problem) return;
    const { qubits, couplings, steps } = this.problem;
    const parts = [
      figure("qubits", qubits.length),
      figure("layers", this.depth),
      figure("depth", steps ? steps[this.depth - 1] : "–"),
      figure("two-qubit gates", `${couplings * this.depth} RZZ`),
    ];
    this.figures.replaceChildren(...parts, ...this.routedFigures());
  }
  routedFigures() {
    const chosen = this.coupling.value;
    if (chosen === COUPLINGS[0]) return [];
    const { routed } = this;
    if (!routed || routed.coupling !== chosen || routed.layers !== this.depth)
      return [figure(`on a ${chosen}`, "routing…")];
    if (routed.reason) return [html("span", {}, routed.reason)];
    return [
      figure(`on a ${chosen}: depth`, routed.depth),
      figure("two-qubit gates", `${routed.two_qubit} CX`),
    ];
  }

  // -- pictures -----------------------------------------------------------------------------------
  drawWires({ qubits, gates, width, fields }, depth) {
    const names = qubits.map((name) => (name.length > 8 ? `${name.slice(0, 7)}…` : name));
    const left = 12 + 7 * Math.max(...names.map((name) => name.length));
    const slots = width + (fields ? 1 : 0) + 1;
    const free = (this.space - left - 70) / depth - 12;
    const slot = clamp(free / slots, ...SLOTS); // pixels of a column
    const own = slots * slot + 12; // pixels of a layer
    const [right, height] = [left + 34 + own * depth, WIRE * qubits.length + 22];
    const y = (q) => 22 + WIRE * (q + 0.5);
    const wires = qubits.map((_, q) => `M${left},${y(q)}H${right}`).join("");
    const labels = names.map((name, q) =>
      svg("text", { x: left - 6, y: y(q) + 4, "text-anchor": "end" }, name),
    );
    const start = qubits.map((_, q) => gate(left + 16, y(q), "H", "qg-gate-first"));
    this.layers = Array.from({ length: depth }, (_, layer) => {
      const x = left + 34 + own * layer;
      const at = (column) => x + (column + (fields ? 1 : 0) + 0.5) * slot;
      const couplings = Array.from({ length: gates.length / 3 }, (_, g) => {
        const [i, j, column] = gates.subarray(3 * g, 3 * g + 3);
        const x = at(column);
        const d = `M${x},${y(i)}V${y(j)}${circle(x, y(i), 3)}${circle(x, y(j), 3)}`;
        return svg("path", { class: "qg-coupling", d });
      });
      const turns = fields ? qubits.map((_, q) => gate(x + slot / 2, y(q), "Z", "qg-gate-cost")) : [];
      const mixers = qubits.map((_, q) => gate(x + own - 12, y(q), "X", "qg-gate-mixer"));
      return this.layer(layer, x, own, height, [...couplings, ...turns, ...mixers]);
    });
    fill(this.svg, { width: right + 8, height }, svg("path", { class: "qg-wires", d: wires }));
    this.svg.append(...labels, ...start, ...this.layers);
  }
  layer(layer, x, width, height, children) {
    const title = svg("title", {}, `Layer ${layer + 1}: costs with γ${layer + 1}, mixer with β${layer + 1}`);
    const paper = svg("rect", { class: "qg-layer", x, y: 2, width: width - 4, height: height - 4, rx: 4 });
    const name = svg("text", { x: x + 4, y: 15 }, `γ${layer + 1} β${layer + 1}`);
    return svg("g", { "data-layer": layer + 1 }, title, paper, name, ...children);
  }
  // Too many gates to be seen one by one.
  drawBlocks({ qubits, couplings, fields }, depth) {
    const [left, height] = [80, 84];
    this.layers = Array.from({ length: depth }, (_, layer) => {
      const x = left + 2 * BLOCK * layer;
      const cost = block(x + 6, `${couplings} RZZ`, fields ? `${fields} RZ` : "", "qg-gate-cost");
      const mixer = block(x + 6 + BLOCK, `${qubits.length} RX`, "", "qg-gate-mixer");
      return this.layer(layer, x, 2 * BLOCK, height, [...cost, ...mixer]);
    });
    const right = left + 2 * BLOCK * depth;
    const wires = svg("path", { class: "qg-wires", d: `M8,50H${right}M30,56l10,-12` });
    const count = svg("text", { x: 12, y: 40 }, `${qubits.length} qubits`);
    fill(this.svg, { width: right + 8, height }, wires, count, ...this.layers);
  }
}

function gate(x, y, name, kind) {
  const box = svg("rect", { class: kind, x: x - 6, y: y - 7, width: 12, height: 14, rx: 2 });
  const text = svg("text", { class: "qg-gate-name", x, y: y + 4, "text-anchor": "middle" }, name);
  return svg("g", {}, box, text);
}

function block(x, first, second, kind) {
  const box = svg("rect", { class: kind, x, y: 28, width: BLOCK - 18, height: 44, rx: 3 });
  const middle = x + (BLOCK - 18) / 2;
  const write = (text, y) =>
    svg("text", { class: "qg-gate-name", x: middle, y, "text-anchor": "middle" }, text);
  return [box, write(first, second ? 46 : 54), write(second, 62)];
}

export { Circuit };
