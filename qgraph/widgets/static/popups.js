// What opens beside something: small forms, and menus. The browser draws them above all else, so that no
// frame cuts them off.

const BESIDE_GAP = 8; // pixels

const viewBox = () => [4, 4, window.innerWidth - 4, window.innerHeight - 4];
const boxOf = (element) => {
  const { left, top, right, bottom } = element.getBoundingClientRect();
  return [left, top, right, bottom];
};

const SIDES_OF = { flat: ["below", "above", "right", "left"], steep: ["right", "left", "below", "above"] };

// Move an element that is shown to a free place beside a box; the sides are named best first.
function putBeside(element, box, sides = SIDES_OF.steep) {
  const [width, height] = [element.offsetWidth, element.offsetHeight];
  const view = viewBox();
  const middle = [(box[0] + box[2] - width) / 2, (box[1] + box[3] - height) / 2];
  const places = {
    right: [box[2] + BESIDE_GAP, middle[1]],
    left: [box[0] - BESIDE_GAP - width, middle[1]],
    below: [middle[0], box[3] + BESIDE_GAP],
    above: [middle[0], box[1] - BESIDE_GAP - height],
    under: [box[0], box[3] + 2], // the left sides in line
    over: [box[0], box[1] - 2 - height],
  };
  const inView = ([left, top]) => [
    clamp(left, view[0], Math.max(view[0], view[2] - width)),
    clamp(top, view[1], Math.max(view[1], view[3] - height)),
  ];
  const spots = sides.map((side) => inView(places[side]));
  const free = ([left, top]) => !overlap([left, top, left + width, top + height], box);
  const [left, top] = spots.find(free) ?? spots[0];
  element.style.left = `${left}px`;
  element.style.top = `${top}px`;
}

/**
 * A button that opens a menu. Arrow keys, Home and End go through it, Escape closes it.
 * @param {function(): [string, object[]][]} groups names of groups, and the items of each: `text`, `action`,
 *   and for a choice that is on or off `checked`
 */
function menuButton(text, title, groups, life) {
  const menu = html("div", { class: "qg-menu", role: "menu", "aria-label": title, popover: "auto" });
  const opener = html(
    "button",
    { type: "button", title, "aria-label": title, "aria-haspopup": "menu" },
    text,
  );
  opener.popoverTargetElement = menu;
  const close = () => {
    menu.hidePopover();
    opener.focus();
  };
  life.on(menu, "beforetoggle", ({ newState }) => {
    opener.setAttribute("aria-expanded", String(newState === "open"));
    if (newState !== "open") return;
    menu.replaceChildren(...groups().map((group) => menuGroup(group, close)));
    // "toggle" comes later, and a key that is pressed before it would stay with the button that opened.
    menu.querySelector("button").autofocus = true;
  });
  life.on(menu, "toggle", ({ newState }) => {
    if (newState === "open") putBeside(menu, boxOf(opener), ["under", "over"]);
  });
  life.on(menu, "keydown", (event) => menuKey(event, menu, close));
  return { opener, menu };
}
function menuGroup([name, items], close) {
  const buttons = items.map(({ text, action, checked }) => {
    const role = checked === undefined ? "menuitem" : "menuitemcheckbox";
    const item = html(
      "button",
      { type: "button", role, tabindex: -1, "aria-checked": checked?.toString() },
      text,
    );
    item.onclick = () => {
      close();
      action();
    };
    return item;
  });
  const title = html("div", { class: "qg-menu-title", "aria-hidden": "true" }, name);
  return html("div", { role: "group", "aria-label": name }, title, ...buttons);
}
function menuKey(event, menu, close) {
  const items = [...menu.querySelectorAll("button")];
  const at = items.indexOf(event.target);
  const goals = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
  if (event.key in goals) items.at(goals[event.key] % items.length).focus();
  else if (event.key === "Escape" || event.key === "Tab") close();
  else return;
  event.preventDefault();
}

export { boxOf, menuButton, putBeside, SIDES_OF };
