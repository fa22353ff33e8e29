import { expect, test } from 'vitest';

import { explainPath } from '../../src/manifest/explain.ts';
import { type JsonSchema } from '../../src/manifest/schemas/json-schema.ts';
import { KINDS, schemaOf } from '../../src/manifest/schemas/kinds.ts';

test('a field is explained, and lists are passed through', () => {
  expect(explainPath('layout.spec.panes.command')).toMatchInlineSnapshot(`
    {
      "ok": true,
      "value": {
        "description": "Program and arguments, one list entry each. No shell looks at it; write [sh, -c, "…"] to have one. Replaces the profile's command; without \`launch\` no profile is used.",
        "path": "Layout.spec.panes.command",
        "type": "[]string",
      },
    }
  `);
  expect(explainPath('layouts.spec.panes[0].command')).toEqual(
    explainPath('Layout.spec.panes.command'),
  );
});

test('types are shown as kubectl shows them', () => {
  expect(typeOf('layout')).toBe('object');
  expect(typeOf('layout.spec.panes')).toBe('[]object');
  expect(typeOf('layout.spec.panes.env')).toBe('map[string]string');
  expect(typeOf('layout.spec.panes.env.HOME')).toBe('string');
  expect(typeOf('layout.spec.suspend')).toBe('boolean');
  expect(typeOf('layout.spec.updateStrategy.maxUnavailable')).toBe('integer');
  expect(typeOf('launchprofile.spec.restartPolicy')).toBe('string');
});

test('an object lists its fields with what is required and what is the default', () => {
  const result = explainPath('layout.spec');
  if (!result.ok) throw new Error(result.error.message);
  expect(result.value.fields?.map(({ name }) => name)).toContain('panes');
  expect(result.value.fields?.find(({ name }) => name === 'container')?.default).toBe('local');
  const template = explainPath('LayoutTemplate.spec.panes');
  expect(template.ok && template.value.fields?.map(({ required }) => required)).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

test('a wrong path says what there is', () => {
  expect(explainPath('layout.spec.pane')).toEqual({
    ok: false,
    error: { message: 'Layout.spec has no field "pane"', hint: 'did you mean "panes"?' },
  });
  expect(explainPath('pod')).toMatchObject({
    error: { hint: 'there are Layout, LayoutTemplate, LaunchProfile, Route' },
  });
  expect(explainPath('layout.kind.x')).toMatchObject({ error: { hint: 'it has no fields' } });
  expect(explainPath('')).toMatchObject({ ok: false });
});

test('every field of every kind has a description', () => {
  const undescribed = (schema: JsonSchema, path: string): readonly string[] => [
    ...(schema.description === undefined ? [path] : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
      undescribed(inner, `${path}.${name}`),
    ),
    ...(schema.items === undefined ? [] : undescribed(schema.items, `${path}[]`)),
    ...(typeof schema.additionalProperties === 'object'
      ? undescribed(schema.additionalProperties, `${path}.*`)
      : []),
  ];
  const forms = [...KINDS, 'plain template', 'plain profile'] as const;
  expect(forms.flatMap((form) => undescribed(schemaOf(form), form))).toEqual([]);
});

function typeOf(path: string): string {
  const result = explainPath(path);
  return result.ok ? result.value.type : result.error.message;
}
