import type { InstallationId } from '../../domain/ids.ts';
import type { LogRotation } from '../../domain/log-rotation.ts';
import type { Dialect } from './dialect.ts';

/** What rendering needs to know besides the op. */
export interface RenderContext {
  readonly installation: InstallationId;
  readonly dialect: Dialect;
  /** Where a process starts that names no directory. Absolute, as the container sees it. */
  readonly homeDir: string;
  /** Nobody looked whether a working directory is there before it is used. */
  readonly provesDirectories: boolean;
  /** The server has no hooks of ours: what is ours needs its own. */
  readonly hooksOwnPanes: boolean;
  /** How what panes print is kept; the default when absent. */
  readonly logRotation?: LogRotation | undefined;
}
