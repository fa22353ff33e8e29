import { expect, test } from 'vitest';
import type { CallContext } from '../../../src/surfaces/api/method.ts';
import type { Services } from '../../../src/surfaces/api/methods/services.ts';
import { sourceMethods } from '../../../src/surfaces/api/methods/source.ts';

const added: unknown[] = [];
const services = { sources: { add: (config: unknown) => added.push(config) } };
const add = sourceMethods(services as unknown as Services).get('source.add');

test.each([
  [{ name: 'apply' }, 'stands for layouts from elsewhere'],
  [{ name: 'imperative' }, 'stands for layouts from elsewhere'],
  [{ name: 'a b' }, 'must match'],
])('a source with %j is refused', async (given, reason) => {
  const params = { kind: 'directory', path: '/srv/agents', ...given };
  const context = {} as CallContext;
  await expect(async () => await add?.run(params, context)).rejects.toMatchObject({
    code: 'validation_failed',
    details: { field: 'name', reason: expect.stringContaining(reason) },
  });
  expect(added).toEqual([]);
});
