/**
 * JSON columns. Specs are long, repeat in layout, slot and pane, and hardly ever change, so both directions remember
 * what they saw: equal text gives the same frozen value.
 */
const REMEMBERED = 4_096;

let young = new Map<string, unknown>();
let old = new Map<string, unknown>();
const texts = new WeakMap<object, string>();

/** The value of a JSON column, deeply frozen, the same one for the same text. */
export function readJson(text: string): unknown {
  const known = young.get(text) ?? old.get(text);
  if (known !== undefined) return known;
  const value = deepFreeze(JSON.parse(text) as unknown);
  if (typeof value === 'object' && value !== null) texts.set(value, text);
  if (young.size >= REMEMBERED) {
    old = young;
    young = new Map();
  }
  young.set(text, value);
  return value;
}

/** JSON text of data that may come from the cache of `readJson`. */
export function writeJson(value: unknown): string {
  const known = typeof value === 'object' && value !== null ? texts.get(value) : undefined;
  return known ?? JSON.stringify(value);
}

/**
 * JSON text of data from elsewhere. Throws a TypeError for what JSON cannot say (NaN, functions), which `JSON.stringify`
 * would quietly turn into something else.
 */
export function writeStrictJson(value: unknown): string {
  return JSON.stringify(value, (key, inner: unknown) => {
    const isSayable =
      typeof inner === 'number'
        ? Number.isFinite(inner)
        : typeof inner !== 'function' && typeof inner !== 'symbol';
    if (!isSayable) throw new TypeError(`${String(inner)} at "${key}" cannot be said in JSON`);
    return inner;
  });
}

function deepFreeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
