// The handle below a drawing: its height follows the pointer or the arrow keys.

const LOWEST = 160; // pixels
const HIGHEST = 1200;
const STEP = 20;

function heightHandle(canvas, life) {
  const handle = html("div", {
    class: "qg-handle",
    role: "separator",
    tabindex: 0,
    "aria-orientation": "horizontal",
    "aria-label": "Height of the drawing",
    "aria-valuemin": LOWEST,
    "aria-valuemax": HIGHEST,
    title: "Drag to change the height",
  });
  const height = () => canvas.svg.getBoundingClientRect().height;
  const tell = () => handle.setAttribute("aria-valuenow", Math.round(height()));
  const set = (value) => {
    canvas.svg.style.height = `${clamp(value, LOWEST, HIGHEST)}px`;
    tell();
  };
  let start = null;
  life.on(handle, "pointerdown", (event) => {
    handle.setPointerCapture(event.pointerId);
    start = height() - event.clientY;
  });
  life.on(handle, "pointermove", (event) => start !== null && set(start + event.clientY));
  for (const end of ["pointerup", "pointercancel"])
    life.on(handle, end, () => {
      start = null;
    });
  life.on(handle, "keydown", (event) => {
    const steps = { ArrowDown: STEP, ArrowUp: -STEP, PageDown: 5 * STEP, PageUp: -5 * STEP };
    const goals = { Home: LOWEST, End: HIGHEST };
    if (event.key in steps) set(height() + steps[event.key]);
    else if (event.key in goals) set(goals[event.key]);
    else return;
    event.preventDefault();
  });
  return { handle, tell };
}

export { heightHandle };
