import { describe, expect, test } from 'vitest';
import { compileManifests } from '../../src/manifest/compile.ts';
import { explainPath } from '../../src/manifest/explain.ts';
import { exportLayout } from '../../src/manifest/export-layout.ts';

const layout = (spec: string, name = 'web', label = 'm1') => `apiVersion: agenttower/v1
kind: Layout
metadata: {name: ${name}}
spec:
${spec}
  panes:
    - {label: ${label}, command: [sh]}
`;

const compile = (...texts: readonly string[]) =>
  compileManifests([{ path: 'web.yaml', text: texts.join('---\n') }], {
    templates: [],
    profiles: [],
  });

function problems(...texts: readonly string[]): readonly string[] {
  const compiled = compile(...texts);
  if (compiled.ok) return [];
  return compiled.error.map(
    ({ line, column, message, hint }) => `${line}:${column} ${message}${hint ? `; ${hint}` : ''}`,
  );
}

function compiledSpec(text: string) {
  const compiled = compile(text);
  if (!compiled.ok) throw new Error(compiled.error.map(({ message }) => message).join('\n'));
  const [only] = compiled.value.layouts;
  if (only === undefined) throw new Error('no layout');
  return only.spec;
}

test('a layout can be declared for all containers with some labels, or with a name like this', () => {
  expect(
    compiledSpec(layout('  containerSelector: {matchLabels: {team: api, tier: dev}}')),
  ).toMatchObject({ container: '', selector: { matchLabels: { team: 'api', tier: 'dev' } } });
  expect(compiledSpec(layout('  containerSelector: {nameGlob: "bench-*"}'))).toMatchObject({
    container: '',
    selector: { nameGlob: 'bench-*' },
  });
  expect(compiledSpec(layout('  containerSelector:'))).toMatchObject({ container: 'local' });
  expect(compiledSpec(layout('  container:'))).not.toHaveProperty('selector');
});

describe('what is wrong is told with its place and a way out', () => {
  const remedy = 'give it one: {matchLabels: {KEY: VALUE}} or {nameGlob: "bench-*"}';

  test.each([
    [
      'both a container and a selector',
      '  container: bench\n  containerSelector: {nameGlob: "*"}',
      '6:3 spec has both container and containerSelector; keep one: container for a single one, containerSelector for all that match',
    ],
    [
      'an empty selector',
      '  containerSelector: {}',
      `5:3 spec.containerSelector has neither of matchLabels and nameGlob; ${remedy}`,
    ],
    [
      'a selector with nothing behind its colon',
      '  containerSelector:\n    nameGlob:',
      `5:3 spec.containerSelector has neither of matchLabels and nameGlob; ${remedy}`,
    ],
    [
      'both ways to choose',
      '  containerSelector:\n    nameGlob: "*"\n    matchLabels: {team: api}',
      `5:3 spec.containerSelector has both of matchLabels and nameGlob; ${remedy}`,
    ],
    [
      'no label at all',
      '  containerSelector: {matchLabels: {}}',
      '5:23 spec.containerSelector.matchLabels must have at least 1 entry',
    ],
    [
      'a mistyped way',
      '  containerSelector: {nameglob: "*"}',
      '5:23 unknown field "nameglob" in spec.containerSelector; did you mean "nameGlob"?',
    ],
    [
      'a glob no name is like',
      '  containerSelector: {nameGlob: "bench *"}',
      '5:33 spec.containerSelector.nameGlob must be like the name of a container, with * for any characters and ? for one, not "bench *"',
    ],
    [
      'a label that is no text',
      '  containerSelector: {matchLabels: {tier: 1}}',
      '5:43 spec.containerSelector.matchLabels.tier must be text, not the number 1; quote it: "1"',
    ],
  ])('%s', (_what, spec, problem) => {
    expect(problems(layout(spec))).toEqual([problem]);
  });

  test('two layouts of one name with selectors: it would not be known which was edited', () => {
    expect(
      problems(
        layout('  containerSelector: {nameGlob: "a*"}'),
        layout('  containerSelector: {nameGlob: "b*"}'),
      ),
    ).toEqual([
      '11:18 the layout "web" is declared twice with a containerSelector, first at web.yaml:3; rename one of them, or remove it',
    ]);
  });

  test('what two layouts cannot both have where the same selector puts them', () => {
    const every = '  containerSelector: {nameGlob: "b*"}';
    expect(problems(layout(every), layout(every, 'api'))).toEqual([
      expect.stringContaining(
        'the label "m1" in every container of nameGlob b* is already used by the layout "web"',
      ) as string,
    ]);
    expect(problems(layout(every), layout('  container: b1', 'web', 'm2'))).toEqual([]);
  });
});

test('explain knows the field and what it can hold', () => {
  const explained = explainPath('layout.spec.containerSelector');
  expect(explained).toMatchObject({
    ok: true,
    value: { fields: [{ name: 'matchLabels' }, { name: 'nameGlob' }] },
  });
  expect(explainPath('layout.spec.containerSelector.matchLabels')).toMatchObject({
    ok: true,
    value: { type: 'map[string]string' },
  });
});

test('an exported layout is declared for the same containers, whichever it was put into', () => {
  const spec = compiledSpec(layout('  containerSelector: {matchLabels: {tier: "1"}}'));
  expect(compiledSpec(exportLayout(spec))).toEqual(spec);
  expect(compiledSpec(exportLayout({ ...spec, container: 'bench-api' }))).toEqual(spec);
});
