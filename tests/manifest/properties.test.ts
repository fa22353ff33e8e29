import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { ARRANGEMENT_NAMES } from '../../src/domain/arrangement.ts';
import { ROLES } from '../../src/domain/roles.ts';
import type { LayoutSpec, SlotSpec } from '../../src/domain/spec.ts';
import { compileManifests } from '../../src/manifest/compile.ts';
import { exportLayout } from '../../src/manifest/export-layout.ts';
import { renderProblems } from '../../src/manifest/render-problems.ts';
import { CATALOG, compiled, layout, profile } from './support.ts';

const identifier = fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/);
/** What argv and environment can carry. */
const word = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.constantFrom(
      'null',
      '~',
      'yes',
      '010',
      '<<',
      '- a',
      'a: b',
      '-',
      '---',
      '...',
      '-c',
      '+1',
      '.5',
      '1e3',
      '0x1F',
      '.inf',
      'True',
      '#',
      "'",
      '"',
      '\\',
      '\uFFFD',
    ),
    fc.constantFrom('a\nb', 'a\n', '\n', ' a\n b ', 'a\r\nb', '\ta\n\tb', '<<<<<<< a\n', '---\n'),
    fc
      .array(fc.constantFrom('a', ' ', '\n', '\t', '#', ':'), { maxLength: 12 })
      .map((all) => all.join('')),
  )
  .filter((text) => !text.includes('\0') && !/\p{Surrogate}/u.test(text));
const map = (key: fc.Arbitrary<string>) =>
  fc
    .dictionary(key, word, { maxKeys: 4, noNullPrototype: true })
    .filter((found) => !Object.keys(found).includes('__proto__'));

const slot = fc.record({
  key: identifier,
  label: identifier,
  role: fc.constantFrom(...ROLES),
  capability: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 }),
  profile: fc.option(identifier, { nil: undefined }),
  command: fc
    .tuple(
      word.filter((text) => text !== ''),
      fc.array(word, { maxLength: 4 }),
    )
    .map(([first, rest]) => [first, ...rest]),
  env: map(fc.stringMatching(/^[^=\s]{1,12}$/).filter((name) => !/[\0\p{Surrogate}]/u.test(name))),
  workingDir: fc.option(
    word.map((text) => `/${text}`),
    { nil: undefined },
  ),
  log: fc.boolean(),
  after: fc.constant<readonly string[]>([]),
  restartPolicy: fc.constantFrom('Always' as const, 'OnFailure' as const, 'Never' as const),
  onRemove: fc.constantFrom('kill' as const, 'orphan' as const),
  settleMs: fc.integer({ min: 0, max: 86_400_000 }),
});

const slots = fc
  .uniqueArray(slot, {
    minLength: 1,
    maxLength: 6,
    comparator: (a, b) => a.key === b.key || a.label === b.label,
  })
  .chain((found) =>
    fc
      .tuple(...found.map((_, index) => fc.subarray(found.slice(0, index).map(({ key }) => key))))
      .map((after) => found.map((each, index) => ({ ...each, after: after[index] ?? [] }))),
  );

const spec: fc.Arbitrary<LayoutSpec> = fc
  .record({
    name: identifier,
    container: fc.stringMatching(/^[A-Za-z0-9_.:/-]{1,20}$/),
    session: identifier.filter((name) => name !== '_agenttower'),
    labels: map(word),
    template: fc.option(identifier, { nil: undefined }),
    slots,
    arrangement: fc.constantFrom(
      ...ARRANGEMENT_NAMES,
      '726b,200x50,0,0[200x16,0,0{99x16,0,0,0,100x16,100,0,1},200x16,0,17{99x16,0,17,2,100x16,100,17,3},200x16,0,34{99x16,0,34,4,100x16,100,34,5}]',
    ),
    updateStrategy: fc.record({
      type: fc.constantFrom('RollingUpdate' as const, 'OnDelete' as const),
      maxUnavailable: fc.integer({ min: 1, max: 256 }),
    }),
    suspend: fc.boolean(),
  })
  .map((found) => withoutUndefined(found) as LayoutSpec);

function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => [key, withoutUndefined(inner)]),
  );
}

