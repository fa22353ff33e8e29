import type { DeclaredRoute } from '../domain/declared-route.ts';
import type { ManifestProblem } from '../domain/errors.ts';
import type { LayoutSpec } from '../domain/spec.ts';
import type { LaunchProfile, LayoutTemplate } from '../domain/templates.ts';
import { canonicalJson } from '../lib/hash.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { toProfile, toTemplate } from './catalog.ts';
import { reportConflicts } from './conflicts.ts';
import { type ManifestDocument, readDocuments } from './document.ts';
import { formOf } from './document-form.ts';
import type { ManifestFile } from './manifest-file.ts';
import type { Named } from './names.ts';
import type { DocumentForm } from './schemas/kinds.ts';
import { toLayout } from './to-layout.ts';
import { toRoute } from './to-route.ts';
import { checkShape, type Shape } from './validate.ts';

/** What layouts may name although no file of the set declares it. Of two with one name the later counts. */
export interface Catalog {
  readonly templates: readonly LayoutTemplate[];
  readonly profiles: readonly LaunchProfile[];
}

/** Everything a set of files declares. `path` is `file:line` of the declaration. */
export interface CompiledSet {
  readonly layouts: readonly { readonly spec: LayoutSpec; readonly path: string }[];
  readonly templates: readonly { readonly template: LayoutTemplate; readonly path: string }[];
  readonly profiles: readonly { readonly profile: LaunchProfile; readonly path: string }[];
  readonly routes: readonly { readonly route: DeclaredRoute; readonly path: string }[];
}

/**
 * Compiles manifest files to fully defaulted desired state, or to all their mistakes at once, by file and line.
 * Never throws, and does not depend on the order of the files.
 */
export function compileManifests(
  files: readonly ManifestFile[],
  catalog: Catalog,
): Result<CompiledSet, readonly ManifestProblem[]> {
  const problems: ManifestProblem[] = [];
  const { documents, unread } = readAll(files, (problem) => problems.push(problem));
  const templates = collect(documents, ['LayoutTemplate', 'plain template'], toTemplate);
  const profiles = collect(documents, ['LaunchProfile', 'plain profile'], toProfile);
  const routes = collect(documents, ['Route'], toRoute);
  const excused = excusedNames(documents, unread);
  const names = {
    templates: named('template', [catalog.templates, templates], excused),
    profiles: named('launch profile', [catalog.profiles, profiles], excused),
  };
  const layouts = documents
    .filter(({ form, shape }) => form === 'Layout' && shape !== 'broken')
    .flatMap(({ document }) => toLayout(document, names) ?? []);
  reportConflicts(layouts);
  if (problems.length > 0) return err(inReadingOrder(problems));
  return ok({
    layouts: layouts.map(({ spec, document }) => ({ spec, path: document.place })),
    templates: templates.map(({ object, path }) => ({ template: object, path })),
    profiles: profiles.map(({ object, path }) => ({ profile: object, path })),
    routes: routes.map(({ object, path }) => ({ route: object, path })),
  });
}

interface CheckedDocument {
  readonly document: ManifestDocument;
  readonly form: DocumentForm | undefined;
  readonly shape: Shape;
}

function readAll(
  files: readonly ManifestFile[],
  sink: (problem: ManifestProblem) => void,
): { documents: readonly CheckedDocument[]; unread: readonly string[] } {
  const contents = files
    .toSorted((a, b) => compare(a.path, b.path) || compare(a.text, b.text))
    .map((file) => readDocuments(file, sink));
  return {
    documents: contents.flatMap(({ documents }) => documents.map(check)),
    unread: contents.flatMap((content) => content.unread),
  };
}

function check(document: ManifestDocument): CheckedDocument {
  if (document.damaged) return { document, form: undefined, shape: 'broken' };
  const form = formOf(document);
  return { document, form, shape: form === undefined ? 'broken' : checkShape(document, form) };
}

interface Declared<T> {
  readonly object: T;
  readonly path: string;
}

/** Templates, profiles or routes of the set. The same one written twice is one; two that differ are a mistake. */
function collect<T extends { readonly name: string }>(
  documents: readonly CheckedDocument[],
  forms: readonly [DocumentForm, DocumentForm?],
  convert: (document: ManifestDocument, isPlain: boolean) => T,
): readonly Declared<T>[] {
  const declared = new Map<string, Declared<T>>();
  for (const { document, form, shape } of documents) {
    if (form === undefined || !forms.includes(form) || shape === 'broken') continue;
    const isPlain = form === forms[1];
    const object = convert(document, isPlain);
    const first = declared.get(object.name);
    if (first === undefined) declared.set(object.name, { object, path: document.place });
    else if (canonicalJson(first.object) !== canonicalJson(object)) {
      document.report(isPlain ? ['name'] : ['metadata', 'name'], {
        message: `${forms[0]} "${object.name}" is declared twice with different content, first at ${first.path}`,
        hint: 'rename one of them, or remove it',
      });
    }
  }
  return [...declared.values()];
}

function named<T extends { readonly name: string }>(
  noun: string,
  [catalog, declared]: readonly [readonly T[], readonly Declared<T>[]],
  excused: Named<T>['excused'],
): Named<T> {
  const objects = [...catalog, ...declared.map(({ object }) => object)];
  return { noun, known: new Map(objects.map((object) => [object.name, object])), excused };
}

/** Names that may stand in something broken: that they are missing is not a mistake of those who use them. */
function excusedNames(
  documents: readonly CheckedDocument[],
  unread: readonly string[],
): (name: string) => boolean {
  const broken = documents.filter(({ form, shape }) => shape === 'broken' && form !== 'Layout');
  const texts = [...unread, ...broken.map(({ document }) => document.text)];
  return (name) => texts.some((text) => text.includes(name));
}

/** By file, line and column; the same mistake reached twice through an anchor is told once. */
function inReadingOrder(problems: readonly ManifestProblem[]): readonly ManifestProblem[] {
  const distinct = new Map<string, ManifestProblem>();
  for (const problem of problems) {
    const identity = JSON.stringify(problem).replaceAll(/\[\d+\]/g, '[]');
    if (!distinct.has(identity)) distinct.set(identity, problem);
  }
  return [...distinct.values()].toSorted(
    (a, b) =>
      compare(a.file, b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0) ||
      compare(a.message, b.message),
  );
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
