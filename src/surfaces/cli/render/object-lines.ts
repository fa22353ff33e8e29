import type { AppliedObject } from '../../../declare/applied-objects.ts';
import type { Paint } from './paint.ts';
import { toneOf } from './paint.ts';
import { toPlainText } from './plain-text.ts';

/** One line per object: `layout/payments created`. */
export function renderObjects(
  objects: readonly AppliedObject[],
  options: { readonly paint: Paint; readonly isDryRun?: boolean },
): readonly string[] {
  const nameOf = objectNamer(objects);
  return objects.flatMap((object) => {
    const { action, note } = object;
    const dryRun = options.isDryRun === true ? ' (dry run)' : '';
    const line = `${nameOf(object)} ${options.paint(action, toneOf(action))}${dryRun}`;
    return note === undefined ? [line] : [line, `  ${toPlainText(note)}`];
  });
}

interface Named extends Pick<AppliedObject, 'name' | 'container'> {
  readonly kind: string;
}

/** `layout/payments`, with its container where several of them have one of that name. */
export function objectNamer(objects: readonly Named[]): (object: Named) => string {
  const isAlone = ({ kind, name }: Named): boolean =>
    objects.filter((other) => other.kind === kind && other.name === name).length <= 1;
  return (object) => {
    const { kind, name, container } = object;
    const short = `${kind.toLowerCase()}/${name}`;
    return container === undefined || isAlone(object) ? short : `${short} in ${container}`;
  };
}
