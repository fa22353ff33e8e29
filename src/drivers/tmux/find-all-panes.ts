import type { ServerPanes } from '../../domain/found-pane.ts';
import type { InstallationId } from '../../domain/ids.ts';
import { dialectOf } from './dialect.ts';
import { findPanes, type Visit } from './find-panes.ts';
import type { TmuxHost } from './host.ts';
import type { Unreachable } from './unreachable.ts';
import { atSocket, visitServer } from './visit-server.ts';
import { OWN_SESSION } from './wake.ts';

export interface FindAllOptions {
  readonly host: TmuxHost;
  readonly installation: InstallationId;
  /** The way to the container's own server. */
  readonly visitOwn: Visit;
}

/** Clients that run side by side in one container. */
const SIDE_BY_SIDE = 4;

/**
 * One answer per tmux server of the container's user: its own first, then those found, and those asked for. Starts
 * no server, attaches to none, and touches no pane. Never rejects.
 */
export async function findAllPanes(
  { host, installation, visitOwn }: FindAllOptions,
  asked: readonly string[],
): Promise<readonly ServerPanes[]> {
  const everywhere = (why: Unreachable): readonly ServerPanes[] =>
    [undefined, ...asked].map((socket) => ({
      kind: 'unknown',
      ...(socket !== undefined && { socket }),
      ...why,
    }));
  const life = await host.incarnation();
  if (life.kind !== 'running') {
    const reason = life.kind === 'unknown' ? life.reason : 'EngineUnreachable';
    return everywhere({ reason, message: life.message });
  }
  const { others } = host;
  const listed = await others.list();
  if (!listed.ok) return everywhere(listed.error);
  const sockets = [...new Set([...listed.value, ...asked])];
  const find = { installation, incarnation: life.id, dialect: dialectOf(host) };
  const look = (socket: string | undefined): Promise<ServerPanes> =>
    socket === undefined
      ? findPanes({ ...find, visit: visitOwn }, isOurs)
      : findPanes({ ...find, visit: visitServer(atSocket(host, others, socket)), socket }, isOurs);
  return inTurns([undefined, ...sockets], look);
}

function isOurs(session: string): boolean {
  return session === OWN_SESSION;
}

async function inTurns<T, R>(
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += SIDE_BY_SIDE) {
    results.push(...(await Promise.all(items.slice(from, from + SIDE_BY_SIDE).map(work))));
  }
  return results;
}
