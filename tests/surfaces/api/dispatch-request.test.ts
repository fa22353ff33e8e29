import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { requireParams } from '../../../src/surfaces/api/dispatch.ts';
import { parseRequest } from '../../../src/surfaces/api/dispatch-request.ts';
import type { Method } from '../../../src/surfaces/api/method.ts';

function codeOf(line: string | Uint8Array): string {
  const parsed = parseRequest(Buffer.from(line as string));
  return parsed.ok ? 'ok' : parsed.error.code;
}

const nested = (depth: number): string =>
  `{"method":"m","params":{"a":${'['.repeat(depth - 2)}${']'.repeat(depth - 2)}}}`;

test.each([
  ['', 'malformed_request'],
  ['{"method":"ping"}\r', 'malformed_request'],
  ['{"method":"pi\0ng"}', 'malformed_request'],
  [Buffer.from([0x7b, 0xff, 0x7d]), 'bad_json'],
  ['{"method":', 'bad_json'],
  ['ping', 'bad_json'],
  ['\ufeff{"method":"ping"}', 'bad_json'],
  ['[]', 'bad_request'],
  ['null', 'bad_request'],
  ['"ping"', 'bad_request'],
  ['{}', 'bad_request'],
  ['{"method":""}', 'bad_request'],
  ['{"method":["ping"]}', 'bad_request'],
  ['{"method":"ping","id":null}', 'bad_request'],
  ['{"method":"ping","id":{}}', 'bad_request'],
  ['{"method":"ping","id":true}', 'bad_request'],
  ['{"method":"ping","id":1e999}', 'bad_request'],
  ['{"__proto__":{"method":"ping"}}', 'bad_request'],
  ['{"method":"ping"}', 'ok'],
  ['{"method":"ping","extra":1}', 'ok'],
])('%j is %s', (line, code) => {
  expect(codeOf(line)).toBe(code);
});

test.each(['null', '[]', '7'])(
  'params of %s are none, and refused by methods that mind',
  (params) => {
    const parsed = parseRequest(Buffer.from(`{"method":"ping","params":${params}}`));
    if (!parsed.ok) throw parsed.error;
    expect(parsed.request.params).toEqual({});
    const minds: Method = { access: 'any', run: () => ({}) };
    expect(() => requireParams(minds, parsed.request)).toThrow('params is a JSON object');
    expect(() => requireParams({ ...minds, lenientParams: true }, parsed.request)).not.toThrow();
  },
);

test('missing params are none', () => {
  expect(parseRequest(Buffer.from('{"method":"ping","id":"a"}'))).toEqual({
    ok: true,
    request: { id: 'a', method: 'ping', params: {} },
  });
});

test('a refusal of the shape echoes an id that is good', () => {
  expect(parseRequest(Buffer.from('{"id":7,"method":3}'))).toMatchObject({ ok: false, id: 7 });
});

test('64 levels are fine, 65 are not, and brackets in strings do not count', () => {
  expect(codeOf(nested(64))).toBe('ok');
  expect(codeOf(nested(65))).toBe('bad_json');
  expect(codeOf('['.repeat(60_000))).toBe('bad_json');
  expect(codeOf(JSON.stringify({ method: 'm', params: { a: `\\"${'['.repeat(500)}` } }))).toBe(
    'ok',
  );
});

test('keys that touch prototypes stay plain data', () => {
  const line =
    '{"method":"m","params":{"__proto__":{"polluted":1},"constructor":{"prototype":{}}}}';
  const parsed = parseRequest(Buffer.from(line));
  expect(parsed.ok && Object.keys(parsed.request.params)).toEqual(['__proto__', 'constructor']);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('no bytes make it throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(codeOf(bytes)).toMatch(/^(ok|malformed_request|bad_json|bad_request)$/);
    }),
    { numRuns: 500 },
  );
});

test('every JSON object that is a request is taken as it is', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1 }),
      fc.dictionary(fc.string(), fc.jsonValue()),
      (method, params) => {
        const parsed = parseRequest(Buffer.from(JSON.stringify({ method, params })));
        expect(parsed).toEqual({
          ok: true,
          request: { method, params: JSON.parse(JSON.stringify(params)) },
        });
      },
    ),
  );
});
