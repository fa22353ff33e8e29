import type { SourceConfig } from '../../declare/ports.ts';
import { DEFAULT_LOG_ROTATION, type LogRotation } from '../../domain/log-rotation.ts';

/** What config.toml says, with every default filled in. Times in milliseconds. */
export interface Config {
  readonly containers: {
    /** A container is ours to look at when its name contains one of these, in any letter case; empty: any name. */
    readonly nameContains: readonly string[];
    /** … and when it has all of these labels, `key` or `key=value`. */
    readonly labels: readonly string[];
  };
  readonly engines: {
    /** Names of engines to use; `undefined` leaves it to what this machine has. */
    readonly enabled?: readonly string[];
    readonly endpoints: readonly EngineEndpoint[];
  };
  readonly limits: { readonly managedLayouts: number };
  readonly loop: { readonly resyncMs: number };
  /** What is kept of what each pane prints. */
  readonly logs: LogRotation;
  /** What is kept of `events.jsonl`. */
  readonly events: LogRotation;
  /** Names are unique. */
  readonly sources: readonly SourceConfig[];
}

/** An engine that is not the one on this machine's default socket. */
export interface EngineEndpoint {
  readonly name: string;
  readonly kind: 'docker' | 'podman';
  /** `ssh://…`, `tcp://…` or `unix://…`. */
  readonly host?: string;
  /** A context or connection the engine's own CLI knows by this name. */
  readonly context?: string;
}

export const BUILT_IN_ENGINES = ['local', 'docker', 'podman'] as const;

export const DEFAULT_CONFIG: Config = {
  containers: { nameContains: ['bench'], labels: [] },
  engines: { endpoints: [] },
  limits: { managedLayouts: 40 },
  loop: { resyncMs: 1_000 },
  logs: DEFAULT_LOG_ROTATION,
  events: DEFAULT_LOG_ROTATION,
  sources: [],
};
