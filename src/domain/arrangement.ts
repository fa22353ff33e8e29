/** Layouts every supported tmux knows by name. */
export const ARRANGEMENT_NAMES = [
  'tiled',
  'even-horizontal',
  'even-vertical',
  'main-horizontal',
  'main-vertical',
] as const;

/** A checksum and the tree of cells, as `#{window_layout}` prints it. */
const LAYOUT_STRING = /^[0-9a-f]{4},\d+x\d+,\d+,\d+[,[{][0-9x,[\]{}]*$/;

/**
 * Why `text` is neither a layout's name nor a layout string, or `undefined` when it is one. Anything else must never
 * reach tmux: some versions crash on it, and every pane with them.
 */
export function arrangementProblem(text: string): string | undefined {
  if (ARRANGEMENT_NAMES.some((name) => name === text) || LAYOUT_STRING.test(text)) return undefined;
  return `"${text}" is not an arrangement: use ${ARRANGEMENT_NAMES.join(', ')}, or a layout string as tmux prints it for #{window_layout}`;
}
