import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ContainerRecord } from '../../domain/containers.ts';
import { AgentTowerError } from '../../domain/errors.ts';
import type { AgentId } from '../../domain/ids.ts';
import {
  below,
  describeMount,
  type MappedPath,
  mapContainerPath,
  mapHostPath,
} from '../../domain/mount-paths.ts';
import { createFileBeneath } from './open-beneath.ts';

/** What is known of a container whose panes are to be logged. */
export interface LoggedContainer extends Pick<ContainerRecord, 'id' | 'key' | 'mounts' | 'user'> {
  /** Its engine runs on this machine, so that the sources of its mounts are paths of ours. */
  readonly isOnThisMachine: boolean;
  /** Who the panes run as, once that was asked inside. */
  readonly benchUser?: { readonly uid: number; readonly homeDir: string };
}

export type PreparedLog = { readonly path: string } | { readonly problem: string };

/**
 * Makes an agent's log on this host, in a directory that the container has mounted, and answers where the container
 * sees it. Tried are, by what is mounted: `<logsDir>/<name>` (the container's own), `<logsDir>/<id>`, and the same
 * directory below the home of its user.
 */
export function prepareMountedLog(
  logsDir: string,
  container: LoggedContainer,
  agent: AgentId,
): PreparedLog {
  const obstacle = obstacleIn(container);
  if (obstacle !== undefined) return { problem: obstacle };
  const found = findPlaces(logsDir, container, `${agent}.log`);
  const place = found.find(({ mount }) => mount.isWritable);
  if (place === undefined) {
    return { problem: explainMissing(container, found, howToMount(logsDir, container)) };
  }
  const user = container.benchUser?.uid;
  const isTheirs = user === undefined || user === 0 || user === process.geteuid?.();
  const isOwn = below(place.mount.source, join(logsDir, container.key)) !== undefined;
  return createAt(
    place,
    container,
    isTheirs || isOwn ? '' : `; for the panes of uid ${user}: ${howToMount(logsDir, container)}`,
  );
}

/** Its own directory: that of everybody's logs would show it what other containers print, and not let every user in. */
function howToMount(logsDir: string, { key }: LoggedContainer): string {
  const own = join(logsDir, key);
  return `mkdir -m 700 ${own}, then start it with --mount type=bind,source=${own},target=/var/log/agenttower`;
}

/**
 * The same for a file of somebody's choice, named as the host or as the container sees it. `check` throws when a file
 * of the host may be no log; nothing is made by then. Nothing that is there already is given to another user: whoever
 * asks might get at what is not theirs.
 */
export function prepareChosenLog(
  path: string,
  container: LoggedContainer,
  check: (hostPath: string) => void,
): PreparedLog {
  const obstacle = obstacleIn(container) ?? otherUserIn(container);
  if (obstacle !== undefined) return { problem: obstacle };
  const { mounts } = container;
  const found = [...mapHostPath(path, mounts), mapContainerPath(path, mounts) ?? []].flat();
  const place = found.find(({ mount }) => mount.isWritable);
  const remedy = `${path} lies in none of it; choose a file that does, or leave the path out`;
  if (place === undefined) return { problem: explainMissing(container, found, remedy) };
  check(place.hostPath);
  return createAt(place, container);
}

function otherUserIn({ key, benchUser }: LoggedContainer): string | undefined {
  const [own, user] = [process.geteuid?.(), benchUser?.uid];
  if (user === undefined || user === 0 || user === own) return undefined;
  return `the panes of container ${key} run as uid ${user}, whose log has its place; leave the path out`;
}

/** Why nothing in this container can be logged, wherever. */
function obstacleIn(container: LoggedContainer): string | undefined {
  if (!container.isOnThisMachine) {
    const reason =
      'its engine runs on another machine, which shares no directory with this one; declare `log: false` to do without';
    return `the panes of container ${container.key} cannot be logged: ${reason}`;
  }
  const foreign = foreignUser(container.benchUser?.uid);
  return foreign === undefined ? undefined : explainUser(container, foreign);
}

/** Places for the log that both sides can see, best first. */
function findPlaces(
  logsDir: string,
  { id, key, mounts, user, benchUser }: LoggedContainer,
  file: string,
): readonly MappedPath[] {
  const roots = [...new Set([logsDir, realPath(logsDir)])];
  const own = roots.flatMap((root) =>
    mapHostPath(join(root, key, file), mounts).filter(
      ({ mount }) => below(mount.source, join(root, key)) !== undefined,
    ),
  );
  const shared = roots.flatMap((root) => mapHostPath(join(root, id, file), mounts));
  const home = benchUser?.homeDir ?? homeOf(user);
  const inHome =
    home === undefined ? undefined : mapContainerPath(join(home, LOGS_IN_HOME, id, file), mounts);
  return [...own, ...shared, ...(inHome === undefined ? [] : [inHome])];
}

const LOGS_IN_HOME = '.local/state/opensoft/agenttower/logs';

/** By convention, as long as nobody could ask; a bare number has none. */
function homeOf(user: string): string | undefined {
  const name = user.split(':')[0] ?? '';
  if (name === '' || name === 'root' || name === '0') return '/root';
  return /^\d+$/.test(name) ? undefined : join('/home', name);
}

function createAt(
  { hostPath, mount }: MappedPath,
  container: LoggedContainer,
  remedy = '',
): PreparedLog {
  const rest = below(hostPath, mount.source) ?? '';
  const directories = dirname(rest) === '.' ? [] : dirname(rest).split('/');
  const user = container.benchUser?.uid;
  try {
    const file = basename(hostPath);
    const relative = createFileBeneath({ root: mount.source, directories, file, user });
    const path = join(mount.target, relative);
    if (mapContainerPath(path, container.mounts)?.mount === mount) return { path };
    return { problem: `the log ${hostPath} is hidden in container ${container.key} by a mount` };
  } catch (error) {
    if (!(error instanceof AgentTowerError)) throw error;
    const { key } = container;
    return { problem: `the panes of container ${key} cannot be logged: ${error.message}${remedy}` };
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** A user whose files we can neither share nor make. */
function foreignUser(uid: number | undefined): number | undefined {
  const own = process.geteuid?.();
  return uid === undefined || uid === 0 || uid === own || own === 0 ? undefined : uid;
}

function explainUser({ key }: LoggedContainer, uid: number): string {
  const own = process.geteuid?.();
  return (
    `the panes of container ${key} cannot be logged: they run as uid ${uid}, ` +
    `and logs are open to uid ${own} alone; give its user the uid ${own}, or run them as root`
  );
}

function explainMissing(
  { key, mounts }: LoggedContainer,
  [readOnly]: readonly MappedPath[],
  remedy: string,
): string {
  const fault = `log_path_not_host_visible: the panes of container ${key} cannot be logged`;
  if (readOnly !== undefined) {
    return `${fault}: ${describeMount(readOnly.mount)} can only be read; mount it writable`;
  }
  const has = mounts.length === 0 ? 'nothing' : mounts.map(describeMount).join(', ');
  return `${fault}: it mounts ${has}; ${remedy}`;
}
