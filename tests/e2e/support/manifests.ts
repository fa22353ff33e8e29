import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface PaneText {
  readonly key: string;
  readonly label?: string;
  readonly command?: readonly string[];
  readonly [field: string]: unknown;
}

/** Says a word and waits for ever. */
export function agent(word: string): readonly string[] {
  return ['sh', '-c', `echo ${word}; exec sleep 100000`];
}

/** A pane as a manifest has it: it says hello and waits for ever, unless told otherwise. */
export function pane(key: string, fields: Omit<PaneText, 'key'> = {}): PaneText {
  return { key, role: 'slave', settle: '100ms', command: agent(`hello-${key}`), ...fields };
}

/** A layout manifest; JSON is YAML. Panes are labelled `NAME-KEY`, because labels are unique per container. */
export function layoutText(
  name: string,
  panes: readonly PaneText[],
  spec: Readonly<Record<string, unknown>> = {},
): string {
  const labelled = panes.map(({ key, ...fields }) => ({ key, label: `${name}-${key}`, ...fields }));
  const layout = { apiVersion: 'agenttower/v1', kind: 'Layout', metadata: { name } };
  return JSON.stringify({ ...layout, spec: { ...spec, panes: labelled } }, undefined, 2);
}

/** Writes a file below a directory and answers its path. */
export function writeIn(directory: string, name: string, text: string): string {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}
