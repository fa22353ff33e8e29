import type { LaunchProfile, LayoutTemplate } from '../domain/templates.ts';
import { didYouMean } from './did-you-mean.ts';
import type { ManifestDocument, Path } from './document.ts';

/** Objects that layouts can name: those of the set itself, then those of the catalog. */
export interface Named<T> {
  readonly noun: string;
  readonly known: ReadonlyMap<string, T>;
  /** Declared by a document that could not be used, which has been reported already. */
  readonly excused: (name: string) => boolean;
}

export interface Names {
  readonly templates: Named<LayoutTemplate>;
  readonly profiles: Named<LaunchProfile>;
}

/** The object called `name`, which the document mentions at `path`; reports it when there is none. */
export function lookUp<T>(
  { noun, known, excused }: Named<T>,
  name: string,
  { document, path }: { readonly document: ManifestDocument; readonly path: Path },
): T | undefined {
  const found = known.get(name);
  if (found !== undefined || excused(name)) return found;
  document.report(path, {
    message: `unknown ${noun} ${JSON.stringify(name)}`,
    hint: didYouMean(name, known.keys()) ?? listOf(noun, [...known.keys()]),
  });
  return undefined;
}

function listOf(noun: string, names: readonly string[]): string {
  if (names.length === 0) return `none is declared; add a ${noun} of that name`;
  const shown = names.toSorted().slice(0, 10).join(', ');
  return `known are ${shown}${names.length > 10 ? ', …' : ''}`;
}
