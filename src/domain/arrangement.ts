/** Layouts every supported tmux knows by name. */
export const ARRANGEMENT_NAMES = [
  'tiled',
  'even-horizontal',
  'even-vertical',
  'main-horizontal',
  'main-vertical',
] as const;

/** Longer than the layout of any window with as many panes as a window can show. */
const LAYOUT_STRING_MAX = 8_192;

/**
 * Why `text` is neither a layout's name nor a sound layout string (`#{window_layout}`), or `undefined` when it is
 * one. Anything else must never reach tmux: some versions crash on it, and every pane with them.
 */
export function arrangementProblem(text: string): string | undefined {
  if (ARRANGEMENT_NAMES.some((name) => name === text)) return undefined;
  if (text.length <= LAYOUT_STRING_MAX && /^[0-9a-f]{4},\d/.test(text)) {
    const tree = text.slice('0000,'.length);
    if (!text.startsWith(layoutChecksum(tree))) {
      return `the checksum of the layout string "${text}" is wrong: copy it as tmux prints it for #{window_layout}`;
    }
    const end = skipCell(tree, 0);
    if (end?.next === tree.length) return undefined;
    return `the cells of the layout string "${text}" do not fit together: copy it as tmux prints it for #{window_layout}`;
  }
  return `"${text}" is not an arrangement: use ${ARRANGEMENT_NAMES.join(', ')}, or a layout string as tmux prints it for #{window_layout}`;
}

/** The four hexadecimal digits tmux puts before the cells. */
export function layoutChecksum(tree: string): string {
  let sum = 0;
  for (const char of tree) {
    sum = (sum >> 1) + ((sum & 1) << 15);
    sum = (sum + char.charCodeAt(0)) & 0xffff;
  }
  return sum.toString(16).padStart(4, '0');
}

interface Cell {
  readonly width: number;
  readonly height: number;
  readonly x: number;
  readonly y: number;
}

interface Parsed {
  readonly cell: Cell;
  readonly next: number;
}

const CELL = /(\d{1,4})x(\d{1,4}),(\d{1,4}),(\d{1,4})(?:,\d{1,9}(?![\dx])|(?=[[{]))/y;

/** The cell that begins at `at`, with everything in it, when it is sound. A pane, a `{row}` or a `[column]`. */
function skipCell(tree: string, at: number): Parsed | undefined {
  const head = parseHead(tree, at);
  const opening = head === undefined ? undefined : tree[head.next];
  if (head === undefined || (opening !== '{' && opening !== '[')) return head;
  const inside = parseChildren(tree, head.next + 1);
  if (inside === undefined) return undefined;
  const { cell } = head;
  const { children, next } = inside;
  const isClosed = tree[next] === (opening === '{' ? '}' : ']');
  const isFull = opening === '{' ? fillsRow(cell, children) : fillsColumn(cell, children);
  return isClosed && isFull ? { cell, next: next + 1 } : undefined;
}

/** Size and place of the cell that begins at `at`, without what is in it. */
function parseHead(tree: string, at: number): Parsed | undefined {
  CELL.lastIndex = at;
  const found = CELL.exec(tree);
  if (found === null) return undefined;
  const [width = 0, height = 0, x = 0, y = 0] = found.slice(1, 5).map(Number);
  if (width < 1 || height < 1) return undefined;
  return { cell: { width, height, x, y }, next: CELL.lastIndex };
}

/** The cells from `at` on, with commas between them; `next` is what follows the last. */
function parseChildren(
  tree: string,
  at: number,
): { readonly children: readonly Cell[]; readonly next: number } | undefined {
  const children: Cell[] = [];
  for (let position = at; ; position += 1) {
    const child = skipCell(tree, position);
    if (child === undefined) return undefined;
    children.push(child.cell);
    position = child.next;
    if (tree[position] !== ',') return { children, next: position };
  }
}

/** Side by side with a line between, from edge to edge. */
function fillsRow(cell: Cell, children: readonly Cell[]): boolean {
  let x = cell.x;
  for (const child of children) {
    if (child.x !== x || child.y !== cell.y || child.height !== cell.height) return false;
    x += child.width + 1;
  }
  return children.length > 1 && x === cell.x + cell.width + 1;
}

/** A column is a row on its side. */
function fillsColumn(cell: Cell, children: readonly Cell[]): boolean {
  return fillsRow(turn(cell), children.map(turn));
}

function turn({ width, height, x, y }: Cell): Cell {
  return { width: height, height: width, x: y, y: x };
}
