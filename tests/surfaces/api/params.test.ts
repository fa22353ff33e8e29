import { expect, test } from 'vitest';
import type { CallContext } from '../../../src/surfaces/api/method.ts';
import { defineMethod } from '../../../src/surfaces/api/params.ts';

interface StopParams {
  readonly name: string;
  readonly for_ms?: number;
  readonly mode?: 'soft' | 'hard';
  readonly labels?: readonly string[];
  readonly at?: { readonly line: number };
}

const stop = defineMethod<StopParams>({
  access: 'any',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['name'],
    properties: {
      name: { type: 'string', minLength: 1 },
      for_ms: { type: 'integer', minimum: 0 },
      mode: { enum: ['soft', 'hard'] },
      labels: { type: 'array', items: { type: 'string' } },
      at: {
        type: 'object',
        additionalProperties: false,
        required: ['line'],
        properties: { line: { type: 'integer' } },
      },
    },
  },
  run: (params) => params,
});

const context = {} as CallContext;

test('good params reach the method as they are, with nothing filled in', () => {
  expect(stop.run({ name: 'a' }, context)).toEqual({ name: 'a' });
});

test.each([
  [{}, 'name', 'is required'],
  [{ name: '' }, 'name', 'must not be empty'],
  [{ name: 7 }, 'name', 'must be string'],
  [{ name: 'a', for_ms: '10' }, 'for_ms', 'must be integer'],
  [{ name: 'a', for_ms: null }, 'for_ms', 'must be integer'],
  [{ name: 'a', mode: 'gentle' }, 'mode', 'must be one of: soft, hard'],
  [{ name: 'a', lables: [] }, 'lables', 'is not known; did you mean labels?'],
  [{ name: 'a', xyzzy: [] }, 'xyzzy', 'is not known'],
  [{ name: 'a', labels: ['x', 1] }, 'labels.1', 'must be string'],
  [{ name: 'a', at: {} }, 'at.line', 'is required'],
  [{ name: 'a', at: { line: 1.5 } }, 'at.line', 'must be integer'],
  [JSON.parse('{"name":"a","__proto__":{"x":1}}') as object, '__proto__', 'is not known'],
])('%j is refused, naming %s', (params, field, reason) => {
  expect(() => stop.run(params as Record<string, unknown>, context)).toThrow(
    expect.objectContaining({
      code: 'validation_failed',
      message: `params: ${field} ${reason}`,
      details: { field, reason },
    }),
  );
});

test('what was coerced nowhere stays what it was', () => {
  const params = { name: 'a', labels: ['1'] };
  expect(stop.run(params, context)).toBe(params);
});
