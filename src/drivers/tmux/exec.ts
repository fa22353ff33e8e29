import { type ProcessResult, runProcess } from '../process/run-process.ts';
import type { TmuxHost } from './host.ts';

/** Runs one plain `tmux` client to its end. Never rejects. */
export function execTmux(
  host: TmuxHost,
  args: readonly string[],
  options: {
    readonly timeoutMs: number;
    readonly input?: string;
    /** See `TmuxHost.tmuxArgv`. */
    readonly through?: readonly string[];
  },
): Promise<ProcessResult> {
  return runProcess(host.tmuxArgv(args, options.timeoutMs, options.through), {
    ...options,
    ...(host.env && { env: host.env }),
  });
}
