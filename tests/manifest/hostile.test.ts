import { describe, expect, test } from 'vitest';

import { compileManifests } from '../../src/manifest/compile.ts';
import { CATALOG, layout, refusal, toFiles } from './support.ts';

describe('a text that is not a manifest is refused with one clear problem', () => {
  const valid = layout('  panes: [{label: a, command: [cat]}]\n');

  test.each([
    ['a list that does not end', 'a: [b\nc: d\n'],
    ['a text that does not end', `a: "b\n`],
    ['two pairs on one line', 'a: b: c\n'],
    ['wrong indentation', 'a:\n    b: c\n  d: e\n'],
    ['a stray line', 'a: b\nc\n'],
    ['a tab', 'a:\n\tb: c\n'],
    ['a tab after spaces', 'a:\n  b: c\n  \td: e\n'],
    ['a duplicate key', 'name: p\ncommand: [a]\nname: q\n'],
    ['an unknown alias', 'name: p\ncommand: [*x]\n'],
    ['an alias in itself', 'name: p\ncommand: &x [*x]\n'],
    ['a bad merge', 'name: p\ncommand: [a]\n<<: [b]\n'],
    ['a number as a key', 'name: p\ncommand: [a]\nenv: {1: b}\n'],
    ['a mapping as a key', 'name: p\ncommand: [a]\nenv: {{a: b}: c}\n'],
    ['no key', 'name: p\ncommand: [a]\nenv: {~: c}\n'],
    ['__proto__', 'name: p\ncommand: [a]\nenv: {__proto__: b}\n'],
    ['a tag', 'name: p\ncommand: [!secret a]\n'],
    ['a binary', 'name: p\ncommand: [!!binary aGVsbG8=]\n'],
    ['a conflict', `<<<<<<< HEAD\n${valid}=======\n${valid}>>>>>>> main\n`],
    ['half a conflict', `${valid}>>>>>>> main\n`],
    ['bad UTF-8', `# caf\uFFFD\n${valid}`],
    ['NUL', `name: "p\0"\n`],
    ['escaped NUL', `name: p\ncommand: ["a\\0b"]\n`],
    ['half a surrogate pair', `name: p\ncommand: ["\\ud800"]\n`],
    ['an escape sequence', `name: p\u001B[2J\n`],
    ['a closing bracket alone', `]\n`],
  ])('%s', (_name, text) => {
    expect(headline(text)).toMatchSnapshot();
  });

  test('larger than 1 MiB', () => {
    expect(headline(`# ${'x'.repeat(1024 * 1024)}\n`)).toBe(
      'agents.yaml: the file is larger than 1 MiB; split it into several files',
    );
    expect(headline(`# ${'é'.repeat(525_000)}\n`)).toContain('larger than 1 MiB');
  });

  test('more than 1,000 documents', () => {
    expect(headline('---\nname: p\ncommand: [a]\n'.repeat(1_001))).toBe(
      'agents.yaml:3001:1: the file has more than 1000 documents; split it into several files',
    );
  });

  test('more than 256 panes', () => {
    const panes = Array.from({ length: 257 }, (_, i) => `    - {label: p${i}, command: [cat]}\n`);
    expect(headline(layout(`  panes:\n${panes.join('')}`))).toContain(
      'spec.panes has more than 256 entries',
    );
    expect(
      headline(
        layout(
          `  template: 1m+2s\n  launch: {master: boss, slave: worker}\n  panes:\n${panes.slice(1).join('')}`,
        ),
      ),
    ).toContain('the layout has 259 panes; 256 is the most');
  });

  test('nested too deeply, also by aliases', () => {
    expect(headline(`a: ${deep(80)}\n`)).toContain('nested deeper than 64 levels');
    expect(headline(`a: &a ${deep(50)}\nb: ${deep(50, '*a')}\n`)).toContain(
      'nested deeper than 64 levels',
    );
  });
});

describe('a text made to cost much is refused cheaply', () => {
  const merges = ['m0: &m0 {a: b}'];
  for (let level = 1; level <= 30; level++) {
    merges.push(`m${level}: &m${level} {<<: [*m${level - 1}, *m${level - 1}], k${level}: v}`);
  }

  test.each([
    ['billion laughs', bomb(10, 9), 'expand to more than 1 MiB'],
    ['a deep binary bomb', bomb(2, 50), 'expand to more than 1 MiB'],
    [
      'a wide bomb',
      `a: &a ${JSON.stringify('x'.repeat(1000))}\nb: [${'*a,'.repeat(4000)}]`,
      '1 MiB',
    ],
    ['a bomb of merges', merges.join('\n'), 'expand to more than 1 MiB'],
    ['brackets', '['.repeat(500_000), 'nested deeper'],
    ['dashes', '- '.repeat(400_000), 'nested deeper'],
    ['question marks', '? '.repeat(400_000), 'nested deeper'],
    ['braces', '{a: '.repeat(200_000), 'nested deeper'],
    ['colons', ': '.repeat(400_000), 'nested deeper'],
    ['commas', `{${','.repeat(400_000)}`, 'not valid YAML'],
    ['quotes', '"'.repeat(400_000), 'not valid YAML'],
    ['closing brackets', ']'.repeat(400_000), 'not valid YAML'],
    ['bad escapes', `"${'\\q'.repeat(300_000)}"`, 'not valid YAML'],
    ['anchors', '&a '.repeat(300_000), 'not valid YAML'],
    ['documents', '---\n'.repeat(250_000), 'more than 1000 documents'],
    ['keys', Array.from({ length: 80_000 }, (_, i) => `k${i}: 1\n`).join(''), 'more than 4096'],
    ['items', `a: [${'1,'.repeat(400_000)}]`, 'more than 4096'],
    ['duplicate keys', `name: p\ncommand: [a]\nenv:\n${'  A: b\n'.repeat(4_000)}`, 'stands twice'],
    ['mistakes', `name: p\ncommand: [${'1,'.repeat(4_000)}]`, 'must be text'],
  ])('%s', (_name, text, expected) => {
    const result = compileManifests(toFiles(text), CATALOG);
    if (result.ok) throw new Error('accepted');
    expect(result.error.map(({ message }) => message).join('\n')).toContain(expected);
    expect(result.error.length).toBeLessThanOrEqual(51);
    expect(JSON.stringify(result.error).length).toBeLessThan(100_000);
  });
});

test('a problem never carries control characters to the terminal', () => {
  const rendered = refusal('name: "\\e[2J"\ncommand: x\u0085\u009Bm\nfoo\u007F: 1\n');
  expect(rendered).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/);
});

function deep(levels: number, inner = 'x'): string {
  return '['.repeat(levels) + inner + ']'.repeat(levels);
}

/** Lists of aliases to the list before: `width` to the power of `levels` values on paper. */
function bomb(width: number, levels: number): string {
  const lines = ['l0: &l0 [x, x]'];
  for (let level = 1; level <= levels; level++) {
    const aliases = Array.from({ length: width }, () => `*l${level - 1}`);
    lines.push(`l${level}: &l${level} [${aliases.join(', ')}]`);
  }
  return lines.join('\n');
}

/** First line of the one problem the text has. */
function headline(text: string): string {
  const rendered = refusal(text);
  expect(rendered.split('\n\n'), rendered).toHaveLength(1);
  return rendered.split('\n')[0] ?? '';
}
