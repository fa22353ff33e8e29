import type { EngineContainer } from '../../domain/containers.ts';
import type { Result } from '../../lib/result.ts';

/** Why an engine could not answer. `code` is the contract's; the message tells a person what to do. */
export interface EngineProblem {
  readonly code:
    | 'docker_unavailable'
    | 'docker_permission_denied'
    | 'docker_timeout'
    | 'docker_failed'
    | 'docker_malformed';
  readonly message: string;
}

/** What one listing gave. A container that could not be inspected is named in `problems`, not left out silently. */
export interface Listing {
  readonly containers: readonly EngineContainer[];
  /** Containers the engine has but could not describe, by id; nothing may be concluded about these. */
  readonly problems: ReadonlyMap<string, EngineProblem>;
}

export interface ExecOptions {
  /** User inside, as `docker exec -u` takes it; the container's own when absent. */
  readonly user?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** With a terminal, for a person; without one otherwise. */
  readonly tty?: boolean;
}

export interface ListRequest {
  readonly signal?: AbortSignal;
  /** Ids of containers that were there last time. Those it leaves out without saying that they are gone are problems. */
  readonly expected?: readonly string[];
}

/** One container engine at one endpoint. It is only asked and listened to. */
export interface Engine {
  /** Unique in this daemon: `docker`, `podman`, or the endpoint's name in `config.toml`. */
  readonly name: string;
  readonly kind: 'docker' | 'podman';
  /** All its containers, those that do not run too. Never rejects; at most `timeoutMs`, or until it is aborted. */
  list(timeoutMs: number, request?: ListRequest): Promise<Result<Listing, EngineProblem>>;
  /** Calls `onChange` after something may have changed (its events, and when the stream of events is lost). */
  watch(onChange: () => void): { close(): void };
  /** argv that runs `argv` in a running container, with stdin and stdout connected. No shell. */
  execArgv(container: string, argv: readonly string[], options?: ExecOptions): readonly string[];
  /** Environment of the engine's own CLI; the whole of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
}
