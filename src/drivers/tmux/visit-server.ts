import { ok } from '../../lib/result.ts';
import type { Visit } from './find-panes.ts';
import type { OtherServers, TmuxHost } from './host.ts';
import { runSingleBatch } from './single-batch.ts';

/** What a client says when nobody listens at the socket: an answer, not a failure. */
const NO_SERVER =
  /^(no server running on |error connecting to .*\((No such file or directory|Connection refused)\))/m;

/** Sends every batch through a plain client of its own, which attaches to nothing and leaves when it has been heard. */
export function visitServer(host: TmuxHost): Visit {
  return async (lines, deadlineMs) => {
    const replies = await runSingleBatch(host, lines, deadlineMs);
    const [first] = replies;
    if (first?.kind === 'unknown' && NO_SERVER.test(first.message)) return 'no-server';
    return ok(replies);
  };
}

/** The host as seen through another of its sockets. */
export function atSocket(host: TmuxHost, others: OtherServers, socket: string): TmuxHost {
  const tmuxArgv: TmuxHost['tmuxArgv'] = (...how) => others.tmuxArgv(socket, ...how);
  return Object.create(host, { tmuxArgv: { value: tmuxArgv } }) as TmuxHost;
}
