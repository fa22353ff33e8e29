import type { ContainerMount, EngineContainer } from '../../domain/containers.ts';
import { err, ok, type Result } from '../../lib/result.ts';

/** What `docker inspect` and `podman inspect` agree on. Environment values are in there too, and are not read. */
type Json = Readonly<Record<string, unknown>>;

/** The engines' words for what a container does. Between two lives there is no process in it either. */
const STATES: Readonly<Record<string, EngineContainer['state']>> = {
  running: 'running',
  paused: 'paused',
  created: 'exited',
  configured: 'exited',
  initialized: 'exited',
  exited: 'exited',
  stopped: 'exited',
  stopping: 'exited',
  restarting: 'exited',
  removing: 'exited',
  dead: 'exited',
};

/** One element of what `inspect` printed, with the status line that `ps` had, or what is wrong with it. */
export function parseInspected(
  inspected: unknown,
  status: string,
): Result<EngineContainer, string> {
  if (!isObject(inspected)) return err('an element is no object');
  const config = objectAt(inspected, 'Config');
  const life = objectAt(inspected, 'State');
  const id = textAt(inspected, 'Id');
  const name = textAt(inspected, 'Name').replace(/^\//, '');
  const word = textAt(life, 'Status');
  const state = STATES[word];
  if (!/^[0-9a-f]{64}$/.test(id)) return err(`a container has no id (${JSON.stringify(id)})`);
  if (name === '') return err(`container ${id.slice(0, 12)} has no name`);
  if (state === undefined) return err(`container ${name} has the unknown state "${word}"`);
  return ok({
    id,
    name,
    image: textAt(config, 'Image') || textAt(inspected, 'ImageName'),
    labels: parseLabels(config['Labels']),
    mounts: parseMounts(inspected['Mounts']),
    user: textAt(config, 'User'),
    workingDir: textAt(config, 'WorkingDir'),
    state,
    status,
    startedAt: parseStart(textAt(life, 'StartedAt')),
  });
}

function parseLabels(labels: unknown): EngineContainer['labels'] {
  if (!isObject(labels)) return {};
  const entries = Object.entries(labels).map(([key, value]) => [key, String(value)] as const);
  return Object.fromEntries(entries);
}

function parseMounts(mounts: unknown): readonly ContainerMount[] {
  if (!Array.isArray(mounts)) return [];
  return mounts.filter(isObject).map((mount) => ({
    type: textAt(mount, 'Type'),
    source: textAt(mount, 'Source'),
    target: textAt(mount, 'Destination'),
    isWritable: mount['RW'] === true,
  }));
}

/** Go's zero time stands for never. */
function parseStart(startedAt: string): string {
  return startedAt.startsWith('0001-') ? '' : startedAt;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function objectAt(parent: Json, key: string): Json {
  const value = parent[key];
  return isObject(value) ? value : {};
}

function textAt(parent: Json, key: string): string {
  const value = parent[key];
  return typeof value === 'string' ? value : '';
}
