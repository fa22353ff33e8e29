import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineRenderer } from '../../../src/agents/logs/line-renderer.ts';
import { redactLine } from '../../../src/agents/logs/redact.ts';

const LONG = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

test.each([
  [`key sk-${LONG.slice(0, 24)} end`, 'key <redacted:openai-key> end'],
  [`sk-ant-api03-${LONG}-${LONG}`, '<redacted:openai-key>'],
  [`ghp_${LONG.slice(0, 30)}`, '<redacted:github-token>'],
  [`ghs_${LONG.slice(0, 30)}.`, '<redacted:github-token>.'],
  ['AKIAABCDEFGHIJKLMNOP', '<redacted:aws-access-key>'],
  [`Authorization: Bearer ${LONG}`, 'Authorization: Bearer <redacted:bearer>'],
  [`${LONG}.${LONG}.abc_-`, '<redacted:jwt>'],
  ['OPENAI_API_KEY=abc def', 'OPENAI_API_KEY=<redacted:env-secret>'],
  ['$ export DB_PASSWORD="a b" X=1', '$ export DB_PASSWORD=<redacted:env-secret> X=1'],
  ['curl https://x/?token=abc&page=2', 'curl https://x/?token=<redacted:env-secret>&page=2'],
])('%s is shown as %s', (line, shown) => expect(redactLine(line)).toBe(shown));

test.each([
  'the token was refused',
  'sk-short',
  'AKIA',
  '1.2.3',
  'a.b.c',
  'AUTHOR=me',
  'max_tokens=5',
  '',
])('%s is no secret', (line) => expect(redactLine(line)).toBe(line));

const SECRETS = [
  `sk-${LONG.slice(0, 24)}`,
  `ghp_${LONG.slice(0, 30)}`,
  'AKIAABCDEFGHIJKLMNOP',
  `Bearer ${LONG}`,
  `GITHUB_TOKEN=${LONG.slice(0, 12)}`,
];
const decoration = fc.constantFrom(
  '\u001b[31m',
  '\u001b[0m',
  '\u001b[38;5;12m',
  '\u001b]8;;http://x\u0007',
  '\u001b[K',
  '\u0000',
  '\u001b(B',
  '\u009b1m',
  '\u001b[?25l',
  'x\b',
  '\u001b]0;title\u001b\\',
  '\u001b[200~',
  '\u007f',
);

test('no secret survives any colouring', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...SECRETS),
      fc.array(fc.tuple(fc.nat(60), decoration), { maxLength: 12 }),
      fc.constantFrom('', 'key: ', '> '),
      (secret, decorations, before) => {
        let line = Array.from(`${before}${secret} end`);
        for (const [at, word] of decorations)
          line = line.toSpliced(at % (line.length + 1), 0, word);
        const renderer = new LineRenderer(10_000);
        renderer.write(Buffer.from(`${line.join('')}\n`));
        const shown = redactLine(renderer.bytes.toString('utf8', 0, renderer.ends[0]));
        expect(shown).toContain('<redacted:');
        expect(shown).not.toContain(secret.slice(-10));
      },
    ),
    { numRuns: 3_000 },
  );
});
