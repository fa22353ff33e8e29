import type { TmuxHost } from './host.ts';
import type { Unreachable } from './unreachable.ts';

/** Titles of panes can be set since then. */
const OLDEST = '2.6';

/** Whether the host's tmux is this one or newer. One that tells no version, or an unreleased one, counts as new. */
export function isAtLeast(host: Pick<TmuxHost, 'tmuxVersion'>, wanted: string): boolean {
  const version = host.tmuxVersion === undefined ? undefined : numbers(host.tmuxVersion);
  const least = numbers(wanted);
  if (version === undefined || least === undefined) return true;
  return version.major === least.major ? version.minor >= least.minor : version.major > least.major;
}

/** Why this tmux cannot be worked with, if so. */
export function tooOld(host: TmuxHost): Unreachable | undefined {
  if (isAtLeast(host, OLDEST)) return undefined;
  return {
    reason: 'TmuxTooOld',
    message: `container ${host.container} has tmux ${host.tmuxVersion}; ${OLDEST} or newer is needed. Install it with: ${host.installCommand}`,
  };
}

/** `3.3a`, `next-3.6`, `3.4-rc2`; `undefined` for `master`, `openbsd-7.5`. */
function numbers(version: string): { major: number; minor: number } | undefined {
  const [, major, minor] = /^(?:next-)?(\d+)\.(\d+)/.exec(version) ?? [];
  return major === undefined ? undefined : { major: Number(major), minor: Number(minor) };
}
