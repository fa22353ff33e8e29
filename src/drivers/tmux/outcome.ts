import type { TmuxPaneId, TmuxSessionId, TmuxWindowId } from '../../domain/ids.ts';
import type { CreatedPane, OpOutcome } from '../../domain/tmux-ops.ts';
import type { Reply } from './reply.ts';

/** What became of an op, from tmux's reply to its line. */
export function toOutcome(reply: Reply): OpOutcome {
  if (reply.kind === 'unknown') return { kind: 'unknown', message: reply.message };
  // A pane that was created and tagged is there, whatever failed after that (its title, the arrangement).
  for (const line of reply.lines) {
    const outcome = parseAnswer(line);
    if (outcome !== undefined) return outcome;
  }
  if (reply.errors.length > 0) return { kind: 'error', message: reply.errors.join('; ') };
  return { kind: 'unknown', message: 'tmux ran the command but did not say what became of it' };
}

function parseAnswer(line: string): OpOutcome | undefined {
  if (line === 'done') return { kind: 'done' };
  const created = parseCreated(line);
  if (created !== undefined) return { kind: 'done', created };
  const refused = /^refused (\d+:\d+)(?: (.*))?$/.exec(line);
  if (refused === null) return undefined;
  const [, server = '', fence] = refused;
  return { kind: 'refused', server, ...(fence !== undefined && { fence }) };
}

function parseCreated(line: string): CreatedPane | undefined {
  const found = /^created (\$\d+) (@\d+) (%\d+) (\d+)$/.exec(line);
  if (found === null) return undefined;
  const [, session, window, pane, pid] = found;
  return {
    session: session as TmuxSessionId,
    window: window as TmuxWindowId,
    id: pane as TmuxPaneId,
    pid: Number(pid),
  };
}
