// The editor alone.

function render({ model, el }) {
  const life = new Life();
  const box = root(el, life, "qg-editor-alone", "Graph editor");
  const editor = new Editing(model, life, { label: "Graph editor" });
  box.append(editor.element);
  return () => life.end();
}

export default { render };
