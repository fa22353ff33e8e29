/** How much is kept of what a pane prints. */
export interface LogRotation {
  /** Largest size of one file. */
  readonly bytes: number;
  /** How many files, the one being written included; at least 2. */
  readonly files: number;
}

export const DEFAULT_LOG_ROTATION: LogRotation = { bytes: 64 * 1_024 * 1_024, files: 3 };
