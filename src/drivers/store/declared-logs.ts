import type Database from 'better-sqlite3';
import { auditAttachment, DAEMON_UID } from '../../domain/attachment-events.ts';
import type { AgentId, ContainerId } from '../../domain/ids.ts';
import { mapContainerPath } from '../../domain/mount-paths.ts';
import type { EndPorts } from './agent-ends.ts';
import {
  type AttachmentPorts,
  currentAttachment,
  openAttachmentWriter,
} from './attachment-writer.ts';
import { openMountsReader } from './container-rows.ts';

/** Where an agent's declared log lies, as its container names it. */
interface DeclaredLog {
  readonly agent: AgentId;
  readonly container: ContainerId;
  /** `undefined` when it is to have none. */
  readonly path: string | undefined;
}

export type DeclaredPorts = EndPorts & AttachmentPorts;

/** Makes an attachment, or ends it, as the agent's layout says, with the audit of what that changes. */
export function openDeclaredLogs(
  db: Database.Database,
  ports: DeclaredPorts,
): (log: DeclaredLog) => void {
  const attachments = openAttachmentWriter(db, ports);
  const { emit } = ports;
  const current = currentAttachment(db);
  const mountsOf = openMountsReader(db);
  return ({ agent, container, path }) => {
    const before = current(agent);
    if (path === undefined) {
      if (before?.state !== 'active') return;
      attachments.setAttachmentState(before.attachmentId, 'detached');
      emit(auditAttachment({ before, after: { ...before, state: 'detached' }, uid: DAEMON_UID }));
      return;
    }
    // The pane knows its log as its container does; whoever reads it is on the host.
    const onHost = mapContainerPath(path, mountsOf(container))?.hostPath ?? path;
    const after = attachments.attachLog(agent, onHost, 'declared');
    if (before?.attachmentId === after.attachmentId && before.state === after.state) return;
    emit(auditAttachment({ before, after, uid: DAEMON_UID }));
  };
}
