import { describe, expect, test } from 'vitest';
import { leftOutBecause } from '../../src/domain/container-filter.ts';
import { findByEngineId, findContainer, keyFor } from '../../src/domain/container-names.ts';
import { aContainer, idOf } from '../support/containers.ts';

const web = aContainer('bench-web', { id: idOf('a') });
const other = aContainer('bench-web', { key: 'podman:bench-web', engine: 'podman', id: idOf('b') });
const all = [web, other];

const taken = (key: string) => key === 'bench-web';

test('a container is called by its name, unless another engine had that name first, or it is the host’s', () => {
  const keys = [
    keyFor({ engine: 'docker', name: 'bench-db' }, taken),
    keyFor({ engine: 'podman', name: 'bench-web' }, taken),
    keyFor({ engine: 'docker', name: 'local' }, () => false),
  ];
  expect(keys).toEqual(['bench-db', 'podman:bench-web', 'docker:local']);
});

test.each([
  ['bench-web', web],
  ['docker:bench-web', web],
  ['docker/bench-web', web],
  ['podman:bench-web', other],
  ['podman/bench-web', other],
  [idOf('b'), other],
  [idOf('b').slice(0, 12), other],
  [idOf('b').slice(0, 11), undefined],
  ['bench', undefined],
  ['nerdctl:bench-web', undefined],
])('%s finds what it means', (text, found) => {
  expect(findContainer(all, text)).toBe(found);
});

test('an id that fits two containers names neither', () => {
  const twins = [web, aContainer('bench-twin', { id: `${'a'.repeat(63)}0` })];
  expect(findByEngineId(twins, 'a'.repeat(12))).toBeUndefined();
  expect(findByEngineId(twins, web.id)).toBe(web);
});

test('a renamed container is found by its id under its present name', () => {
  const before = aContainer('bench-old', { id: web.id, state: 'missing' });
  expect(findByEngineId([before, web], web.id)).toBe(web);
});

describe('the filter', () => {
  const labels = { team: 'pay', empty: '' };
  const container = { name: 'My-BENCH-1', labels };
  test.each([
    [{ nameContains: ['bench'], labels: [] }, /^looked at$/],
    [{ nameContains: ['web', 'bEnCh'], labels: [] }, /^looked at$/],
    [{ nameContains: [], labels: [] }, /^looked at$/],
    [{ nameContains: [], labels: ['team', 'empty='] }, /^looked at$/],
    [{ nameContains: ['web'], labels: [] }, /name_contains/],
    [{ nameContains: [], labels: ['team=web'] }, /lacks the label team=web/],
    [{ nameContains: ['bench'], labels: ['toString'] }, /lacks the label toString/],
  ])('%j', (filter, reason) => {
    expect(leftOutBecause(container, filter) ?? 'looked at').toMatch(reason);
  });
});
