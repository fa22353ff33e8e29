import type { NewEvent } from './events.ts';
import type { AgentId } from './ids.ts';

/** What the audit tells of a log attachment. */
interface AuditedAttachment {
  readonly attachmentId: string;
  readonly agentId: AgentId;
  readonly path: string;
  readonly state: string;
  readonly source: string;
}

/** `uid` of what the daemon does by itself. */
export const DAEMON_UID = -1;

/** The audit of one step of a log attachment. */
export function auditAttachment(change: {
  readonly before: AuditedAttachment | undefined;
  readonly after: AuditedAttachment;
  readonly uid: number;
}): NewEvent {
  const { before, after, uid } = change;
  return {
    type: 'log_attachment_change',
    actor: uid === DAEMON_UID ? 'daemon' : 'operator',
    agentId: after.agentId,
    payload: {
      attachment_id: after.attachmentId,
      agent_id: after.agentId,
      prior_status: before?.state ?? null,
      new_status: after.state,
      prior_path: before?.path ?? null,
      new_path: after.path,
      prior_pipe_target: null,
      source: after.source,
      socket_peer_uid: uid,
    },
  };
}
