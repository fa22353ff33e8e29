import { type AgentTowerError, refuse } from '../../domain/errors.ts';
import type { ManagedDeps } from './deps.ts';
import type { Scope } from './scope.ts';

/** Why nobody has a managed pane of this id: it is an adopted agent's, which is never touched, or nobody's. */
export function paneNotFound(
  id: string,
  scope: Scope,
  { managed }: Pick<ManagedDeps, 'managed'>,
): AgentTowerError {
  // A caller in a container is not told whose agents there are elsewhere.
  if (scope.kind === 'host' && managed.agentOrigin(id) === 'adopted') {
    return refuse(
      'managed_pane_protected_adopted',
      `${id} is an agent in a pane that a person made; it was adopted and is never removed or recreated from here`,
      { agent_id: id, is_adopted: true },
    );
  }
  return refuse(
    'managed_pane_not_found',
    `there is no managed pane ${id}; \`agenttower managed pane list\` shows those there are`,
    { pane_id: id },
  );
}
