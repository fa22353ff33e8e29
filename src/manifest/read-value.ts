import type { Node, Pair, YAMLMap } from 'yaml';

import { MAX_ALIAS_GROWTH, MAX_DEPTH, MAX_ENTRIES } from './limits.ts';
import type { YamlDocument } from './parse.ts';
import { lineOf, type ProblemText, type SourceText } from './source-text.ts';
import { yaml } from './yaml.ts';

/** Where one entry of a list or mapping stands in the text. */
interface EntryPlace {
  /** Offset of the key; of the value, for list items. */
  readonly key: number;
  readonly value: number;
  /** The scalar as it was written, for advice on quoting it. */
  readonly written?: string;
}

/** Places of the entries of every list and mapping that was read, by object identity. */
export type Places = WeakMap<object, Map<string, EntryPlace>>;

export interface ReadValue {
  readonly value: unknown;
  readonly start: number;
  readonly places: Places;
  /** A part could not be read and `null` stands in its place: checks of the content would only echo that. */
  readonly damaged: boolean;
}

type Mapping = Record<string, unknown>;

/** Plain value of a node, with what it would cost were its aliases written out. */
interface Piece {
  readonly value: unknown;
  readonly size: number;
  readonly height: number;
}

interface Reading {
  readonly source: SourceText;
  readonly report: (offset: number, problem: ProblemText) => void;
  readonly places: Places;
  readonly anchors: Map<string, Piece>;
  readonly limit: number;
  damaged: boolean;
}

const NOTHING: Piece = { value: null, size: 1, height: 0 };
const KNOWN_TAGS = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
);

/**
 * Turns a YAML document into JSON data. Anchors and merge keys are followed; an anchored value is built once and
 * shared, so an alias bomb costs nothing and is recognized by its size on paper.
 */
export function readValue(
  source: SourceText,
  document: YamlDocument,
  report: Reading['report'],
): ReadValue {
  const root = document.contents;
  const start = root?.range[0] ?? 0;
  const reading: Reading = {
    source,
    report,
    places: new WeakMap(),
    anchors: new Map(),
    limit: MAX_ALIAS_GROWTH + 2 * source.text.length,
    damaged: false,
  };
  const { value } = readNode(reading, root, start);
  return { value, start, places: reading.places, damaged: reading.damaged };
}

function readNode(reading: Reading, node: Node | null, fallback: number): Piece {
  if (node === null) return NOTHING;
  const at = startOf(node, fallback);
  if (yaml().isAlias(node)) {
    const piece = reading.anchors.get(node.source);
    if (piece !== undefined) return piece;
    return refuse(reading, at, {
      message: `the alias *${node.source} has no anchor &${node.source} before it`,
    });
  }
  const piece = readOwn(reading, node, at);
  const anchor = (node as { anchor?: string }).anchor;
  if (anchor !== undefined) reading.anchors.set(anchor, piece);
  return piece;
}

function readOwn(reading: Reading, node: Node, at: number): Piece {
  if (node.tag !== undefined && !KNOWN_TAGS.has(node.tag)) {
    return refuse(reading, at, { message: `the tag ${node.tag} is not known here` });
  }
  let piece = NOTHING;
  if (yaml().isScalar(node)) piece = readScalar(reading, node.value, at);
  else if (yaml().isSeq(node)) piece = readList(reading, node.items as readonly Node[], at);
  else if (yaml().isMap(node)) piece = readMapping(reading, node, at);
  return withinLimits(reading, piece, at);
}

function withinLimits(reading: Reading, piece: Piece, at: number): Piece {
  if (piece.height > MAX_DEPTH) {
    return refuse(reading, at, { message: `nested deeper than ${MAX_DEPTH} levels` });
  }
  if (piece.size <= reading.limit) return piece;
  return refuse(reading, at, {
    message: 'its aliases expand to more than 1 MiB',
    hint: 'write the values out, or declare fewer at once',
  });
}

function readScalar(reading: Reading, value: unknown, at: number): Piece {
  if (typeof value === 'string') {
    const problem = textProblem(value);
    return problem === undefined
      ? { value, size: 1 + value.length, height: 0 }
      : refuse(reading, at, { message: problem });
  }
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) {
    return { ...NOTHING, value };
  }
  return refuse(reading, at, { message: 'this kind of value has no place in a manifest' });
}

/** No argv, environment, title or file name can carry these. */
function textProblem(text: string): string | undefined {
  if (text.includes('\0')) return 'the text contains a NUL byte';
  if (/\p{Surrogate}/u.test(text)) return 'the text contains half of a surrogate pair';
  return undefined;
}

