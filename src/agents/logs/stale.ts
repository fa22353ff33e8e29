import { auditAttachment, DAEMON_UID } from '../../domain/attachment-events.ts';
import type { Attachment, LogStore } from './ports.ts';

/** Takes down that the file of an attached log has gone. Reading it begins again when it is attached again. */
export function setLogStale(store: LogStore, before: Attachment): void {
  if (before.state !== 'active') return;
  store.transact((tx) => {
    tx.setAttachmentState(before.attachmentId, 'stale');
    const after = { ...before, state: 'stale' } as const;
    tx.emit(auditAttachment({ before, after, uid: DAEMON_UID }));
  });
}
