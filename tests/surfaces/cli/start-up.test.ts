import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { GROUPS, loadGroups } from '../../../src/surfaces/cli/program/groups.ts';

const SOURCES = resolve(import.meta.dirname, '../../../src');
/** Everything `agenttower get layouts` loads. */
const GET = [
  'agenttower.ts',
  ...['build-program', 'observe-commands'].map((name) => `surfaces/cli/program/${name}.ts`),
  ...['get', 'get-listing'].map((name) => `surfaces/cli/commands/${name}.ts`),
];

/** Modules loaded with these files; `import type` and `import()` load nothing. */
function loadedBy(files: readonly string[]): ReadonlySet<string> {
  const loaded = new Set<string>();
  const queue = files.map((file) => join(SOURCES, file));
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (loaded.has(file)) continue;
    loaded.add(file);
    if (!file.startsWith(SOURCES)) continue;
    for (const [, names = '', module = ''] of readFileSync(file, 'utf8').matchAll(IMPORT)) {
      if (isTypesOnly(names)) continue;
      queue.push(module.startsWith('.') ? resolve(dirname(file), module) : module);
    }
  }
  return loaded;
}

const IMPORT = /^import (?:([^;]*?) from )?'([^']+)';/gm;

function isTypesOnly(names: string): boolean {
  const list = /^\{([^}]*)\}$/s
    .exec(names)?.[1]
    ?.split(',')
    .filter((name) => name.trim() !== '');
  return (
    names.startsWith('type ') || list?.every((name) => name.trim().startsWith('type ')) === true
  );
}

test('a hook, which an agent waits for, loads little more than the way to the daemon', () => {
  const loaded = [...loadedBy(['agenttower.ts', 'surfaces/cli/commands/hook.ts'])];
  expect(loaded).toContain(join(SOURCES, 'agents/state/hook-report.ts'));
  expect(loaded.filter((file) => !file.startsWith('node:') && !file.startsWith(SOURCES))).toEqual(
    [],
  );
  expect(loaded.length).toBeLessThan(45);
});

test('a get loads nothing that parses or checks manifests, and little in all', () => {
  const loaded = [...loadedBy(GET)];
  expect(loaded).toContain(join(SOURCES, 'surfaces/cli/program/build-program.ts'));
  expect(loaded).toContain('commander');
  const heavy = loaded.filter((file) =>
    /^(ajv|yaml|better-sqlite3|koffi|chokidar)|src\/manifest\//.test(file),
  );
  expect(heavy).toEqual([]);
  expect(loaded.length).toBeLessThan(50);
});

test('the daemon starts without what only manifests and schemas need', () => {
  const loaded = [...loadedBy(['compose/run-daemon.ts'])];
  expect(loaded).toContain('better-sqlite3');
  expect(loaded.filter((file) => /^(ajv|yaml|commander)/.test(file))).toEqual([]);
});

test.each(GROUPS)('the group of commands $words has just these', async ({ words, load }) => {
  const program = new Command();
  const add = await load();
  add({ program, runs: () => async () => {} });
  expect(program.commands.map((command) => command.name())).toEqual(words);
  expect(program.commands.flatMap((command) => command.aliases())).toEqual([]);
});

test('a word that no group knows loads them all', async () => {
  expect(await loadGroups('get')).toHaveLength(1);
  expect(await loadGroups('--help')).toHaveLength(GROUPS.length);
  expect(await loadGroups()).toHaveLength(GROUPS.length);
});
