import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';

import { BUILT_IN_TEMPLATES } from '../../src/domain/templates.ts';
import { KINDS, SCHEMA_FILES, schemaOf } from '../../src/manifest/schemas/kinds.ts';
import { compiled } from './support.ts';

const NOTHING_APPLIED = { templates: BUILT_IN_TEMPLATES, profiles: [] };

/** Texts of the YAML files in and below these directories, by path. */
function filesOf(...directories: readonly string[]): Readonly<Record<string, string>> {
  const paths = directories.flatMap((directory) =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => join(directory, name)),
  );
  expect(paths).not.toEqual([]);
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'utf8')]));
}

describe('what is shipped compiles', () => {
  const manifests = Object.entries(filesOf('manifests'));

  test.each(manifests)('%s by itself, to one layout', (path, text) => {
    expect(compiled({ [path]: text }, NOTHING_APPLIED).layouts).toHaveLength(1);
  });

  test('manifests, all together', () => {
    expect(compiled(Object.fromEntries(manifests), NOTHING_APPLIED).layouts).toHaveLength(5);
  });

  test('templates and launch commands of the examples', () => {
    const files = filesOf('examples/managed_templates', 'examples/launch_commands');
    const { templates, profiles } = compiled(files, NOTHING_APPLIED);
    const known = profiles.map((found) => found.profile.name);
    const named = templates.flatMap(({ template }) =>
      template.panes.flatMap((pane) => pane.defaultLaunch ?? []),
    );
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  test('the layout for a container', () => {
    const { layouts } = compiled(filesOf('examples/devcontainer'), NOTHING_APPLIED);
    expect(layouts.map(({ spec }) => [spec.name, spec.container, spec.slots.length])).toEqual([
      ['work', 'payments-bench', 3],
    ]);
  });

  test('the config repository', () => {
    const { layouts } = compiled(filesOf('examples/config-repo/clusters/dev'), NOTHING_APPLIED);
    expect(layouts.map(({ spec }) => [spec.name, spec.slots.length])).toEqual([
      ['payments', 4],
      ['search', 2],
    ]);
  });

  test.each([
    ['manifests/relay.yaml', 'relay-failures'],
    ['examples/config-repo/clusters/dev', 'payments-failures'],
  ])('%s, with a route from a pane that is logged to one that receives', (path, name) => {
    const files = path.endsWith('.yaml') ? { [path]: readFileSync(path, 'utf8') } : filesOf(path);
    const { layouts, routes } = compiled(files, NOTHING_APPLIED);
    const slots = layouts.flatMap(({ spec }) => spec.slots);
    const slot = (label: string | undefined) => slots.find((each) => each.label === label);
    expect(routes.map(({ route }) => route.name)).toEqual([name]);
    const { scope, target, master } = routes[0]?.route.spec ?? {};
    expect(slot(scope?.value)).toMatchObject({ log: true });
    expect(slot(target?.value)).toMatchObject({ role: 'slave' });
    expect(slot(master?.value)).toMatchObject({ role: 'master' });
  });
});

test('the demo needs nothing but a shell', () => {
  const { layouts } = compiled(
    { 'demo.yaml': readFileSync('manifests/demo.yaml', 'utf8') },
    NOTHING_APPLIED,
  );
  const [demo] = layouts.map(({ spec }) => spec);
  expect(demo).toMatchObject({ name: 'demo', container: 'local' });
  expect(demo?.slots.map(({ label, role, command }) => [label, role, command[0]])).toEqual([
    ['demo-m1', 'master', 'sh'],
    ['demo-s1', 'slave', 'sh'],
    ['demo-s2', 'slave', 'sh'],
  ]);
});

test('every example names a schema that is there', () => {
  const files = filesOf('manifests', 'examples');
  for (const [path, text] of Object.entries(files)) {
    const [, schema] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
    expect(existsSync(join(dirname(path), schema ?? 'missing')), path).toBe(true);
  }
});

describe('the schema files', () => {
  const shipped = Object.entries(SCHEMA_FILES).map(([name, schema]) => ({
    path: `manifests/schemas/${name}`,
    schema,
  }));
  const manifest = SCHEMA_FILES['manifest.json'];
  shipped.push({ path: 'examples/config-repo/schemas/manifest.json', schema: manifest ?? {} });

  /** `UPDATE_SCHEMAS=1 npx vitest run tests/manifest/shipped.test.ts`, then `npm run fix`. */
  if (process.env['UPDATE_SCHEMAS'] !== undefined) {
    for (const { path, schema } of shipped) {
      writeFileSync(path, `${JSON.stringify(schema, null, 2)}\n`);
    }
  }

  test.each(shipped)('$path is what the program checks with', ({ path, schema }) => {
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(schema);
  });

  test('cover every kind', () => {
    expect(Object.values(SCHEMA_FILES)).toEqual(expect.arrayContaining(KINDS.map(schemaOf)));
    expect(readdirSync('manifests/schemas').length).toBe(Object.keys(SCHEMA_FILES).length);
  });

  test('are valid, and the one for mixed files judges each kind by its own', () => {
    const ajv = new Ajv2020({
      strict: true,
      allowUnionTypes: true,
      strictRequired: false,
      strictTypes: false,
    });
    const validate = ajv.compile(manifest ?? {});
    const profile = {
      apiVersion: 'agenttower/v1',
      kind: 'LaunchProfile',
      metadata: { name: 'p' },
      spec: { command: ['cat'] },
    };
    expect(validate(profile)).toBe(true);
    expect(validate({ ...profile, kind: 'LayoutTemplate' })).toBe(false);
    expect(validate({ ...profile, spec: {} })).toBe(false);
    expect(validate({ ...profile, kind: 'Pod' })).toBe(false);
  });
});
