// What all scripts share: elements, clean-up, and messages to Python.

const SVG = "http://www.w3.org/2000/svg";

// A name as people see it: control, invisible and direction-changing characters are shown by their codes.
const visible = (text) => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

function fill(element, attributes = {}, ...children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : value);
  }
  if (children.length) element.replaceChildren(...children.map((child) => (typeof child === "string" ? visible(child) : child)));
  return element;
}

const html = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, ...children);
const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, ...children);

let counter = 0;
// Ids are new for every view, so that many views live in one page.
const fresh = (stem) => `qgraph-${stem}-${++counter}-${Math.random().toString(36).slice(2, 8)}`;

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const shown = (value, digits = 4) => (Number.isFinite(value) ? String(Number(value.toPrecision(digits))) : "–");
const raw = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
const floats = (view) => new Float32Array(raw(view));
const bytes = (view) => new Uint8Array(raw(view));

// Everything that has to end with the view.
class Life {
  constructor() {
    this.ends = [];
    this.over = false;
  }
  on(target, event, listener, options) {
    target.addEventListener(event, listener, options);
    this.ends.push(() => target.removeEventListener(event, listener, options));
  }
  hear(model, event, listener) {
    model.on(event, listener);
    this.ends.push(() => model.off(event, listener));
  }
  then(end) {
    this.ends.push(end);
  }
  end() {
    this.over = true;
    for (const end of this.ends.splice(0).reverse()) end();
  }
}

// Messages to Python, numbered, so that an answer can be told from news, and silence from success.
const PATIENCE = 1500; // milliseconds until a missing answer is worth a word

class Link {
  constructor(model, life, say) {
    this.model = model;
    this.view = fresh("view");
    this.offline = Boolean(model.get("_offline"));
    this.number = 0;
    this.answered = 0;
    this.say = say;
    this.timer = null;
    life.then(() => clearTimeout(this.timer));
  }
  send(kind, content = {}) {
    if (this.offline) return 0;
    this.model.send({ kind, view: this.view, number: ++this.number, ...content });
    this.timer ??= setTimeout(() => this.say("Waiting for the kernel…", "wait"), PATIENCE);
    return this.number;
  }
  // A wish without an answer of its own: what it changes will show.
  tell(kind, value) {
    if (!this.offline) this.model.send({ kind, view: this.view, value });
  }
  get waiting() {
    return this.answered < this.number;
  }
  // Whether this answers the last of this view's messages, or comes from elsewhere while none is on its way.
  settle(answers) {
    if (answers?.view === this.view) this.answered = Math.max(this.answered, answers.number);
    if (this.waiting) return false;
    clearTimeout(this.timer);
    this.timer = null;
    return true;
  }
}

// One line for people who look and for people who listen.
function statusLine() {
  const element = html("div", { class: "qg-status", role: "status", "aria-live": "polite" });
  const say = (message, tone = "") => {
    const text = visible(message);
    if (element.textContent !== text) element.textContent = text;
    element.dataset.tone = tone;
  };
  return { element, say };
}

function button(text, title, action, life, attributes = {}) {
  const element = html("button", { type: "button", title, "aria-label": title, ...attributes }, text);
  life.on(element, "click", action);
  return element;
}

const labelled = (text, control) => html("label", {}, html("span", {}, text), control);

// A root with its own styles, whose keys JupyterLab leaves alone.
function root(el, life, name, label) {
  const box = html("section", { class: `qgraph-widget ${name}`, "aria-label": label, "data-lm-suppress-shortcuts": "true" });
  el.replaceChildren(box);
  life.then(() => el.replaceChildren());
  return box;
}
