import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';

const DIST = inject('dist');
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

function run(...args: readonly string[]): string {
  return execFileSync(process.execPath, args, { encoding: 'utf8', env: { PATH: '' } });
}

test('both programs tell their version without a home, a daemon or tmux', () => {
  expect(run(join(DIST, 'agenttowerd.js'), '--version')).toBe(`agenttowerd ${version}\n`);
  expect(run(join(DIST, 'agenttower.js'), '--version')).toBe(`${version}\n`);
});

test('the daemon also starts where Node cannot require modules', () => {
  const cannot = '--no-experimental-require-module';
  const features = run(cannot, '-p', 'process.features.require_module');
  expect(features.trim()).not.toBe('true');
  expect(run(cannot, join(DIST, 'agenttowerd.js'), '--version')).toBe(`agenttowerd ${version}\n`);
});
