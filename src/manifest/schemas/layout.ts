import { DEFAULT_ARRANGEMENT } from '../../domain/spec.ts';
import { MAX_PANES } from '../limits.ts';
import {
  ARRANGEMENT_PATTERN,
  apiVersion,
  CONTAINER_PATTERN,
  capability,
  command,
  env,
  IDENTIFIER_PATTERN,
  kind,
  NAME_GLOB_PATTERN,
  restartPolicy,
  role,
  settle,
  workingDir,
} from './fields.ts';
import { DRAFT, type JsonSchema } from './json-schema.ts';

const pane: JsonSchema = {
  type: 'object',
  description: 'One pane, or changes to one that the template declares.',
  additionalProperties: false,
  properties: {
    label: {
      type: 'string',
      pattern: IDENTIFIER_PATTERN,
      description:
        "The pane's label and title, unique in its container. The name of a template's slot (m1, or payments-m1) changes that slot.",
    },
    key: {
      type: 'string',
      pattern: IDENTIFIER_PATTERN,
      description:
        "Address inside the layout, as in `payments/m1`; the label unless given. With a template's key, `label` renames that slot.",
    },
    role: { ...role, default: 'unknown' },
    capability: { ...capability, default: 'unknown' },
    launch: {
      type: 'string',
      description: 'Name of the launch profile that starts it. Beats `spec.launch`.',
    },
    command: {
      ...command,
      description: `${command.description} Replaces the profile's command; without \`launch\` no profile is used.`,
    },
    env: {
      ...env,
      description: `${env.description} Added to the profile's; the pane's value wins.`,
    },
    workingDir,
    log: {
      type: 'boolean',
      default: true,
      description: 'Whether everything the pane prints is kept in a log file.',
    },
    after: {
      type: 'array',
      items: { type: 'string', description: 'Key or label of a pane of this layout.' },
      description: 'Panes of this layout that must be ready before this one is first started.',
    },
    restartPolicy: {
      ...restartPolicy,
      description: `${restartPolicy.description} Without it the profile's, then the layout's.`,
    },
    onRemove: {
      enum: ['kill', 'orphan'],
      default: 'kill',
      description:
        'When the pane is no longer declared: kill it, or orphan it, which leaves it running and no longer ours.',
    },
    settle: { ...settle, description: `${settle.description} Without it the profile's, then 1s.` },
  },
};

const containerSelector: JsonSchema = {
  type: 'object',
  description:
    'Instead of `container`: every container that matches has a layout of its own, those too that come later. Either `matchLabels` or `nameGlob`. The host itself is never chosen.',
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  properties: {
    matchLabels: {
      type: 'object',
      minProperties: 1,
      description: 'Labels the container must have, all of them, each with this value.',
      additionalProperties: { type: 'string', description: 'Value of the label, always text.' },
    },
    nameGlob: {
      type: 'string',
      pattern: NAME_GLOB_PATTERN,
      description: 'What its name must be like: * stands for any characters, ? for one.',
      examples: ['bench-*'],
    },
  },
};

export const LAYOUT_SCHEMA: JsonSchema = {
  $schema: DRAFT,
  title: 'Layout',
  description:
    'A team of agents: the panes that should exist in one tmux session of one container.',
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion,
    kind: kind('Layout'),
    metadata: {
      type: 'object',
      description: 'What the layout is called.',
      additionalProperties: false,
      required: ['name'],
      properties: {
        name: {
          type: 'string',
          pattern: IDENTIFIER_PATTERN,
          description: 'Name, unique in its container: 1 to 64 of A-Z a-z 0-9 _ . -',
        },
        labels: {
          type: 'object',
          description: 'Free key-value pairs for people and for selecting layouts.',
          additionalProperties: { type: 'string', description: 'Value, always text.' },
        },
      },
    },
    spec: {
      type: 'object',
      description: 'What should be there. Needs `template`, `panes`, or both.',
      additionalProperties: false,
      not: {
        type: 'object',
        required: ['container', 'containerSelector'],
        properties: { container: { type: 'string' }, containerSelector: { type: 'object' } },
      },
      properties: {
        container: {
          type: 'string',
          pattern: CONTAINER_PATTERN,
          default: 'local',
          description:
            'Container the panes run in: its name, id or first 12 characters of the id. `local` is this machine itself.',
        },
        containerSelector,
        session: {
          type: 'string',
          pattern: IDENTIFIER_PATTERN,
          description: 'tmux session the panes are in. Without it, the name of the layout.',
        },
        template: {
          type: 'string',
          description: 'Name of a template that declares the panes: 1m+2s, 2m+2s, or one of yours.',
        },
        launch: {
          type: 'object',
          description:
            'Launch profile by role (master), or by label or key of a pane (s2). The label beats the role.',
          additionalProperties: { type: 'string', description: 'Name of a launch profile.' },
        },
        panes: {
          type: 'array',
          maxItems: MAX_PANES,
          items: pane,
          description: "Panes to add, and changes to the template's own.",
        },
        layout: {
          type: 'string',
          pattern: ARRANGEMENT_PATTERN,
          default: DEFAULT_ARRANGEMENT,
          description:
            'How tmux arranges the panes: even-horizontal, even-vertical, main-horizontal, main-vertical, tiled, or a layout string.',
        },
        restartPolicy: { ...restartPolicy, default: 'Always' },
        updateStrategy: {
          type: 'object',
          description: 'How running panes follow a changed command, environment or directory.',
          additionalProperties: false,
          properties: {
            type: {
              enum: ['RollingUpdate', 'OnDelete'],
              default: 'RollingUpdate',
              description:
                'RollingUpdate replaces them a few at a time; OnDelete leaves them until someone restarts them.',
            },
            maxUnavailable: {
              type: 'integer',
              minimum: 1,
              maximum: MAX_PANES,
              default: 1,
              description: 'Panes that RollingUpdate may replace at the same time.',
            },
          },
        },
        suspend: {
          type: 'boolean',
          default: false,
          description: 'While true nothing is started, replaced or killed for this layout.',
        },
      },
    },
  },
};
