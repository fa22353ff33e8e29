import type { Scope } from '../../declare/managed/scope.ts';
import type { AgentTowerError } from '../../domain/errors.ts';

/** The process at the other end of a connection, as the kernel knows it. */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** What a method may know about its call besides the params. */
export interface CallContext {
  readonly peer: Peer;
  /** What the caller may touch, by where it runs. */
  readonly scope: Scope;
  /** Aborts when the client is gone; for a method that streams, also when the daemon closes. */
  readonly signal: AbortSignal;
  /**
   * Sends one `{id?, event}` line ahead of the answer. Resolves true once there is room for more, false when
   * the client is gone. With `whenTooSlow`, a client that does not read is dropped: its last line is that error.
   */
  stream(event: object, whenTooSlow?: () => AgentTowerError): Promise<boolean>;
}

export type Params = Readonly<Record<string, unknown>>;

/**
 * Who may call a method: `any` caller the socket serves; a caller in a container for its `own-container` alone, which the
 * method sees to by `scope`; or none but processes of the `host`, which is seen to before the method runs.
 */
export type Access = 'any' | 'own-container' | 'host';

/** One method of the socket. `run` answers the result, or throws an AgentTowerError to refuse. */
export interface Method {
  readonly access: Access;
  /** What a caller in a container is told instead of `host_only`. */
  readonly hostRefusal?: () => AgentTowerError;
  run(params: Params, context: CallContext): unknown;
  /** Longest request line in bytes, newline included; default MAX_REQUEST_BYTES. */
  readonly maxBytes?: number;
  /** Keys that stand beside `ok` on every answer; with them, an error always has `details`. */
  readonly envelope?: Readonly<Record<string, unknown>>;
  /** Params that are no object count as none, instead of being refused. */
  readonly lenientParams?: true;
  /** Calls go on until the client or the daemon ends them. */
  readonly streams?: true;
}
