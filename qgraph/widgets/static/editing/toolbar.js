// The toolbar of a canvas that is edited: what is used often. The rest is in one menu.

const MODES = { select: "Select and move", node: "Add nodes", edge: "Connect nodes" };
const HELP = {
  "Mouse:":
    "Double-click an empty place to add a node. Drag a node to move it. Press Shift and drag from node to " +
    "node to connect them. Click an edge to edit it, double-click a node. Drag from an empty place to " +
    "select nodes; Ctrl-click adds one. Press Ctrl and turn the wheel to zoom.",
  "Touch:": "Drag a node. Press long on a node or an edge to edit it. Zoom with two fingers.",
  "Keyboard:":
    "The arrow keys go from node to node. Shift and an arrow key move a node. N adds a node. C begins an " +
    "edge: go to another node and press Enter. ] and [ go through all nodes and edges. Enter edits. Space " +
    "selects, Ctrl-A selects all. Delete removes. Ctrl-Z undoes and Ctrl-Y redoes. + and − zoom, 0 shows " +
    "everything. Escape ends what has begun; once more, and it leaves the view for the notebook's cell. " +
    "Ctrl-S saves the notebook; no other key reaches it from here.",
};

Object.assign(Editing.prototype, {
  toolbar() {
    this.tools = {};
    const bar = (label, ...tools) =>
      html("div", { class: "qg-tools", role: "toolbar", "aria-label": label }, ...tools);
    if (this.link.offline) return bar("View", ...this.viewTools(), ...this.moreTools());
    const help = this.helpText();
    const tools = [...this.modeTools(), ...this.editTools(), ...this.viewTools(), ...this.moreTools()];
    return html("div", {}, bar("Editing", ...tools, this.helpTool(help)), help);
  },
  tool(name, text, title, action, attributes) {
    this.tools[name] = button(text, title, action, this.life, attributes);
    return this.tools[name];
  },
  modeTools() {
    return Object.entries(MODES).map(([mode, title]) => {
      const pressed = { "aria-pressed": String(mode === this.mode) };
      return this.tool(mode, title.split(" ")[0], title, () => this.use(mode), pressed);
    });
  },
  editTools() {
    return [
      this.tool("remove", "Delete", "Delete the selection", () => this.remove()),
      this.tool("undo", "Undo", "Undo", () => this.link.send("undo")),
      this.tool("redo", "Redo", "Redo", () => this.link.send("redo")),
    ];
  },
  viewTools() {
    return [
      this.tool("in", "+", "Zoom in", () => this.canvas.zoom(ZOOM)),
      this.tool("out", "−", "Zoom out", () => this.canvas.zoom(1 / ZOOM)),
      this.tool("fit", "Fit", "Show everything", () => this.canvas.fit()),
    ];
  },
  helpText() {
    const parts = Object.entries(HELP).map(([name, text]) => html("p", {}, html("b", {}, name), ` ${text}`));
    return html("div", { class: "qg-help", hidden: true }, ...parts);
  },
  helpTool(help) {
    const toggle = () => {
      help.hidden = !help.hidden;
      this.tools.help.setAttribute("aria-expanded", String(!help.hidden));
    };
    return this.tool("help", "?", "How to edit", toggle, { "aria-expanded": "false" });
  },
  use(mode) {
    this.mode = mode;
    this.from = null;
    for (const name of Object.keys(MODES))
      this.tools[name].setAttribute("aria-pressed", String(name === mode));
    this.stage.dataset.mode = mode;
  },

  // -- the menu -----------------------------------------------------------------------------------
  moreTools() {
    const { opener, menu } = menuButton("More ▾", "More commands", () => this.commands(), this.life);
    this.tools.more = opener;
    return [opener, menu];
  },
  // The groups of the menu, and the commands in them that are possible now.
  commands() {
    const graph = this.doc.mode === "graph";
    const live = !this.link.offline;
    const weighted = graph && this.doc.edges.some((edge) => edge.weight !== 1);
    const groups = {
      Layout: live ? this.layoutCommands() : [],
      Edit: live ? this.editCommands() : [],
      File: [...(live ? this.fileCommands() : []), { text: "Export SVG", action: () => this.exportSvg() }],
      View: weighted ? [this.widthsCommand()] : [],
    };
    return Object.entries(groups).filter(([, items]) => items.length);
  },
  layoutCommands() {
    if (!this.doc.nodes.length) return [];
    return this.doc.tools.layouts.map((value) => ({
      text: value,
      action: () => this.edit("layout", { value }),
    }));
  },
  editCommands() {
    return [
      { text: "Generate…", action: () => this.openGenerate() },
      { text: "Select all", action: () => this.select(this.doc.nodes) },
      { text: "Clear", action: () => this.edit("clear", {}) },
    ];
  },
  fileCommands() {
    return [
      { text: "Import…", action: () => this.chooseFile() },
      { text: "Export JSON", action: () => this.link.tell("export") },
    ];
  },
  widthsCommand() {
    const { canvas } = this;
    return {
      text: "Weights as widths",
      checked: canvas.widths,
      action: () => {
        canvas.widths = !canvas.widths;
        canvas.svg.classList.toggle("qg-widths", canvas.widths);
        canvas.refresh();
      },
    };
  },
});
