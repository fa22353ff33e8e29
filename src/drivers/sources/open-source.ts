import type { OpenSource } from '../../declare/ports.ts';
import type { Clock } from '../../lib/clock.ts';
import { type DirectorySourceOptions, openDirectorySource } from './directory.ts';
import { openGitSource } from './git.ts';
import type { RunProcess } from './git-command.ts';

export interface SourceDriverOptions {
  readonly clock: Clock;
  readonly run: RunProcess;
  /** Environment git starts from. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute directory for git caches, ours alone. */
  readonly workDir: string;
  readonly log: DirectorySourceOptions['log'];
}

/** The two kinds of source this machine can read. */
export function openSources(options: SourceDriverOptions): OpenSource {
  return (config) =>
    config.kind === 'directory'
      ? openDirectorySource({ ...options, config })
      : openGitSource({ ...options, config });
}
