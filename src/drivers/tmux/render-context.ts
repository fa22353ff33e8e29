import type { InstallationId } from '../../domain/ids.ts';
import type { LogRotation } from '../../domain/log-rotation.ts';

/** What rendering needs to know besides the op. */
export interface RenderContext {
  readonly installation: InstallationId;
  /** Where a process starts that names no directory. Absolute, as the container sees it. */
  readonly homeDir: string;
  /** Every command that starts a process takes its environment as `-e`. */
  readonly hasEnvFlags: boolean;
  /** Nobody looked whether a working directory is there before it is used. */
  readonly provesDirectories: boolean;
  /** The server has no hooks of ours: what is ours needs its own. */
  readonly hooksOwnPanes: boolean;
  /** How what panes print is kept; the default when absent. */
  readonly logRotation?: LogRotation | undefined;
}
