import { DRAFT, type JsonSchema } from './json-schema.ts';
import { LAUNCH_PROFILE_SCHEMA, PLAIN_PROFILE_SCHEMA } from './launch-profile.ts';
import { LAYOUT_SCHEMA } from './layout.ts';
import { LAYOUT_TEMPLATE_SCHEMA, PLAIN_TEMPLATE_SCHEMA } from './layout-template.ts';
import { ROUTE_SCHEMA } from './route.ts';

export const KINDS = ['Layout', 'LayoutTemplate', 'LaunchProfile', 'Route'] as const;
export type Kind = (typeof KINDS)[number];

/** The two forms without `kind`, recognized by their fields. */
type PlainForm = 'plain template' | 'plain profile';
export type DocumentForm = Kind | PlainForm;

const SCHEMAS: Readonly<Record<DocumentForm, JsonSchema>> = {
  Layout: LAYOUT_SCHEMA,
  LayoutTemplate: LAYOUT_TEMPLATE_SCHEMA,
  LaunchProfile: LAUNCH_PROFILE_SCHEMA,
  Route: ROUTE_SCHEMA,
  'plain template': PLAIN_TEMPLATE_SCHEMA,
  'plain profile': PLAIN_PROFILE_SCHEMA,
};

/** JSON Schema (draft 2020-12) of a kind, or of a plain form. */
export function schemaOf(form: DocumentForm): JsonSchema {
  return SCHEMAS[form];
}

/** For editors: a file that may hold documents of every kind. */
const MANIFEST_SCHEMA: JsonSchema = {
  $schema: DRAFT,
  title: 'AgentTower manifest',
  description: 'A document of any kind that AgentTower reads.',
  type: 'object',
  required: ['apiVersion', 'kind'],
  properties: {
    kind: { enum: KINDS, description: 'What this document declares.' },
  },
  allOf: KINDS.map((kind) => ({
    if: { properties: { kind: { const: kind } }, required: ['kind'] },
    // oxlint-disable-next-line unicorn/no-thenable -- the keyword's name
    then: SCHEMAS[kind],
  })),
};

/** What `manifests/schemas/` holds, by file name. */
export const SCHEMA_FILES: Readonly<Record<string, JsonSchema>> = {
  'manifest.json': MANIFEST_SCHEMA,
  'layout.json': LAYOUT_SCHEMA,
  'layout-template.json': LAYOUT_TEMPLATE_SCHEMA,
  'launch-profile.json': LAUNCH_PROFILE_SCHEMA,
  'route.json': ROUTE_SCHEMA,
  'plain-template.json': PLAIN_TEMPLATE_SCHEMA,
  'plain-profile.json': PLAIN_PROFILE_SCHEMA,
};
