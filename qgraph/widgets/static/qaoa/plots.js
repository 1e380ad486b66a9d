// The charts of a state and of an optimisation.

class Distribution extends Chart {
  constructor(life) {
    const legend = { bars: "exact", guess: "random guess", sampled: "sample", noisy: "with noise" };
    const lines = { mean: "mean", optimum: "optimum" };
    super(life, "Probability of each objective value", 200, Object.entries({ ...legend, ...lines }));
    const keys = [...this.element.querySelectorAll(".qg-key")];
    [this.sampledKey, this.noisyKey] = [keys[2], keys[3]];
  }
  /**
   * @param {ProblemMessage} problem
   * @param {{heights: Float32Array, mean: number, sampled: Sample | null, noisy: Sample | null}} seen
   */
  draw({ span, guess, optimum }, { heights, mean, sampled, noisy }) {
    const others = [sampled, noisy].flatMap((sample) => (sample ? [...sample.heights] : []));
    const most = Math.max(...heights, ...guess, ...others) || 1;
    this.axes(span, [0, most], "objective C", "probability");
    this.bin = (span[1] - span[0]) / heights.length;
    const at = (bin) => this.x(span[0] + this.bin * bin);
    const bars = [...heights].map((height, bin) => this.bar(at(bin + 0.1), at(bin + 0.9), height));
    const squares = [...guess].map((height, bin) => this.mark(at(bin + 0.5), height));
    this.part("bars", "path", { d: bars.join("") });
    this.part("guess", "path", { d: squares.join("") });
    this.dots("sampled", sampled, at, 0.35);
    this.dots("noisy", noisy, at, 0.65);
    this.vertical("mean", mean);
    this.vertical("optimum", optimum);
    this.sampledKey.hidden = !sampled;
    this.noisyKey.hidden = !noisy;
  }
  bar(left, right, height) {
    if (!(height > 0)) return "";
    const [low, high] = [round(this.y(0)), round(this.y(height))];
    return `M${round(left)},${low}V${high}H${round(right)}V${low}z`;
  }
  mark(x, height) {
    return height > 0 ? square(round(x), round(this.y(height)), 2.5) : "";
  }
  // The shares of a sample, with error bars of one standard error.
  dots(name, sample, at, place) {
    if (!sample) return;
    const drawn = [...sample.heights].map((share, bin) => {
      if (!(share > 0)) return "";
      const error = Math.sqrt((share * (1 - share)) / sample.shots);
      const [x, y] = [round(at(bin + place)), round(this.y(share))];
      const [low, high] = [share - error, share + error].map((value) => round(this.y(Math.max(0, value))));
      return `${circle(x, y, 2.5)}M${x},${low}V${high}`;
    });
    this.part(name, "path", { d: drawn.join("") });
  }
  valueAt(pixel) {
    const [{ span, guess }, { heights, sampled, noisy }] = this.shown;
    const bin = Math.floor((this.xOf(pixel) - span[0]) / this.bin);
    if (bin < 0 || bin >= heights.length) return null;
    const from = span[0] + this.bin * bin;
    const percent = (share) => `${shown(100 * share, 3)} %`;
    const texts = [`C from ${shown(from)} to ${shown(from + this.bin)}`, `exact ${percent(heights[bin])}`];
    if (guess.length) texts.push(`random ${percent(guess[bin])}`);
    if (sampled) texts.push(`sample ${percent(sampled.heights[bin])}`);
    if (noisy) texts.push(`noise ${percent(noisy.heights[bin])}`);
    return { x: this.x(from + this.bin / 2), y: this.y(heights[bin]), text: texts.join("\n") };
  }
}

class Layers extends Chart {
  constructor(life) {
    const legend = { line: "expectation", optimum: "optimum" };
    super(life, "Expectation after each layer", 140, Object.entries(legend));
  }
  draw({ optimum }, expectations, layer) {
    const last = Math.max(1, expectations.length - 1);
    this.axes([0, last], extent([...expectations, optimum]), "layer", "⟨C⟩", true);
    this.spots = expectations.map((value, l) => [round(this.x(l)), round(this.y(value))]);
    this.horizontal("optimum", optimum);
    this.line(this.spots);
    this.part("dots", "path", { d: this.spots.map(([x, y]) => circle(x, y, 3)).join("") });
    this.part("here", "circle", { cx: this.x(layer), cy: this.y(expectations[layer]), r: 7 });
  }
  valueAt(pixel) {
    const place = nearest(this.spots, pixel);
    const [x, y] = this.spots[place];
    return { x, y, text: `after layer ${place}: ${shown(this.shown[1][place], 6)}` };
  }
}

class Convergence extends Chart {
  constructor(life) {
    const legend = { line: "best so far", optimum: "optimum" };
    super(life, "Best value during the optimisation", 150, Object.entries(legend));
  }
  /** @param {ProgressPoint[]} points */
  draw({ optimum }, points) {
    const last = points.at(-1)?.[0] ?? 1;
    const values = points.map(([, value]) => value);
    const limits = optimum === null ? values : [optimum, ...values];
    this.axes([0, last], extent(limits), "gradient evaluations", "optimised value", true);
    if (optimum !== null) this.horizontal("optimum", optimum);
    this.spots = points.map(([count, value]) => [round(this.x(count)), round(this.y(value))]);
    this.line(this.spots);
    const isOdd = (i) => points[i][2] % 2 === 1; // depths alternate between circles and squares
    const dots = this.spots.map(([x, y], i) => (isOdd(i) ? circle(x, y, 2.5) : square(x, y, 2.5)));
    this.part("dots", "path", { d: dots.join("") });
  }
  valueAt(pixel) {
    if (!this.spots.length) return null;
    const place = nearest(this.spots, pixel);
    const [x, y] = this.spots[place];
    const [count, value, depth] = this.shown[1][place];
    return { x, y, text: `${shown(value, 6)} after ${count} evaluations, depth ${depth}` };
  }
}

export { Convergence, Distribution, Layers };
