import { expect, test } from 'vitest';
import { LIVE_FIELDS, REPLACE_FIELDS, replaceHash } from '../../src/domain/spec.ts';
import { diffLiveFields, diffReplaceFields } from '../../src/plan/slot-diff.ts';
import { aSlotSpec } from '../support/builders.ts';

const before = aSlotSpec('m1', { env: { MODE: 'slow', API_TOKEN: 'hunter2', OLD: '1' } });

test('equal specs differ in nothing', () => {
  expect(diffReplaceFields(before, { ...before })).toEqual([]);
  expect(diffLiveFields(before, { ...before })).toEqual([]);
});

test('the environment is told apart by variable, and secrets are not shown', () => {
  const wanted = { ...before, env: { MODE: 'fast', API_TOKEN: 'hunter3', NEW: '1' } };
  expect(diffReplaceFields(before, wanted)).toEqual([
    { field: 'env.API_TOKEN', old: '<redacted>', new: '<redacted>' },
    { field: 'env.MODE', old: 'slow', new: 'fast' },
    { field: 'env.NEW', old: undefined, new: '1' },
    { field: 'env.OLD', old: '1', new: undefined },
  ]);
});

test('a field that appears is a change from nothing', () => {
  expect(diffReplaceFields(before, { ...before, workingDir: '/srv' })).toEqual([
    { field: 'workingDir', old: undefined, new: '/srv' },
  ]);
  expect(diffLiveFields(before, { ...before, profile: 'codex' })).toEqual([
    { field: 'profile', old: undefined, new: 'codex' },
  ]);
});

test('a field that goes away is a change to nothing', () => {
  expect(diffReplaceFields({ ...before, workingDir: '/srv' }, before)).toEqual([
    { field: 'workingDir', old: '/srv', new: undefined },
  ]);
});

test('the order of variables is no change', () => {
  const reordered = { ...before, env: { OLD: '1', API_TOKEN: 'hunter2', MODE: 'slow' } };
  expect(diffReplaceFields(before, reordered)).toEqual([]);
  expect(replaceHash(reordered)).toBe(replaceHash(before));
});

test('every field of a slot but its key is either replaced or changed in place', () => {
  const full = aSlotSpec('m1', { profile: 'codex', workingDir: '/srv' });
  const covered = ['key', ...REPLACE_FIELDS, ...LIVE_FIELDS];
  expect(Object.keys(full).toSorted()).toEqual(covered.toSorted());
});
