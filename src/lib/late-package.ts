import { createRequire } from 'node:module';

/**
 * A package that is loaded when it is first asked for, not when the program starts: whoever starts the daemon waits for
 * each module it loads.
 */
export function latePackage(name: string): () => unknown {
  let loaded: { readonly exports: unknown } | undefined;
  return () => {
    loaded ??= { exports: createRequire(import.meta.url)(name) as unknown };
    return loaded.exports;
  };
}
