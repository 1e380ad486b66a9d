// What a person chooses besides graph and angles: the problem, the objective, shots, noise.

const CVARS = {
  1: "mean ⟨C⟩",
  0.5: "best half (CVaR)",
  0.25: "best quarter (CVaR)",
  0.1: "best tenth (CVaR)",
};
const SHOTS = { 0: "exact only", 100: "100 shots", 1000: "1000 shots", 10000: "10000 shots" };
const TITLES_OF_PROBLEMS = {
  MaxCut: "MaxCut",
  GraphColoring: "graph coloring",
  GraphPartitioning: "two halves",
  IndependentSet: "independent set",
  MaxKCut: "max-k-cut",
  VertexCover: "vertex cover",
  Ising: "Ising model",
};

class Choices {
  /** @param {function(string, string | number | boolean): void} choose called with a setting and its value */
  constructor(life, choose) {
    this.life = life;
    this.choose = choose;
    this.controls = {
      problem: this.select({}, String),
      colors: this.number({ min: 2, max: 8, step: 1 }),
      cvar: this.select(CVARS, Number),
      warm_start: this.check(),
      shots: this.select(SHOTS, Number),
      noise: this.number({ min: 0, max: 0.2, step: 0.005 }),
      starts: this.number({ min: 1, max: 20, step: 1 }),
    };
    const { problem, colors, cvar, warm_start: warm, shots, noise, starts } = this.controls;
    this.colors = labelled("colors", colors);
    this.starts = labelled("starts", starts);
    const noisy = labelled("noise per gate", noise);
    noisy.title = "The probability that a two-qubit gate depolarises; one-qubit gates have a tenth of it.";
    const rows = [
      labelled("problem", problem),
      this.colors,
      labelled("objective", cvar),
      labelled("warm start", warm),
      labelled("sample", shots),
      noisy,
    ];
    this.element = html("div", { class: "qg-tools qg-choices" }, ...rows);
    for (const [name, control] of Object.entries(this.controls))
      life.on(control, "change", () => this.choose(name, control.read()));
  }
  select(options, read) {
    const made = Object.entries(options).map(([value, text]) => html("option", { value }, text));
    const control = html("select", {}, ...made);
    control.read = () => read(control.value);
    return control;
  }
  number(limits) {
    const control = html("input", { type: "number", ...limits });
    control.read = () => Number(control.value);
    return control;
  }
  check() {
    const control = html("input", { type: "checkbox" });
    control.read = () => control.checked;
    return control;
  }
  // The problems that Python knows.
  offer(names) {
    const options = names.map((value) => html("option", { value }, TITLES_OF_PROBLEMS[value] ?? value));
    this.controls.problem.replaceChildren(...options);
  }
  /** @param {Settings} settings */
  show(settings) {
    for (const [name, control] of Object.entries(this.controls)) this.set(control, settings[name]);
    this.colors.hidden = !["GraphColoring", "MaxKCut"].includes(settings.problem);
  }
  set(control, value) {
    if (control.type === "checkbox") control.checked = value;
    else control.value = String(value);
    const missing = control.tagName === "SELECT" && control.value !== String(value);
    if (missing) {
      control.append(html("option", { value }, String(value)));
      control.value = String(value);
    }
  }
  lock(locked) {
    for (const control of Object.values(this.controls)) control.disabled = locked;
  }
}

export { Choices };
