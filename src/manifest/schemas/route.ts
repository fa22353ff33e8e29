import { LOG_EVENT_TYPES } from '../../domain/log-events.ts';
import { ROLES } from '../../domain/roles.ts';
import { apiVersion, IDENTIFIER_PATTERN, kind } from './fields.ts';
import { DRAFT, type JsonSchema } from './json-schema.ts';

const AGENT_PATTERN = '^[^\\s]{1,64}$';
const WORD_PATTERN = '^[A-Za-z0-9_-]{1,64}$';

const agent = (description: string): JsonSchema => ({
  type: 'string',
  pattern: AGENT_PATTERN,
  description,
});

const capability: JsonSchema = {
  type: 'string',
  pattern: WORD_PATTERN,
  description: 'Narrows `role` to agents of this capability: claude, codex, …',
};

const source: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  description: 'Whose events: one agent, or those of a role. Without it, those of all agents.',
  properties: {
    agent: agent('Label or id of one agent.'),
    role: { enum: ROLES, description: 'All agents of this role.' },
    capability,
  },
};

const target: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  description:
    'Who gets the prompt: one agent, the one of a role with the lowest id, or, without any field, the agent the event is of. Only slave and swarm receive prompts.',
  properties: {
    agent: agent('Label or id of one agent.'),
    role: { enum: ['slave', 'swarm'], description: 'The active agent of this role.' },
    capability,
  },
};

export const ROUTE_SCHEMA: JsonSchema = {
  $schema: DRAFT,
  title: 'Route',
  description: 'Turns events of one type into prompts for an agent, sent by a master.',
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion,
    kind: kind('Route'),
    metadata: {
      type: 'object',
      description: 'What the route is called.',
      additionalProperties: false,
      required: ['name'],
      properties: {
        name: {
          type: 'string',
          pattern: IDENTIFIER_PATTERN,
          description: 'Name of the route: 1 to 64 of A-Z a-z 0-9 _ . -',
        },
      },
    },
    spec: {
      type: 'object',
      description: 'Which events, to whom, and with which words.',
      additionalProperties: false,
      required: ['eventType', 'target', 'template'],
      properties: {
        eventType: {
          enum: LOG_EVENT_TYPES,
          description: 'Events of this type, from the moment on that the route is declared.',
        },
        source,
        target,
        master: agent(
          'Label or id of the master that sends it. Without it, the active master with the lowest id.',
        ),
        template: {
          type: 'string',
          minLength: 1,
          description:
            'Text of the prompt. {event_id}, {event_type}, {event_excerpt}, {observed_at}, {source_agent_id}, {source_label}, {source_role} and {source_capability} are filled in; {{ and }} are braces. At most 4 KiB.',
          examples: ['{source_label} reports: {event_excerpt}'],
        },
        enabled: {
          type: 'boolean',
          default: true,
          description: 'Whether it works. While it does not, its events wait.',
        },
      },
    },
  },
};
