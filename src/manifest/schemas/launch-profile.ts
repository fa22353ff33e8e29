import {
  apiVersion,
  command,
  env,
  IDENTIFIER_PATTERN,
  kind,
  restartPolicy,
  settle,
  workingDir,
} from './fields.ts';
import { DRAFT, type JsonSchema } from './json-schema.ts';

export const LAUNCH_PROFILE_SCHEMA: JsonSchema = {
  $schema: DRAFT,
  title: 'LaunchProfile',
  description: 'How to start one kind of agent: command, environment, directory.',
  type: 'object',
  additionalProperties: false,
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion,
    kind: kind('LaunchProfile'),
    metadata: {
      type: 'object',
      description: 'What the profile is called.',
      additionalProperties: false,
      required: ['name'],
      properties: {
        name: {
          type: 'string',
          pattern: IDENTIFIER_PATTERN,
          description: 'Name that `launch` refers to: 1 to 64 of A-Z a-z 0-9 _ . -',
        },
      },
    },
    spec: {
      type: 'object',
      description: 'How to start it.',
      additionalProperties: false,
      required: ['command'],
      properties: { command, env, workingDir, settle, restartPolicy },
    },
  },
};

/** The same as a plain file, without kind. */
export const PLAIN_PROFILE_SCHEMA: JsonSchema = {
  $schema: DRAFT,
  title: 'Launch profile (plain file)',
  description: 'A launch profile as a file of its own, as in launch_commands/*.yaml.',
  type: 'object',
  additionalProperties: false,
  required: ['name', 'command'],
  properties: {
    name: { type: 'string', minLength: 1, description: 'Name that `launch` refers to.' },
    command,
    env: { ...env, type: ['object', 'null'] },
    working_dir: { ...workingDir, type: ['string', 'null'] },
    settle,
    restart_policy: restartPolicy,
  },
};
