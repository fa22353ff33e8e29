import { describe, expect, test } from 'vitest';
import { measure, renderEnvelope, toBody, toExcerpt } from '../../src/agents/envelope.ts';

const ends = {
  id: 'm-1',
  sender: { id: 'agt_a', label: 'planner', role: 'master', capability: 'claude' },
  target: { id: 'agt_b', label: '', role: 'slave' },
} as const;
const bytes = (text: string) => new TextEncoder().encode(text);

test('headers stand before the body, after them an empty line', () => {
  expect(renderEnvelope({ ...ends, body: 'a\nb', raw: false })).toBe(
    [
      'Message-Id: m-1',
      'From: agt_a "planner" master [capability=claude]',
      'To: agt_b "" slave',
      'Type: prompt',
      'Priority: normal',
      'Requires-Reply: yes',
      '',
      'a\nb',
    ].join('\n'),
  );
});

test('a raw one is its body and nothing else', () => {
  expect(renderEnvelope({ ...ends, body: 'a\nb', raw: true })).toBe('a\nb');
});

describe('a body is refused', () => {
  test.each([
    ['body_empty', new Uint8Array()],
    ['body_invalid_encoding', new Uint8Array([0x61, 0xff])],
    ['body_invalid_chars', bytes('an escape \u001b[201~ sequence')],
    ['body_invalid_chars', bytes('carriage\rreturn')],
    ['body_invalid_chars', bytes('\u007f')],
  ])('with %s', (code, body) => {
    expect(() => toBody(body)).toThrow(expect.objectContaining({ code }) as Error);
  });

  test('when it is too large with its headers, and not a byte earlier', () => {
    const headers = measure({ ...ends, body: '', raw: false });
    const fits = 'x'.repeat(65_536 - headers);
    expect(measure({ ...ends, body: fits, raw: false })).toBe(65_536);
    expect(() => measure({ ...ends, body: `${fits}x`, raw: false })).toThrow(
      expect.objectContaining({ code: 'body_too_large' }) as Error,
    );
  });
});

test('line breaks, tabs, emoji and a byte order mark stay as they are', () => {
  const text = '\ufeffa\tb\n😀';
  expect(toBody(bytes(text))).toBe(text);
});

describe('an excerpt', () => {
  test('is one line', () => {
    expect(toExcerpt('  a\n\n\tb  c ')).toBe('a b c');
  });

  test('says when it was cut, and never cuts a character in two', () => {
    expect(toExcerpt('😀'.repeat(240))).toBe('😀'.repeat(240));
    expect(toExcerpt('😀'.repeat(241))).toBe(`${'😀'.repeat(240)}…`);
  });

  test('holds no secret', () => {
    const token = `ghp_${'a'.repeat(36)}`;
    expect(toExcerpt(`use\n${token} now`)).toBe('use <redacted:github-token> now');
  });
});
