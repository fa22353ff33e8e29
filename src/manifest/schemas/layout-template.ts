import { MAX_PANES } from '../limits.ts';
import {
  apiVersion,
  capability,
  kind,
  LABEL_PATTERN_PATTERN,
  role,
  TEMPLATE_NAME_PATTERN,
} from './fields.ts';
import { DRAFT, type JsonSchema } from './json-schema.ts';

const labelPattern: JsonSchema = {
  type: 'string',
  pattern: LABEL_PATTERN_PATTERN,
  description:
    'Label of the pane. {ordinal} counts the panes of one role from 1; {layout} is the name of the layout. Without {layout} that name and a dash are put in front.',
  examples: ['m{ordinal}'],
};

const defaultLaunch: JsonSchema = {
  type: 'string',
  description: 'Launch profile that starts the pane when the layout names none.',
};

const panes = (item: Pick<JsonSchema, 'properties' | 'required'>): JsonSchema => ({
  type: 'array',
  minItems: 1,
  maxItems: MAX_PANES,
  description: 'Panes of the template, in the order they are created.',
  items: {
    type: 'object',
    description: 'One pane of the template.',
    additionalProperties: false,
    ...item,
  },
});

export const LAYOUT_TEMPLATE_SCHEMA: JsonSchema = {
  $schema: DRAFT,
  title: 'LayoutTemplate',
  description: 'A shape of team that layouts can name: which panes, with which roles and labels.',
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion,
    kind: kind('LayoutTemplate'),
    metadata: {
      type: 'object',
      description: 'What the template is called.',
      additionalProperties: false,
      required: ['name'],
      properties: {
        name: {
          type: 'string',
          pattern: TEMPLATE_NAME_PATTERN,
          description: 'Name that `template` of a layout refers to: 1 to 64 of A-Z a-z 0-9 _ . + -',
        },
      },
    },
    spec: {
      type: 'object',
      description: 'The panes.',
      additionalProperties: false,
      required: ['panes'],
      properties: {
        panes: panes({
          required: ['role', 'capability', 'labelPattern'],
          properties: { role, capability, labelPattern, defaultLaunch },
        }),
      },
    },
  },
};

/** The same as a plain file, without kind. */
export const PLAIN_TEMPLATE_SCHEMA: JsonSchema = {
  $schema: DRAFT,
  title: 'Layout template (plain file)',
  description: 'A template as a file of its own, as in managed_templates/*.yaml.',
  type: 'object',
  additionalProperties: false,
  required: ['name', 'panes'],
  properties: {
    name: { type: 'string', minLength: 1, description: 'Name that layouts refer to.' },
    panes: panes({
      required: ['role', 'capability', 'label_pattern'],
      properties: {
        role,
        capability,
        label_pattern: labelPattern,
        default_launch_command_ref: { ...defaultLaunch, type: ['string', 'null'] },
      },
    }),
  },
};
