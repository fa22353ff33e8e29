/** Two axes that are never merged in JSON, and conditions that say why. */
export type Sync = 'Synced' | 'OutOfSync' | 'Unknown';
export type Health = 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended' | 'Missing' | 'Unknown';

export const CONDITION_TYPES = [
  'Ready',
  'Reconciling',
  'Stalled',
  'Observed',
  'Held',
  'Suspended',
  'CrashLoop',
  'Contested',
  'PruneBlocked',
  'OwnershipConflict',
] as const;
export type ConditionType = (typeof CONDITION_TYPES)[number];

export interface Condition {
  readonly type: ConditionType;
  readonly status: 'True' | 'False' | 'Unknown';
  /** CamelCase, stable, for programs. */
  readonly reason: string;
  /** A sentence for a person. */
  readonly message: string;
  /** Milliseconds since 1970; moves only when `status` does. */
  readonly lastTransitionTime: number;
  readonly observedGeneration: number;
}

function findCondition(
  conditions: readonly Condition[],
  type: ConditionType,
): Condition | undefined {
  return conditions.find((condition) => condition.type === type);
}

export function isTrue(conditions: readonly Condition[], type: ConditionType): boolean {
  return findCondition(conditions, type)?.status === 'True';
}
