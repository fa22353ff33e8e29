import type { InstallationId } from '../../domain/ids.ts';
import type { LogRotation } from '../../domain/log-rotation.ts';

/** What rendering needs to know besides the op. */
export interface RenderContext {
  readonly installation: InstallationId;
  /** Where a process starts that names no directory. Absolute, as the container sees it. */
  readonly homeDir: string;
  /** How what panes print is kept; the default when absent. */
  readonly logRotation?: LogRotation | undefined;
}
