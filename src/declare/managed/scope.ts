import { type AgentTowerError, refuse } from '../../domain/errors.ts';
import type { ContainerId } from '../../domain/ids.ts';

/**
 * What a caller may touch. A process on the host may touch everything; one in a container only that container, and
 * one whose container cannot be told, nothing.
 */
export type Scope =
  | { readonly kind: 'host' }
  | { readonly kind: 'container'; readonly container: ContainerId | undefined };

/** @throws {AgentTowerError} `host_only` for a container the caller is not in. */
export function requireScope(scope: Scope, container: string): void {
  if (scope.kind === 'host' || scope.container === container) return;
  throw hostOnly();
}

/** The refusal of a caller that is not a verified process of the host. Names nothing, so that it tells nothing. */
export function hostOnly(): AgentTowerError<'host_only'> {
  return refuse(
    'host_only',
    'only a process on the host itself may ask for this; run the command there',
    {},
  );
}
