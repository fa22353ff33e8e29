import { expect, test } from 'vitest';
import type { ContainerRecord, EngineContainer } from '../../src/domain/containers.ts';
import { type ListingInput, mergeListing } from '../../src/plan/merge-listing.ts';
import { aContainer, idOf } from '../support/containers.ts';

const NOW = 1_000;

function merge(
  records: readonly ContainerRecord[],
  listed: readonly ContainerRecord[],
  changes: Partial<ListingInput> = {},
) {
  const containers = listed.map((one) => one as unknown as EngineContainer);
  return mergeListing({
    records,
    engine: 'docker',
    listing: { containers, problems: new Map() },
    filter: { nameContains: ['bench'], labels: [] },
    now: NOW,
    isElsewhere: () => false,
    ...changes,
  });
}

const states = (records: readonly ContainerRecord[]) =>
  records.map(({ key, state }) => `${key} ${state}`);

test('a container seen for the first time is recorded with the moment', () => {
  const { changed } = merge([], [aContainer('bench-1')]);
  expect(changed).toMatchObject([{ key: 'bench-1', firstSeenAt: NOW, lastScannedAt: NOW }]);
});

test('a listing that says the same again changes nothing, though minutes went by', () => {
  const before = aContainer('bench-1', { labels: { a: '1', b: '2' } });
  const again = aContainer('bench-1', { labels: { b: '2', a: '1' }, status: 'Up 4 minutes' });
  const { changed, records } = merge([before], [again]);
  expect(changed).toEqual([]);
  expect(records).toMatchObject([{ status: 'Up 4 minutes', firstSeenAt: 1, lastScannedAt: NOW }]);
});

test('a container made anew under its name is the same one in another incarnation', () => {
  const { changed } = merge([aContainer('bench-1')], [aContainer('bench-1', { id: idOf('b') })]);
  expect(changed).toMatchObject([{ key: 'bench-1', id: idOf('b'), firstSeenAt: 1 }]);
});

test('one that is no longer listed is missing, and stays recorded', () => {
  const { changed, records } = merge([aContainer('bench-1')], []);
  expect(states(changed)).toEqual(['bench-1 missing']);
  expect(merge(records, []).changed).toEqual([]);
});

test('containers of another engine are left alone', () => {
  const { records } = merge([aContainer('bench-1', { engine: 'podman' })], []);
  expect(records).toEqual([]);
});

test('one that could not be described stays as it was', () => {
  const known = [aContainer('bench-1'), aContainer('bench-2', { id: idOf('b') })];
  const problems = new Map([[idOf('a'), { code: 'docker_failed', message: 'no' }]]);
  const { changed } = merge(known, [], { listing: { containers: [], problems } });
  expect(states(changed)).toEqual(['bench-2 missing']);
});

test('while one of unknown id could not be described nobody is missing: it may be any of them, made anew', () => {
  const problems = new Map([[idOf('c'), { code: 'docker_failed', message: 'no' }]]);
  const { changed } = merge([aContainer('bench-1')], [], { listing: { containers: [], problems } });
  expect(changed).toEqual([]);
});

test('what the filter leaves out is not recorded, and the reason names the setting', () => {
  const { records, leftOut } = merge([], [aContainer('web')]);
  expect(records).toEqual([]);
  expect(leftOut.get('web')).toContain('name_contains');
});

test('a recorded container that the filter now leaves out says so', () => {
  const { changed } = merge([aContainer('web')], [aContainer('web')]);
  expect(changed).toMatchObject(
    [{ state: 'missing', status: /^left out: / }].map((one) => ({
      ...one,
      status: expect.stringMatching(one.status),
    })),
  );
});

test('one that has another name now is not gone: its record names it, until it is removed', () => {
  const [record] = merge(
    [aContainer('bench-1')],
    [aContainer('bench-2', { id: idOf('a') })],
  ).changed.filter(({ key }) => key === 'bench-1');
  expect(record).toMatchObject({ state: 'missing', status: 'renamed to bench-2' });
  const outside = merge([aContainer('bench-1')], [aContainer('other', { id: idOf('a') })]);
  expect(outside.changed).toMatchObject([{ key: 'bench-1', status: 'renamed to other' }]);
  expect(merge(record === undefined ? [] : [record], []).changed).toMatchObject([
    { key: 'bench-1', state: 'missing', status: 'removed' },
  ]);
});

test('a new container under the name of a renamed one is the target from then on', () => {
  const now = [aContainer('bench-1', { id: idOf('b') }), aContainer('bench-2', { id: idOf('a') })];
  expect(states(merge([aContainer('bench-1')], now).changed)).toEqual([
    'bench-1 running',
    'bench-2 running',
  ]);
});

test('a second engine with a container of the same name gets a key of its own', () => {
  const records = [aContainer('bench-1', { engine: 'podman', id: idOf('b') })];
  expect(states(merge(records, [aContainer('bench-1')]).changed)).toEqual([
    'docker:bench-1 running',
  ]);
});

test('a container that another engine answers for is not recorded twice', () => {
  const { records } = merge([], [aContainer('bench-1')], { isElsewhere: (id) => id === idOf('a') });
  expect(records).toEqual([]);
});
