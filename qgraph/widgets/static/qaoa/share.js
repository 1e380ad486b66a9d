// Angles and circuit as text: copied, shown, and read back.

const COPIES = { python: "Copy as Python", qasm: "Copy QASM", state: "Copy state" };
const LARGEST_STATE = 2e6; // characters

class Share {
  /**
   * @param {function(string, string): void} say
   */
  constructor(life, link, say) {
    this.say = say;
    this.link = link;
    this.area = html("textarea", {
      readonly: true,
      rows: 6,
      "aria-label": "Copied text",
      spellcheck: "false",
    });
    const hide = button("Close", "Close the text", () => this.close(), life);
    this.box = html("div", { class: "qg-copied", hidden: true }, this.area, hide);
    const copies = Object.entries(COPIES).map(([what, text]) =>
      button(text, text, () => this.ask(what), life),
    );
    this.file = html("input", { type: "file", accept: ".json,application/json", hidden: true });
    this.file.setAttribute("aria-label", "File with a saved state");
    life.on(this.file, "change", () => this.read());
    const open = button("Open state…", "Open a saved state", () => this.file.click(), life);
    const save = button("Save state…", "Save the state as a file", () => this.ask("state", true), life);
    this.controls = [...copies, save, open, this.file];
  }
  ask(what, save = false) {
    this.saving = save;
    this.say("Writing…", "wait");
    this.link.tell("text", what);
  }
  close() {
    this.box.hidden = true;
  }
  /** @param {TextMessage} content */
  async hear({ view, what, text }) {
    if (view !== this.link.view) return undefined; // another view has asked
    if (this.saving && what === "state") return this.save(text);
    this.area.value = text;
    this.box.hidden = false;
    const copied = await copy(text, this.area);
    return this.say(copied ? "Copied." : "Press Ctrl-C to copy the selected text.");
  }
  save(text) {
    download("qgraph-state.json", "application/json", text);
    this.say("Saved.");
  }
  async read() {
    const [file] = this.file.files;
    if (!file) return;
    this.file.value = "";
    if (file.size > LARGEST_STATE) this.say(`${file.name} is too large for a saved state.`, "refused");
    else this.link.tell("open", await file.text());
  }
}

// Copy a text. Where the browser does not allow it, select it.
async function copy(text, area) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    area.focus();
    area.select();
    return false;
  }
}

export { Share };
