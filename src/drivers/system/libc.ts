import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';

/** The two calls Node does not offer, straight from the C library this process runs on (glibc or musl). */
export interface Libc {
  /** 0, or the error's number. */
  flock(descriptor: number, operation: number): number;
  /** Fills `value` with a socket option; 0, or the error's number. */
  getsockopt(descriptor: number, level: number, option: number, value: Buffer): number;
}

let loaded: Libc | undefined;

/** Loaded on first use: clients never need it. Throws when there is no native build for this machine. */
export function libc(): Libc {
  loaded ??= load();
  return loaded;
}

function load(): Libc {
  const koffi = requireKoffi();
  const library = koffi.load(null);
  const flock = library.func('int flock(int fd, int operation)');
  const getsockopt = library.func(
    'int getsockopt(int fd, int level, int option, _Out_ void *value, _Inout_ uint32_t *length)',
  );
  const outcome = (returned: unknown): number => (returned === 0 ? 0 : koffi.errno());
  return {
    flock: (descriptor, operation) => outcome(flock(descriptor, operation)),
    getsockopt: (descriptor, level, option, value) =>
      outcome(getsockopt(descriptor, level, option, value, [value.length])),
  };
}

function requireKoffi(): typeof Koffi {
  try {
    return createRequire(import.meta.url)('koffi') as typeof Koffi;
  } catch (cause) {
    const machine = `${process.platform} ${process.arch}`;
    throw new Error(
      `the native module koffi does not load on this machine (${machine}); reinstall agenttower here`,
      { cause },
    );
  }
}