/** A catalog the spec can have been compiled with: its profiles, and a template that has its first slots. */
function catalogOf({ template, slots: all }: LayoutSpec) {
  const names = new Set(all.flatMap((each: SlotSpec) => each.profile ?? []));
  const panes = all.slice(0, 2).map(({ key }) => ({
    role: 'test-runner' as const,
    capability: 'other',
    labelPattern: key,
    defaultLaunch: 'elsewhere',
  }));
  return {
    templates: template === undefined ? [] : [{ name: template, panes }],
    profiles: [...names].map((name) => profile(name, { settleMs: 7, restartPolicy: 'Never' })),
  };
}

test('an exported layout compiles back to the same spec', () => {
  fc.assert(
    fc.property(spec, (original) => {
      // Labels a template makes must be identifiers too, though each is then replaced.
      fc.pre(original.template === undefined || original.name.length + 21 <= 64);
      const text = exportLayout(original);
      expect(compiled(text, catalogOf(original)).layouts[0]?.spec).toEqual(original);
    }),
    { numRuns: 300 },
  );
});

test('any text is compiled or refused, and never throws', () => {
  const fragment = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(...'a: |>-\n \t[]{},&*!#?%@`"\''.split('')),
    fc.constantFrom(
      '---\n',
      '...\n',
      '<<: ',
      '*a ',
      '&a ',
      '!!str ',
      '\r\n',
      '\uFEFF',
      '%YAML 1.1\n',
    ),
    fc.constantFrom('kind: Layout\n', 'apiVersion: agenttower/v1\n', 'spec:\n', 'panes:\n  - '),
  );
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 40 }), (parts) => {
      expect(outcome(parts.join(''))).toMatch(/^(accepted|a\.yaml)/);
    }),
    { numRuns: 2_000 },
  );
});

test('any data in place of any field is compiled or refused, and never throws', () => {
  const valid = {
    apiVersion: 'agenttower/v1',
    kind: 'Layout',
    metadata: { name: 'x', labels: {} },
    spec: {
      template: '1m+2s',
      launch: { master: 'boss', slave: 'worker' },
      panes: [{ label: 'm1', env: { A: 'b' }, after: ['s1'], settle: '1s' }],
      updateStrategy: { type: 'OnDelete' },
    },
  };
  const paths = ['', '/metadata', '/metadata/name', '/spec', '/spec/launch', '/spec/panes'].concat(
    ['', '/label', '/env', '/env/A', '/after', '/settle', '/command', '/launch', '/key'].map(
      (field) => `/spec/panes/0${field}`,
    ),
  );
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom('a b', '', 'x'.repeat(80), 'constructor', 'toString', '__proto__'),
    fc.dictionary(fc.constantFrom('label', 'key', 'constructor', 'command'), fc.jsonValue()),
  );
  fc.assert(
    fc.property(fc.constantFrom(...paths), anything, (path, value) => {
      const data = structuredClone({ root: valid }) as Record<string, unknown>;
      const steps = ['root', ...path.split('/').slice(1)];
      const last = steps.pop() ?? 'root';
      let holder: Record<string, unknown> = data;
      for (const step of steps) holder = holder[step] as Record<string, unknown>;
      holder[last] = value;
      expect(outcome(stringify(data['root']))).toMatch(/^(accepted|a\.yaml)/);
    }),
    { numRuns: 1_000 },
  );
});

test('the order of the files does not matter', () => {
  const files = [
    { path: 'b.yaml', text: `${layout(pane('p'), 'one')}---\nname: q\ncommand: [q]\n` },
    { path: 'a.yaml', text: layout(pane('q'), 'two') },
    { path: 'd.yaml', text: layout(pane('q'), 'two') },
    { path: 'c.yaml', text: 'name: p\ncommand: [p]\n' },
    { path: 'e.yaml', text: 'name: p\ncommand: [other]\n' },
    { path: 'f.yaml', text: 'name: [\n' },
  ];
  fc.assert(
    fc.property(
      fc
        .subarray(files)
        .chain((some) =>
          fc.tuple(fc.constant(some), fc.shuffledSubarray(some, { minLength: some.length })),
        ),
      ([some, shuffled]) => {
        expect(compileManifests(shuffled, CATALOG)).toEqual(compileManifests(some, CATALOG));
      },
    ),
  );
});

function outcome(text: string): string {
  const result = compileManifests([{ path: 'a.yaml', text }], CATALOG);
  return result.ok ? 'accepted' : renderProblems(result.error);
}

function pane(name: string): string {
  return `  panes: [{label: ${name}-a, launch: ${name}}]\n`;
}
