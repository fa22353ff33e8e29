import { BUILT_IN_TEMPLATES, type LaunchProfile } from '../../src/domain/templates.ts';
import { type Catalog, type CompiledSet, compileManifests } from '../../src/manifest/compile.ts';
import { renderProblems } from '../../src/manifest/render-problems.ts';

export const profile = (name: string, more: Partial<LaunchProfile> = {}): LaunchProfile => ({
  name,
  command: [name],
  env: {},
  ...more,
});

export const CATALOG: Catalog = {
  templates: BUILT_IN_TEMPLATES,
  profiles: [profile('boss'), profile('worker')],
};

export type Files = string | Readonly<Record<string, string>>;

export function toFiles(files: Files) {
  const named = typeof files === 'string' ? { 'agents.yaml': files } : files;
  return Object.entries(named).map(([path, text]) => ({ path, text }));
}

/** What the files declare; fails the test with the rendered problems when they are refused. */
export function compiled(files: Files, catalog: Catalog = CATALOG): CompiledSet {
  const result = compileManifests(toFiles(files), catalog);
  if (!result.ok) throw new Error(`refused:\n${renderProblems(result.error)}`);
  return result.value;
}

/** The rendered problems of files that must be refused. */
export function refusal(files: Files, catalog: Catalog = CATALOG): string {
  const result = compileManifests(toFiles(files), catalog);
  if (result.ok) throw new Error('accepted');
  return renderProblems(result.error);
}

/** A Layout document with this spec, given as indented YAML lines. */
export function layout(spec: string, name = 'demo'): string {
  return `apiVersion: agenttower/v1\nkind: Layout\nmetadata: {name: ${name}}\nspec:\n${spec}`;
}
