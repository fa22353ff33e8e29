import { ARRANGEMENT_NAMES } from '../../domain/arrangement.ts';
import { ROLES } from '../../domain/roles.ts';
import type { JsonSchema } from './json-schema.ts';

/** Fields that several kinds share, and the patterns that messages explain in words. */
export const API_VERSION = 'agenttower/v1';
export const IDENTIFIER_PATTERN = '^[A-Za-z0-9_.-]{1,64}$';
export const TEMPLATE_NAME_PATTERN = '^[A-Za-z0-9_.+-]{1,64}$';
export const CAPABILITY_PATTERN = '^[^\\u0000-\\u001f\\u007f]{1,64}$';
export const CONTAINER_PATTERN = '^[^\\s]{1,255}$';
export const NAME_GLOB_PATTERN = '^[A-Za-z0-9_.*?-]{1,255}$';
export const ABSOLUTE_PATH_PATTERN = '^/';
export const DURATION_PATTERN = '^([0-9]+(ms|s|m|h|d))+$';
const VARIABLE_PATTERN = '^[^=\\s]+$';
export const LABEL_PATTERN_PATTERN = '^([A-Za-z0-9_.-]|\\{ordinal\\}|\\{layout\\})+$';

/** A layout's name, or something that begins like a layout string; whether that is sound no pattern can tell. */
export const ARRANGEMENT_PATTERN = `^(${ARRANGEMENT_NAMES.join('|')}|[0-9a-f]{4},[0-9]+x[0-9]+,[0-9]+,[0-9]+[,\\[{][0-9x,\\[\\]{}]*)$`;

export const apiVersion: JsonSchema = {
  const: API_VERSION,
  description: `Version of this format: always ${API_VERSION}.`,
};

export const kind = (name: string): JsonSchema => ({
  const: name,
  description: `What this document declares: ${name}.`,
});

export const role: JsonSchema = {
  enum: ROLES,
  description: 'Part the agent plays in its team. `launch` can choose a profile by role.',
};

export const capability: JsonSchema = {
  type: 'string',
  pattern: CAPABILITY_PATTERN,
  description: 'What the agent can do, for people and for routing: orchestrator, worker, codex, …',
};

export const command: JsonSchema = {
  type: 'array',
  minItems: 1,
  items: { type: 'string', description: 'One word of the command, passed on as it is.' },
  description:
    'Program and arguments, one list entry each. No shell looks at it; write [sh, -c, "…"] to have one.',
  examples: [['claude'], ['sh', '-c', 'npm start']],
};

export const env: JsonSchema = {
  type: 'object',
  propertyNames: { pattern: VARIABLE_PATTERN },
  additionalProperties: { type: 'string', description: 'Value, always text: quote numbers.' },
  description: 'Environment variables for the command. Names that look secret are never shown.',
};

export const workingDir: JsonSchema = {
  type: 'string',
  pattern: ABSOLUTE_PATH_PATTERN,
  description:
    'Absolute directory inside the container where the command starts. Without it, the home directory.',
};

export const restartPolicy: JsonSchema = {
  enum: ['Always', 'OnFailure', 'Never'],
  description:
    'What happens when the command ends: Always starts it again, OnFailure only after a non-zero exit, Never leaves it.',
};

export const settle: JsonSchema = {
  type: 'string',
  pattern: DURATION_PATTERN,
  description:
    'How long the command must live to count as started: 1s, 500ms, 1m30s. Ending sooner is a failed start.',
};
