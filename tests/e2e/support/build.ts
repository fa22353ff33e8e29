import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Directory of the built program: `agenttower.js` and `agenttowerd.js` lie in it. */
    dist: string;
  }
}

let built: string | undefined;

/**
 * Builds the program once before the end-to-end tests, into a package of its own so that no other build disturbs
 * them. E2E_DIST names a build to test instead, such as that of an installed package.
 */
export function setup(project: TestProject): void {
  const given = process.env['E2E_DIST'];
  if (given !== undefined) {
    project.provide('dist', given);
    return;
  }
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  built = mkdtempSync(join(tmpdir(), 'agenttower-built-'));
  const dist = join(built, 'dist');
  const argv = ['tsc', '-p', 'tsconfig.build.json', '--outDir', dist];
  execFileSync('npx', argv, { cwd: root, stdio: 'inherit' });
  copyFileSync(join(root, 'package.json'), join(built, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(built, 'node_modules'));
  project.provide('dist', dist);
}

export function teardown(): void {
  if (built !== undefined) rmSync(built, { recursive: true, force: true });
}
