import type { ContainerId } from '../../domain/ids.ts';
import { err, ok } from '../../lib/result.ts';
import { runProcess } from '../process/run-process.ts';
import type { OtherServers } from '../tmux/host.ts';
import type { Engine } from './engine.ts';
import { type Found, LOCALE } from './probe-container.ts';

const TIMEOUT_MS = 5_000;
const UNREADABLE = 77;

/** Plain sh, for images that have little else. No directory holds no sockets. */
const SCRIPT = `
[ -e "$0" ] || { echo end; exit 0; }
[ -r "$0" ] && [ -x "$0" ] || exit ${UNREADABLE}
for file in "$0"/*; do [ -S "$file" ] && printf '%s\\n' "$file"; done
echo end
`;

/** Socket of the server that a plain `tmux` of the user speaks to. */
export function ownSocket(tmuxDir: string): string {
  return `${tmuxDir}/default`;
}

/** Sockets of the bench user's other tmux servers in a running container, dead ones too. Never rejects. */
export async function listSockets({
  key,
  engine,
  found,
}: {
  readonly key: ContainerId;
  readonly engine: Engine;
  readonly found: Found;
}): ReturnType<OtherServers['list']> {
  const { target, probe } = found;
  const argv = engine.execArgv(target.id, ['sh', '-c', SCRIPT, probe.tmuxDir], {
    user: target.user,
    env: LOCALE,
  });
  const result = await runProcess(argv, { timeoutMs: TIMEOUT_MS, env: engine.env });
  if (result.code === UNREADABLE) {
    const message = `${probe.tmuxDir} in container ${key} is not readable by ${target.user}`;
    return err({ reason: 'TmuxFailed', message });
  }
  const lines = result.stdout.split('\n');
  if (result.code !== 0 || lines.at(-2) !== 'end') {
    const said = result.timedOut
      ? `no answer within ${TIMEOUT_MS} ms`
      : (result.problem?.message ?? (result.stderr.trim() || `it ended with ${result.code}`));
    const message = `the tmux sockets in container ${key} could not be listed: ${said}`;
    return err({ reason: 'EngineUnreachable', message });
  }
  const own = ownSocket(probe.tmuxDir);
  return ok(lines.slice(0, -2).filter((path) => path !== own));
}
