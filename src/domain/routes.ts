import type { LogEventType } from './log-events.ts';
import type { Role } from './spec.ts';

export const SCOPE_KINDS = ['any', 'agent_id', 'role'] as const;
export const TARGET_RULES = ['explicit', 'source', 'role'] as const;
export const MASTER_RULES = ['auto', 'explicit'] as const;

/** Turns events of one type into prompts, from a master to a slave. All but `enabled` and the cursor is for good. */
export interface RouteSpec {
  readonly eventType: LogEventType;
  /** Whose events; a role is written `role:slave` or `role:slave,capability:codex`. */
  readonly scope: { readonly kind: (typeof SCOPE_KINDS)[number]; readonly value?: string };
  /** Who gets the prompt: an id or label, the agent the event is of, or the first of a role. */
  readonly target: { readonly rule: (typeof TARGET_RULES)[number]; readonly value?: string };
  /** Who sends it: the first active master, or a certain one. */
  readonly master: { readonly rule: (typeof MASTER_RULES)[number]; readonly value?: string };
  readonly template: string;
}

export interface RouteRecord extends RouteSpec {
  readonly id: string;
  /** Of a route that a manifest declares. */
  readonly name?: string;
  readonly enabled: boolean;
  /** Events up to this seq are done with. */
  readonly cursor: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export const SKIP_REASONS = [
  'no_eligible_master',
  'master_inactive',
  'master_not_found',
  'target_not_found',
  'target_not_active',
  'no_eligible_target',
  'template_render_error',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** A role, and perhaps a capability, as routes write them. */
export interface RolePattern {
  readonly role: string;
  readonly capability?: string;
}

/** Reads `role:slave` or `role:slave,capability:codex`; `undefined` when it is neither. */
export function parseRolePattern(text: string): RolePattern | undefined {
  const [, role, capability] = /^role:([\w-]+)(?:,capability:([\w-]+))?$/.exec(text) ?? [];
  if (role === undefined) return undefined;
  return capability === undefined ? { role } : { role, capability };
}

/** Whether an agent is of the pattern. */
export function isOfPattern(
  agent: { readonly role: Role; readonly capability: string },
  { role, capability }: RolePattern,
): boolean {
  return agent.role === role && (capability === undefined || agent.capability === capability);
}
