import { execFileSync } from 'node:child_process';
import { dialectOf } from '../../src/drivers/tmux/dialect.ts';
import { isAtLeast } from '../../src/drivers/tmux/version.ts';

/** The tmux on PATH, as it tells its version. */
export const tmuxVersion = execFileSync('tmux', ['-V'], { encoding: 'utf8' })
  .trim()
  .replace(/^tmux /, '');

const wanted = process.env['AGENTTOWER_TMUX'];
if (wanted !== undefined && wanted !== tmuxVersion) {
  throw new Error(`these tests are for tmux ${wanted}, but PATH has ${tmuxVersion}`);
}

/** Whether it is this version or a newer one. */
export function tmuxSince(version: string): boolean {
  return isAtLeast({ tmuxVersion }, version);
}

/** How we speak to it. */
export const tmuxDialect = dialectOf({ tmuxVersion });
