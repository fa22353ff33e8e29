import type { ManifestProblem } from '../domain/errors.ts';
import { textProblem } from './check-text.ts';
import { MAX_PROBLEMS_PER_DOCUMENT } from './limits.ts';
import type { ManifestFile } from './manifest-file.ts';
import { parseYaml, type YamlDocument } from './parse.ts';
import { type Places, readValue } from './read-value.ts';
import {
  lineOf,
  type ProblemText,
  problemAt,
  type SourceText,
  toSourceText,
} from './source-text.ts';

/** Way to a value inside a document: keys of mappings and indexes of lists. */
export type Path = readonly (string | number)[];

interface ProblemOptions {
  /** Points at the key rather than at its value. */
  readonly at?: 'key' | 'value';
  /** The mistake may be the consequence of another one, so it is told only when there is no other. */
  readonly mayFollow?: boolean;
}

/** One YAML document as JSON data, which can say where each part of it stands. */
export interface ManifestDocument {
  /** `file:line` of its first line of content. */
  readonly place: string;
  readonly text: string;
  readonly value: unknown;
  /** Nothing more can be said about its content. */
  readonly damaged: boolean;
  /** Records a mistake at `path`. */
  readonly report: (path: Path, problem: ProblemText, options?: ProblemOptions) => void;
  readonly hasProblems: () => boolean;
  /** `file:line` of the value at `path`. */
  readonly placeOf: (path: Path) => string;
  /** The scalar at `path` as it was written, before it was read as a number or truth value. */
  readonly writtenAt: (path: Path) => string | undefined;
}

export interface FileContent {
  readonly documents: readonly ManifestDocument[];
  /** Text of what is not among the documents because it could not be read. */
  readonly unread: readonly string[];
}

/** Reads all documents of one file; empty ones are left out. Mistakes go to `sink`. */
export function readDocuments(
  file: ManifestFile,
  sink: (problem: ManifestProblem) => void,
): FileContent {
  const source = toSourceText(file);
  const unreadable = textProblem(source);
  if (unreadable !== undefined) {
    sink(unreadable);
    return { documents: [], unread: [source.text] };
  }
  const { documents, problems, unread } = parseYaml(source);
  problems.forEach(sink);
  return {
    documents: documents
      .map((document) => toManifestDocument(source, document, sink))
      .filter(({ value, damaged }) => value !== null || damaged),
    unread,
  };
}

function toManifestDocument(
  source: SourceText,
  document: YamlDocument,
  sink: (problem: ManifestProblem) => void,
): ManifestDocument {
  let count = 0;
  const reportAt = (offset: number, problem: ProblemText): void => {
    count += 1;
    if (count <= MAX_PROBLEMS_PER_DOCUMENT) sink(problemAt(source, offset, problem));
    if (count === MAX_PROBLEMS_PER_DOCUMENT + 1) {
      sink(problemAt(source, offset, { message: 'more mistakes follow from here on' }));
    }
  };
  const read = readValue(source, document, reportAt);
  const offsetOf = (path: Path, at: 'key' | 'value' = 'value'): number =>
    entryAt(read.value, read.places, path)?.[at] ?? read.start;
  return {
    place: `${source.path}:${lineOf(source, read.start)}`,
    text: source.text.slice(document.range[0], document.range[2]),
    value: read.value,
    damaged: read.damaged,
    report: (path, problem, { at, mayFollow = false } = {}) => {
      if (mayFollow && count > 0) return;
      reportAt(offsetOf(path, at), problem);
    },
    hasProblems: () => count > 0,
    placeOf: (path) => `${source.path}:${lineOf(source, offsetOf(path))}`,
    writtenAt: (path) => entryAt(read.value, read.places, path)?.written,
  };
}

/** The entry at `path`, or the nearest one around it that stands in the text. */
function entryAt(root: unknown, places: Places, path: Path) {
  let holder: unknown = root;
  let found = undefined;
  for (const step of path) {
    if (typeof holder !== 'object' || holder === null) return found;
    const entry = places.get(holder)?.get(String(step));
    if (entry === undefined) return found;
    found = entry;
    holder = (holder as Record<string, unknown>)[String(step)];
  }
  return found;
}
