// Graphs and cities from files and generators, and into files.

const LARGEST_IMPORT = 5e6; // bytes; Python has the same limit
// What a copy of a drawing needs in place of a style sheet.
const PAINT = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "paint-order", "visibility"];
const TEXT = ["font-family", "font-size", "font-weight", "text-anchor"];

// Let the browser save a text as a file.
function download(name, type, text) {
  const link = html("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
// A drawing as a file of its own: with the colours that it has now, without what only the pointer needs.
function pictureOf(canvas) {
  const copy = canvas.svg.cloneNode(true);
  const [width, height] = canvas.size.map(Math.round);
  const originals = [...canvas.svg.querySelectorAll("*")];
  [...copy.querySelectorAll("*")].forEach((element, i) => {
    const style = getComputedStyle(originals[i]);
    for (const name of element.tagName === "text" ? [...PAINT, ...TEXT] : PAINT)
      element.setAttribute(name, style.getPropertyValue(name));
    for (const name of ["class", "style"]) element.removeAttribute(name);
    if (originals[i].matches(".qg-grip, .qg-ring, .qg-hidden, .qg-tips, .qg-gesture")) element.remove();
  });
  const paper = getComputedStyle(canvas.svg.closest(".qgraph-widget")).backgroundColor;
  copy.prepend(svg("rect", { width, height, fill: paper }));
  for (const { name } of [...copy.attributes]) copy.removeAttribute(name);
  fill(copy, { xmlns: SVG, width, height, viewBox: `0 0 ${width} ${height}` });
  return new XMLSerializer().serializeToString(copy);
}

Object.assign(Editing.prototype, {
  exportSvg() {
    download(`${this.doc.mode}.svg`, "image/svg+xml", pictureOf(this.canvas));
  },
  /** @param {Exported} content */
  hearExport({ view, text }) {
    if (view === this.link.view) download(`${this.doc.mode}.json`, "application/json", text);
  },

  // -- from a file --------------------------------------------------------------------------------
  chooseFile() {
    const chooser = html("input", { type: "file", accept: this.doc.tools.endings.join(",") });
    chooser.onchange = () => chooser.files.length && this.loadFile(chooser.files[0]);
    chooser.click();
  },
  loadFile(file) {
    if (file.size > LARGEST_IMPORT)
      return this.refuse(`${file.name} must be at most ${LARGEST_IMPORT} bytes, got ${file.size}`);
    const reader = new FileReader();
    reader.onerror = () => this.refuse(`${file.name} cannot be read`);
    reader.onload = () => this.edit("load", { name: file.name, data: reader.result.split(",")[1] ?? "" });
    return reader.readAsDataURL(file);
  },

  // -- from a generator ---------------------------------------------------------------------------
  openGenerate() {
    const { generators } = this.doc.tools;
    const names = Object.keys(generators);
    const kind = this.choiceField("kind", names[0], names);
    const row = html("span", { class: "qg-fields" });
    let fields = [];
    const choose = () => {
      fields = Object.entries(generators[kind.value()]).map((entry) => this.numberField(...entry));
      row.replaceChildren(...fields.map((field) => labelled(field.name, field.control)));
      this.placeForm();
    };
    kind.control.onchange = choose;
    choose();
    const make = (values) => {
      this.edit("generate", { name: kind.value(), values });
      this.form.awaits = this.link.number; // it stays until Python has answered
    };
    const controls = [labelled("kind", kind.control), row];
    this.popUp(
      this.makeForm("Generate", controls, () => fields, make),
      () => boxOf(this.tools.more),
    );
  },
});

export { download };
