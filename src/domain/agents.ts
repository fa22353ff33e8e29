import type { Role } from './spec.ts';

/** What kind of program an agent is. */
export const CAPABILITIES = [
  'claude',
  'codex',
  'gemini',
  'opencode',
  'shell',
  'test-runner',
  'unknown',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** Sender of what a person on the host asks for; no agent can have this id. */
export const HOST_OPERATOR = 'host-operator';

/** What an agent may do with prompts. */
export interface Permissions {
  readonly canSend: boolean;
  readonly canReceive: boolean;
  readonly canSendTo: readonly Role[];
}

const NONE: Permissions = { canSend: false, canReceive: false, canSendTo: [] };
const RECEIVER: Permissions = { ...NONE, canReceive: true };
const PERMISSIONS: Readonly<Record<Role, Permissions>> = {
  master: { canSend: true, canReceive: false, canSendTo: ['slave', 'swarm'] },
  slave: RECEIVER,
  swarm: RECEIVER,
  'test-runner': NONE,
  shell: NONE,
  unknown: NONE,
};

/** The permission matrix, by role. */
export function permissionsOf(role: Role): Permissions {
  return PERMISSIONS[role];
}
