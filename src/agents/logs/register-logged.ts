import { auditAttachment } from '../../domain/attachment-events.ts';
import { toTarget } from '../pane-target.ts';
import type { AgentTransaction, InputTarget, RegisteredAgent } from '../ports.ts';
import {
  knownAt,
  type PaneAddress,
  type PreparedRegistration,
  prepareRegistration,
  type Registered,
  type Registration,
  type RegistryDeps,
  recordRegistration,
  toRegistered,
} from '../registry.ts';
import { type AttachDeps, type Attached, choosePath, modeFor, pipeFailed } from './attach.ts';
import type { LogTransaction } from './ports.ts';

export interface LoggedRegistration extends Registration {
  /** The user who asks. */
  readonly uid: number;
  /** The agent's standard log when absent. */
  readonly logPath?: string;
}

export interface LoggedDeps {
  readonly registry: RegistryDeps;
  readonly logs: AttachDeps;
  /** Writes of both in one transaction. */
  readonly transact: <T>(write: (tx: AgentTransaction & LogTransaction) => T) => T;
}

export type RegisteredLogged = Registered & { readonly attached: Attached };

/**
 * Registers a pane and has it copied, both or neither: the pane is copied first, and what is then written is written
 * in one transaction.
 * @throws what `register` and `attachLog` throw.
 */
export async function registerLogged(
  address: PaneAddress,
  said: LoggedRegistration,
  { registry, logs, transact }: LoggedDeps,
): Promise<RegisteredLogged> {
  const { store, pipes } = logs;
  const prepared = await prepareRegistration(address, said, registry);
  const { agentId, container } = prepared;
  const path = said.logPath;
  const log = choosePath(
    { agent: { agentId, container }, ...(path !== undefined && { path }) },
    logs,
  );
  const before = store.logs.attachmentOf(agentId);
  const target = paneOf(prepared);
  const mode = modeFor(before, log);
  const outcome = await pipes.pipe(target, { path: log.inside, mode });
  // An answer that is missing may still come true: the pane is not left copied for nobody.
  if (outcome.kind === 'unknown' && before === undefined) await stopCopy(target, logs);
  if (outcome.kind !== 'done') throw pipeFailed({ agentId }, outcome.message);
  try {
    requireSame(prepared, registry);
    const attachment = transact((tx) => {
      recordRegistration(prepared, said.uid, tx);
      const made = tx.attachLog(agentId, log.path, 'register_self');
      if (mode !== 'keep') tx.emit(auditAttachment({ before, after: made, uid: said.uid }));
      return made;
    });
    const isNew = attachment.attachmentId !== before?.attachmentId;
    const attached = { attachment, isNew, priorState: before?.state };
    return { ...toRegistered(prepared, registry), attached };
  } catch (error) {
    if (before === undefined) await stopCopy(target, logs);
    throw error;
  }
}

function paneOf({ container, found }: PreparedRegistration): InputTarget {
  const { socket, epoch, pane: tmuxPaneId, owner, pid } = found;
  const target = toTarget({
    container,
    epoch,
    tmuxPaneId,
    pid,
    ...(socket !== undefined && { socket }),
    ...(owner !== undefined && { paneId: owner }),
  });
  if (target === undefined) throw new Error(`${tmuxPaneId} was found without its process`);
  return target;
}

/** Somebody may have registered the pane while tmux was asked to copy it. */
function requireSame(prepared: PreparedRegistration, { store }: RegistryDeps): void {
  const now: RegisteredAgent | undefined = knownAt(prepared, store.registry);
  if (now?.agentId === prepared.known?.agentId) return;
  throw pipeFailed(prepared, 'the pane was registered by somebody else meanwhile; ask again');
}

async function stopCopy(target: InputTarget, { pipes }: AttachDeps): Promise<void> {
  await pipes.pipe(target, { mode: 'replace' });
}
