import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isStartedFrom, replaceHash, type SlotSpec, specHash } from '../../src/domain/spec.ts';
import { aLayout, aSlot, aSlotSpec } from '../support/builders.ts';

const SLOT: SlotSpec = {
  key: 'm1',
  label: 'payments-m1',
  role: 'master',
  capability: 'orchestrator',
  profile: 'claude-master',
  command: ['claude', '--resume'],
  env: { MODE: 'fast', HOME_DIR: '/workspace' },
  workingDir: '/workspace/api',
  log: true,
  after: [],
  restartPolicy: 'Always',
  onRemove: 'kill',
  settleMs: 1_000,
};

describe('hashes that outlive the program', () => {
  // Recorded in every database: another value replaces every pane at the next upgrade. Raise the version instead.
  test('the hash of what a pane is started from stays what it is', () => {
    expect(replaceHash(SLOT)).toBe('h1:4698a6bb50bf470898e17aaf969d2a04');
    const { workingDir: _none, ...home } = SLOT;
    expect(replaceHash(home)).toBe('h1:65d7d2ffafc2d8f026511e89915872e9');
  });

  test('the hash of a layout stays what it is', () => {
    const { spec } = aLayout({ slots: [aSlot('m1', { spec: SLOT })], spec: { name: 'payments' } });
    expect(specHash(spec)).toBe('h1:d7e3855e7d5ceb32d3a9eb1c5e1b806d');
  });
});

test('the order of keys means nothing, the order of arguments does', () => {
  const reordered = { ...SLOT, env: { HOME_DIR: '/workspace', MODE: 'fast' } };
  expect(replaceHash(reordered)).toBe(replaceHash(SLOT));
  expect(replaceHash({ ...SLOT, command: ['--resume', 'claude'] })).not.toBe(replaceHash(SLOT));
});

test('only what needs a new process is in the replace hash', () => {
  const live: Partial<SlotSpec> = { label: 'x', role: 'slave', log: false, after: ['s1'] };
  expect(replaceHash({ ...SLOT, ...live })).toBe(replaceHash(SLOT));
  expect(replaceHash({ ...SLOT, workingDir: '/' })).not.toBe(replaceHash(SLOT));
  expect(replaceHash({ ...SLOT, env: {} })).not.toBe(replaceHash(SLOT));
});

test('two commands that read alike when joined are told apart', () => {
  const words = fc.array(fc.string(), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(words, words, (a, b) => {
      const same = JSON.stringify(a) === JSON.stringify(b);
      expect(hashOf(a) === hashOf(b)).toBe(same);
    }),
  );
});

test('a pane is compared by its hash, and by its spec when the hash is of another version', () => {
  const other = { ...SLOT, command: ['codex'] };
  expect(isStartedFrom({ spec: SLOT, replaceHash: replaceHash(SLOT) }, { ...SLOT })).toBe(true);
  expect(isStartedFrom({ spec: SLOT, replaceHash: replaceHash(SLOT) }, other)).toBe(false);
  expect(isStartedFrom({ spec: SLOT, replaceHash: 'h0:whatever' }, { ...SLOT })).toBe(true);
  expect(isStartedFrom({ spec: SLOT, replaceHash: 'h0:whatever' }, other)).toBe(false);
});

function hashOf(command: readonly string[]): string {
  return replaceHash(aSlotSpec('m1', { command }));
}
