import * as fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { expect, test } from 'vitest';
import { locateToml } from '../../../src/drivers/config/toml-positions.ts';

const DOCUMENT = `# a comment with [brackets] and = signs
title = "a # b [c]" # [no.table]
'quoted key' = 1
"es\\"caped" = 2
dotted.deep . key = 3
text = """
[not.a.table]
not_a_key = 1 "" """
raw = '''
[neither] '' = '''
list = [ # comment ]
  "one, ]",
  [2, 22],
  { three = 3, "fo ur" = { five = 5 } },
]
[ tables . first ]
a = 1
  b = 1979-05-27T07:32:00Z
[[items]]
name = "x"
[[items]]
  name = "y"
[items.inner]
z = 1
[[items.subs]]
s = 1
[[items.subs]]
s = 2
`;

test.each<[(string | number)[], string]>([
  [['title'], '2:1'],
  [['quoted key'], '3:1'],
  [['es"caped'], '4:1'],
  [['dotted', 'deep', 'key'], '5:1'],
  [['text'], '6:1'],
  [['raw'], '9:1'],
  [['list'], '11:1'],
  [['list', 0], '12:3'],
  [['list', 1, 1], '13:7'],
  [['list', 2], '14:3'],
  [['list', 2, 'three'], '14:5'],
  [['list', 2, 'fo ur', 'five'], '14:28'],
  [['tables', 'first'], '16:1'],
  [['tables', 'first', 'b'], '18:3'],
  [['items', 0], '19:1'],
  [['items', 0, 'name'], '20:1'],
  [['items', 1], '21:1'],
  [['items', 1, 'name'], '22:3'],
  [['items', 1, 'inner', 'z'], '24:1'],
  [['items', 1, 'subs', 1, 's'], '28:1'],
])('%j stands at %s', (path, place) => {
  expect(parse(DOCUMENT)).toBeDefined();
  const { line, column } = locateToml(DOCUMENT)(path);
  expect(`${line}:${column}`).toBe(place);
});

test('what is not written is where its table is, and the root is the beginning', () => {
  const locate = locateToml(DOCUMENT);
  expect(locate(['items', 1, 'missing'])).toEqual({ line: 21, column: 1 });
  expect(locate(['missing'])).toEqual({ line: 1, column: 1 });
  expect(locate([])).toEqual({ line: 1, column: 1 });
});

test('carriage returns and a byte order mark shift no line', () => {
  const locate = locateToml('\ufeff[a]\r\nb = [\r\n  1,\r\n  2,\r\n]\r\nc = 1\r\n');
  expect(locate(['a', 'b', 1])).toEqual({ line: 4, column: 3 });
  expect(locate(['a', 'c'])).toEqual({ line: 6, column: 1 });
});

test('every key of every document is found on a line that names it', () => {
  const leaf = fc.oneof(fc.string(), fc.boolean(), fc.integer());
  const table = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      leaf,
      tie('table'),
      fc.array(leaf),
      fc.array(tie('table')),
    ),
    table: fc.dictionary(fc.stringMatching(/^[a-z]{1,3}[0-9]{3}$/), tie('value'), { maxKeys: 4 }),
  })).table;
  fc.assert(
    fc.property(table, (value) => {
      const text = stringify(value);
      const [lines, locate] = [text.split('\n'), locateToml(text)];
      for (const path of keyPaths(JSON.parse(JSON.stringify(value)))) {
        const { line, column } = locate(path);
        const found = lines[line - 1]?.slice(column - 1);
        expect(found, `${JSON.stringify(path)} in\n${text}`).toContain(String(path.at(-1)));
      }
    }),
  );
});

test('no text makes it hang or throw', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...Array.from('[]{}=.,"\'\\#\n\t a1')), maxLength: 80 }),
      (text) => {
        expect(locateToml(text)(['a'])).toBeDefined();
      },
    ),
    { numRuns: 1_000 },
  );
});

/** Paths of all keys that are written out somewhere (an empty list of tables is not). */
function keyPaths(value: unknown, at: readonly (string | number)[] = []): (string | number)[][] {
  if (Array.isArray(value)) return value.flatMap((each, index) => keyPaths(each, [...at, index]));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [...at, key],
    ...keyPaths(inner, [...at, key]),
  ]);
}
