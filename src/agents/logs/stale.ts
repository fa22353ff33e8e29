import type { Attachment, LogStore } from './ports.ts';

/** Takes down that the file of an attached log has gone. Reading it begins again when it is attached again. */
export function setLogStale(store: LogStore, attachment: Attachment): void {
  const { attachmentId, agentId, path, state, source } = attachment;
  if (state !== 'active') return;
  store.transact((tx) => {
    tx.setAttachmentState(attachmentId, 'stale');
    tx.emit({
      type: 'log_attachment_change',
      actor: 'daemon',
      agentId,
      payload: {
        attachment_id: attachmentId,
        agent_id: agentId,
        prior_status: state,
        new_status: 'stale',
        prior_path: path,
        new_path: path,
        prior_pipe_target: null,
        source,
        socket_peer_uid: -1,
      },
    });
  });
}
