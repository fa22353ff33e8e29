import { err, ok } from '../../lib/result.ts';
import type { OtherServers, TmuxHost } from './host.ts';
import type { Exchange } from './input.ts';
import { runSingleBatch } from './single-batch.ts';

/** What a client says when nobody listens at the socket: an answer, not a failure. */
const NO_SERVER =
  /^(no server running on |error connecting to .*\((No such file or directory|Connection refused)\))/m;

/** Sends every batch through a plain client of its own, which attaches to nothing and leaves when it has been heard. */
export function visitServer(host: TmuxHost, others: OtherServers, socket: string): Exchange {
  const visited: TmuxHost = {
    ...host,
    tmuxArgv: (args, timeoutMs) => others.tmuxArgv(socket, args, timeoutMs),
  };
  return async (lines, deadlineMs) => {
    const replies = await runSingleBatch(visited, lines, deadlineMs);
    const [first] = replies;
    if (first?.kind === 'unknown' && NO_SERVER.test(first.message)) {
      return err({ reason: 'TmuxFailed', message: `${NO_SERVER_PREFIX} ${socket}` });
    }
    return ok(replies);
  };
}

const NO_SERVER_PREFIX = 'no tmux server runs at';

/** Whether a server could not be reached because there is none. */
export function isNoServer(message: string): boolean {
  return message.startsWith(NO_SERVER_PREFIX);
}
