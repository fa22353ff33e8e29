import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CRUISER = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

interface Cruised {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
  };
}

test('imports point downward, and every library and effect has one home', async () => {
  const { modules, summary } = await cruise(ROOT);
  // A tool that cannot read TypeScript finds nothing, and nothing wrong with it.
  expect(modules.filter(({ source }) => source.startsWith('src/')).length).toBeGreaterThan(40);
  expect(modules.some(({ source }) => source === 'src/plan/compute.ts')).toBe(true);
  expect(summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} → ${to}`)).toEqual(
    [],
  );
});

test.each([
  ['layer-domain', 'domain/a.ts', "import type { B } from '../plan/b.ts';\nexport type A = B;\n"],
  ['layer-plan', 'plan/a.ts', "import { B } from '../reconcile/b.ts';\nexport const A = B;\n"],
  ['no-cycles', 'lib/b.ts', "import { A } from './a.ts';\nexport const B = A;\n"],
  ['home-of-child_process', 'lib/a.ts', "import { exec } from 'node:child_process';\nexec('');\n"],
  [
    'pure-layers-use-no-node-api',
    'plan/a.ts',
    "import { readFileSync } from 'node:fs';\nreadFileSync('');\n",
  ],
  [
    'drivers-do-not-meet',
    'drivers/tmux/a.ts',
    "import { B } from '../store/b.ts';\nexport const A = B;\n",
  ],
  [
    'only-binaries-wire',
    'lib/a.ts',
    "import { B } from '../agenttower.ts';\nexport const A = B;\n",
  ],
])('the gate is red for what breaks %s', async (rule, file, text) => {
  const directory = await mkdtemp(join(tmpdir(), 'agenttower-layers-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  for (const name of ['.dependency-cruiser.mjs', 'tsconfig.json']) {
    await cp(join(ROOT, name), join(directory, name));
  }
  const others = ['lib/a.ts', 'plan/b.ts', 'reconcile/b.ts', 'drivers/store/b.ts', 'agenttower.ts'];
  for (const other of others) {
    const cycle = other === 'lib/a.ts' ? "export { B as A } from './b.ts';\n" : BODY;
    await write(join(directory, 'src', other), cycle);
  }
  await write(join(directory, 'src', file), text);
  const { summary } = await cruise(directory);
  expect(summary.violations.map((violation) => violation.rule.name)).toContain(rule);
});

const BODY = 'export const B = 1;\nexport type B = 1;\n';

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function cruise(directory: string): Promise<Cruised> {
  const args = [CRUISER, 'src', '--config', '.dependency-cruiser.mjs', '--output-type', 'json'];
  const options = { cwd: directory, maxBuffer: 1 << 28 };
  // It exits with the number of violations, and prints them all the same.
  const { stdout } = await promisify(execFile)(process.execPath, args, options).catch(
    (error: { stdout?: string }) => {
      if (error.stdout) return { stdout: error.stdout };
      throw error;
    },
  );
  return JSON.parse(stdout) as Cruised;
}
