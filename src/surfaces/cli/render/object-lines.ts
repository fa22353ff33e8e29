import type { AppliedObject } from '../../../declare/declarations.ts';
import type { Paint } from './paint.ts';
import { toneOf } from './paint.ts';
import { toPlainText } from './plain-text.ts';

/** One line per object: `layout/payments created`. */
export function renderObjects(
  objects: readonly AppliedObject[],
  options: { readonly paint: Paint; readonly isDryRun?: boolean },
): readonly string[] {
  return objects.flatMap(({ kind, name, action, note }) => {
    const dryRun = options.isDryRun === true ? ' (dry run)' : '';
    const line = `${kind.toLowerCase()}/${name} ${options.paint(action, toneOf(action))}${dryRun}`;
    return note === undefined ? [line] : [line, `  ${toPlainText(note)}`];
  });
}