function readList(reading: Reading, items: readonly Node[], at: number): Piece {
  if (items.length > MAX_ENTRIES) return tooMany(reading, at);
  const value: unknown[] = [];
  const places = new Map<string, EntryPlace>();
  let size = 1;
  let height = 0;
  for (const item of items) {
    const piece = readNode(reading, item, at);
    const start = startOf(item, at);
    places.set(String(value.length), placeOf(item, start, start));
    value.push(piece.value);
    size += piece.size;
    height = Math.max(height, piece.height);
  }
  reading.places.set(value, places);
  return { value, size, height: height + 1 };
}

function readMapping(reading: Reading, map: YAMLMap, at: number): Piece {
  if (map.items.length > MAX_ENTRIES) return tooMany(reading, at);
  const value: Mapping = {};
  const places = new Map<string, EntryPlace>();
  const merged: Mapping[] = [];
  let size = 1;
  let height = 0;
  for (const pair of map.items as readonly Pair<Node, Node | null>[]) {
    const keyAt = startOf(pair.key, at);
    const piece = readNode(reading, pair.value, keyAt);
    size += piece.size;
    height = Math.max(height, piece.height);
    if (isMergeKey(pair.key)) {
      merged.push(...mergeSources(reading, piece.value, keyAt));
      continue;
    }
    const key = readKey(reading, pair.key, keyAt);
    if (key === undefined || isDuplicate(reading, places, key, keyAt)) continue;
    size += key.length;
    value[key] = piece.value;
    places.set(key, placeOf(pair.value, keyAt, startOf(pair.value, keyAt)));
  }
  reading.places.set(value, places);
  if (size <= reading.limit) for (const from of merged) mergeInto(reading, value, from);
  return { value, size, height: height + 1 };
}

function isMergeKey(key: Node): boolean {
  return (
    yaml().isScalar(key) && key.source === '<<' && (key.type === 'PLAIN' || key.type === undefined)
  );
}

/** What `<<` names: one mapping or a list of them. */
function mergeSources(reading: Reading, value: unknown, at: number): readonly Mapping[] {
  const sources: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (sources.every(isMapping)) return sources;
  refuse(reading, at, { message: '"<<" merges a mapping or a list of mappings, and nothing else' });
  return [];
}

/** Keys that are there already win, so own keys beat merged ones and earlier merges beat later ones. */
function mergeInto(reading: Reading, value: Mapping, from: Mapping): void {
  const places = reading.places.get(value);
  for (const [key, place] of reading.places.get(from) ?? []) {
    if (Object.hasOwn(value, key)) continue;
    value[key] = from[key];
    places?.set(key, place);
  }
}

function readKey(reading: Reading, node: Node, at: number): string | undefined {
  const { value } = readNode(reading, node, at);
  if (value === '__proto__') {
    reading.report(at, { message: '"__proto__" cannot be a key' });
    return undefined;
  }
  if (typeof value === 'string') return value;
  const written = yaml().isScalar(node) && typeof node.source === 'string' ? node.source : '';
  reading.report(at, {
    message: 'a key must be text',
    hint: written === '' ? undefined : `put it in quotes: ${JSON.stringify(written)}`,
  });
  return undefined;
}

function isDuplicate(
  reading: Reading,
  places: ReadonlyMap<string, EntryPlace>,
  key: string,
  at: number,
): boolean {
  const first = places.get(key);
  if (first === undefined) return false;
  reading.report(at, {
    message: `the key ${JSON.stringify(key)} stands twice in one mapping, first on line ${lineOf(reading.source, first.key)}`,
    hint: 'keep one of them',
  });
  return true;
}

function tooMany(reading: Reading, at: number): Piece {
  return refuse(reading, at, { message: `more than ${MAX_ENTRIES} entries in one place` });
}

function refuse(reading: Reading, at: number, problem: ProblemText): Piece {
  reading.report(at, problem);
  reading.damaged = true;
  return NOTHING;
}

function placeOf(node: Node | null, key: number, value: number): EntryPlace {
  const written = yaml().isScalar(node) ? node.source : undefined;
  // An empty value has no place of its own.
  if (written === '' && yaml().isScalar(node) && node.type === 'PLAIN') return { key, value: key };
  return written === undefined ? { key, value } : { key, value, written };
}

function startOf(node: Node | null, fallback: number): number {
  return node?.range?.[0] ?? fallback;
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
