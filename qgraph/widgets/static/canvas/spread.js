// Boxes on the screen, [left, top, right, bottom] in pixels, and symbols that are kept apart.

const APART = 3; // pixels between two symbols
const ROUNDS = 80;
const MOST_SPREAD = 300; // symbols; more are too many for the space

const overlap = (a, b, gap = 0) =>
  a[0] < b[2] + gap && b[0] < a[2] + gap && a[1] < b[3] + gap && b[1] < a[3] + gap;
const moved = (box, x, y) => [box[0] + x, box[1] + y, box[2] + x, box[3] + y];

// Whether a line from spot to spot goes through a box.
function crosses([x1, y1], [x2, y2], box) {
  let [first, last] = [0, 1];
  for (const [from, step, low, high] of [
    [x1, x2 - x1, box[0], box[2]],
    [y1, y2 - y1, box[1], box[3]],
  ]) {
    if (Math.abs(step) < 1e-9) {
      if (from < low || from > high) return false;
      continue;
    }
    const [a, b] = [(low - from) / step, (high - from) / step];
    first = Math.max(first, Math.min(a, b));
    last = Math.min(last, Math.max(a, b));
  }
  return first <= last;
}

// A symbol has a `spot` that changes, a `box` around it, and a `rank`: of two, the lower rank gives way.

// Move two symbols that overlap apart, the shorter way. Equal places are told apart by their order.
function part(one, other) {
  const [a, b] = [moved(one.box, ...one.spot), moved(other.box, ...other.spot)];
  if (!overlap(a, b, APART - 0.5)) return false;
  const pushes = [0, 1].map((axis) => {
    const [ahead, back] = [a[axis + 2] - b[axis], b[axis + 2] - a[axis]];
    return ahead <= back ? -ahead - APART : back + APART;
  });
  const axis = Math.abs(pushes[0]) <= Math.abs(pushes[1]) ? 0 : 1;
  const share = one.rank === other.rank ? 0.5 : Number(one.rank < other.rank);
  one.spot[axis] += pushes[axis] * share;
  other.spot[axis] -= pushes[axis] * (1 - share);
  return true;
}
function keepIn({ spot, box }, [width, height]) {
  spot[0] = clamp(spot[0], 2 - box[0], width - 2 - box[2]);
  spot[1] = clamp(spot[1], 2 - box[1], height - 2 - box[3]);
}
// Move symbols apart, within a canvas of this size if there is one. Symbols that overlap nothing stay where
// they are. True if none overlap at the end.
function spread(symbols, size) {
  if (symbols.length > MOST_SPREAD) return true;
  for (let round = 0; round < ROUNDS; round++) {
    if (size) for (const symbol of symbols) keepIn(symbol, size);
    if (!partAll(symbols)) return true;
  }
  return false;
}
// True if some overlapped.
function partAll(symbols) {
  const left = ({ spot, box }) => spot[0] + box[0];
  const row = [...symbols].sort((a, b) => left(a) - left(b));
  let together = false;
  row.forEach((one, i) => {
    for (let j = i + 1; j < row.length && left(row[j]) < one.spot[0] + one.box[2] + 2 * APART; j++)
      together = part(one, row[j]) || together;
  });
  return together;
}

export { crosses, moved, overlap, spread };
