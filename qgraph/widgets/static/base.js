// What all scripts share: elements, cleaning up, and messages to and from Python (see messages.js).

const SVG = "http://www.w3.org/2000/svg";
const PATIENCE = 1500; // milliseconds without an answer until the status line says so

// A name as it is shown. Control, invisible and direction-changing characters appear as their codes.
const visible = (text) =>
  text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

/**
 * Set attributes (none for null, undefined and false) and replace the children, if there are any.
 * @template {Element} T
 * @param {T} element
 * @param {Object<string, string | number | boolean | null | undefined>} [attributes]
 * @param {...(string | Node)} children
 * @returns {T}
 */
function fill(element, attributes = {}, ...children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : value);
  }
  const nodes = children.map((child) => (typeof child === "string" ? visible(child) : child));
  if (nodes.length) element.replaceChildren(...nodes);
  return element;
}

const html = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, ...children);
const svg = (tag, attributes, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, ...children);

let counter = 0;
// Ids are new for every view, because one page can hold many views.
function freshId(stem) {
  counter += 1;
  return `qgraph-${stem}-${counter}-${Math.random().toString(36).slice(2, 8)}`;
}

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const shown = (value, digits = 4) =>
  Number.isFinite(value) ? String(Number(value.toPrecision(digits))) : "–";

// The binary part of a message as numbers. A copy, because a part may begin at any byte.
const copied = (part) => part.buffer.slice(part.byteOffset, part.byteOffset + part.byteLength);
const floats = (part) => new Float32Array(copied(part));
const bytes = (part) => new Uint8Array(copied(part));

// Everything that has to end with the view.
class Life {
  constructor() {
    this.ends = [];
  }
  on(target, event, listener, options) {
    target.addEventListener(event, listener, options);
    this.atEnd(() => target.removeEventListener(event, listener, options));
  }
  onModel(model, event, listener) {
    model.on(event, listener);
    this.atEnd(() => model.off(event, listener));
  }
  atEnd(end) {
    this.ends.push(end);
  }
  end() {
    for (const end of this.ends.splice(0).reverse()) end();
  }
}

/**
 * Call the handler of each message from Python. A script has handlers for the messages that it uses.
 * @param {Object<string, function(FromPython, DataView[]): void>} handlers by the message's kind
 */
function onMessages(model, life, handlers) {
  life.onModel(model, "msg:custom", (content, parts) => handlers[content.kind]?.(content, parts ?? []));
}

// One view's messages to Python. They are numbered: an answer names the view and the number.
class Link {
  constructor(model, life, say) {
    this.model = model;
    this.view = freshId("view");
    this.offline = Boolean(model.get("_offline"));
    this.number = 0;
    this.answered = 0;
    this.say = say;
    this.timer = null;
    life.atEnd(() => clearTimeout(this.timer));
  }
  /**
   * Send a message that Python answers, by a new document or a refusal.
   * @param {NumberedMessage["kind"]} kind
   * @param {object} [content] the message's other fields
   */
  send(kind, content = {}) {
    if (this.offline) return;
    this.number += 1;
    this.model.send({ kind, view: this.view, number: this.number, ...content });
    this.timer ??= setTimeout(() => this.say("Waiting for the kernel…", "wait"), PATIENCE);
  }
  /**
   * Send a message without an answer of its own: its effect arrives as a trait or a message.
   * @param {UnnumberedMessage["kind"]} kind
   * @param {string | number | object} [value]
   */
  tell(kind, value) {
    if (!this.offline) this.model.send({ kind, view: this.view, value });
  }
  get waiting() {
    return this.answered < this.number;
  }
  /**
   * Note an answer. True if no message of this view is without an answer now.
   * @param {Answer} answers
   */
  settle(answers) {
    if (answers?.view === this.view) this.answered = Math.max(this.answered, answers.number);
    if (this.waiting) return false;
    clearTimeout(this.timer);
    this.timer = null;
    return true;
  }
}

// One line of text that screen readers read aloud.
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
const panel = (title, ...content) => html("div", { class: "qg-panel" }, html("h3", {}, title), ...content);
const figure = (name, value) => html("span", {}, `${name} `, html("b", {}, value));

// Keys that are pressed in a view are the view's. JupyterLab looks at the focused element first, and it may
// have a binding for it, so the mark that it respects has to be on that element, not only around it.
function keepKeys(box, life) {
  life.on(box, "focusin", ({ target }) => target.setAttribute("data-lm-suppress-shortcuts", "true"));
  life.on(box, "keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape" && !event.defaultPrevented) box.parentElement?.closest("[tabindex]")?.focus();
    if (isSave(event)) passOn(event);
  });
}
const isSave = (event) =>
  (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "s";
// Saving is of the whole page. If nobody around the view takes the key, the browser saves the page.
function passOn(event) {
  const again = new KeyboardEvent(event.type, event);
  if (!document.body.dispatchEvent(again)) event.preventDefault();
}

// For slides: the whole screen, and a compact form without tools, help and captions.
function presenting(box, life) {
  const compact = button(
    "Compact",
    "Compact form for slides",
    () => {
      const on = box.classList.toggle("qg-compact");
      compact.setAttribute("aria-pressed", String(on));
    },
    life,
    { "aria-pressed": "false" },
  );
  const full = button("Full screen", "Full screen", () => toggleFullScreen(box), life);
  full.hidden = !document.fullscreenEnabled;
  return html("div", { class: "qg-presenting" }, compact, full);
}
async function toggleFullScreen(box) {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await box.requestFullscreen();
}

// The element that holds a view.
function root(el, life, name, label) {
  const box = html("section", { class: `qgraph-widget ${name}`, "aria-label": label });
  el.replaceChildren(box);
  keepKeys(box, life);
  box.append(presenting(box, life));
  life.atEnd(() => el.replaceChildren());
  return box;
}

export {
  bytes,
  button,
  clamp,
  copied,
  figure,
  fill,
  floats,
  html,
  Life,
  Link,
  labelled,
  onMessages,
  panel,
  root,
  shown,
  statusLine,
  SVG,
  svg,
  visible,
};
