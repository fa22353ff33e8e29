import type { NewEvent } from '../../domain/events.ts';
import type { AgentId, ContainerId } from '../../domain/ids.ts';
import type { Finding, Progress } from '../events/ports.ts';
import type { InputOutcome, InputTarget } from '../ports.ts';

export type AttachmentState = 'active' | 'superseded' | 'stale' | 'detached';
export type AttachmentSource = 'explicit' | 'register_self' | 'declared';

/** The copying of what an agent prints to a file. Times are ms since 1970. */
export interface Attachment {
  readonly attachmentId: string;
  readonly agentId: AgentId;
  /** As the host sees it. */
  readonly path: string;
  readonly state: AttachmentState;
  readonly source: AttachmentSource;
  readonly attachedAt: number;
  readonly statusAt: number;
}

/** A file as it was seen; `identity` tells it from another of the same name. */
export interface SeenFile {
  readonly identity: string;
  readonly size: number;
  readonly modifiedAt: number;
}

/** The file that is being read, `size` bytes of which were; nothing but `start` is known of one never seen. */
export interface FileInHand extends Partial<SeenFile> {
  /** Offset of its first byte. Offsets go on over rotations, and begin anew when a file is truncated or replaced. */
  readonly start: number;
}

/** How far a log was told of, with the file that is about. */
export interface Reached {
  readonly progress: Progress;
  readonly file: FileInHand;
  readonly lastEventSeq: number;
}

/** A log with something to tell, now or later. */
export interface ReadableLog extends Reached {
  readonly attachment: Attachment;
  readonly container: ContainerId;
  /** Its pane has ended: what the file holds is all there will be. */
  readonly isOver: boolean;
}

export interface LogTransaction {
  /** Makes `path` the agent's log: the same one goes on where it was, another one begins and supersedes it. */
  attachLog(agent: AgentId, path: string, source: AttachmentSource): Attachment;
  setAttachmentState(id: string, state: Exclude<AttachmentState, 'superseded'>): void;
  /** What was found, each as an event, and how far that is, for good and together. */
  recordReading(
    log: ReadableLog,
    reached: Omit<Reached, 'lastEventSeq'>,
    findings: readonly Finding[],
  ): void;
  /** The end of its pane has been told of: nobody needs to read the log again. */
  closeReading(attachmentId: string): void;
  emit(event: NewEvent): void;
}

export interface LogStore {
  readonly logs: {
    /** The one that is not superseded, if there ever was one. */
    attachmentOf(agent: AgentId): Attachment | undefined;
    /** Who has an active attachment to this path. */
    writerOf(path: string): AgentId | undefined;
    reached(agent: AgentId, path: string): Reached | undefined;
    /** Active ones, and those whose pane's end is still to be told. */
    readable(): readonly ReadableLog[];
  };
  transact<T>(write: (tx: LogTransaction) => T): T;
  watchCommits(onCommit: () => void): () => void;
}

/** What is done about a copy that the pane has already. */
export type PipeMode =
  /** It goes on. */
  | 'keep'
  /** It is ours, and another one takes its place; without a path, none does. */
  | 'replace'
  /** It is somebody else's: the pane is left alone. */
  | 'refuse';

/** Copies of what panes print. */
export interface PanePipes {
  /** Copies the pane's output to `path`, as programs in the container see it. Never rejects. */
  pipe(
    target: InputTarget,
    to: { readonly path?: string; readonly mode: PipeMode },
  ): Promise<InputOutcome>;
}

export interface LogPath {
  /** As the host sees it. */
  readonly path: string;
  /** As programs in the container see it. */
  readonly inside: string;
}

/** Where logs may lie. */
export interface LogPaths {
  /** The agent's own file, made if it is missing, or why it cannot be had. */
  standard(container: ContainerId, agent: AgentId): LogPath | { readonly problem: string };
  /** A file the operator chose, made if it is missing. Throws `log_path_invalid`, `log_path_not_host_visible`. */
  chosen(container: ContainerId, path: string): LogPath;
}

/** One log as it lies on the disk: the newest file, and those rotated away before it. */
export interface LogFiles {
  /** The newest file as it is now; `undefined` when there is none. */
  look(path: string): SeenFile | undefined;
  /** Files rotated away from this path, newest first. */
  rotated(path: string): readonly RotatedFile[];
  /**
   * Reads from `position` into `buffer`: how many bytes there were, fewer than there is room for only at the end.
   * `undefined` when the file at `path` is not the one of this identity any more.
   */
  read(
    path: string,
    file: { readonly identity: string; readonly position: number },
    buffer: Buffer,
  ): number | undefined;
}

export interface RotatedFile extends SeenFile {
  readonly path: string;
}
