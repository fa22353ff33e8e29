import { readFileSync } from 'node:fs';

/** The package's own version, from the package.json two folders up, in the sources as in the build. */
export function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(text) as { readonly version: string };
  return version;
}
