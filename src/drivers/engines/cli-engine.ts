import type { Clock } from '../../lib/clock.ts';
import { type CliEndpoint, endpointArgv } from './cli-endpoint.ts';
import { eventsMark } from './end-orphans.ts';
import type { Engine, ExecOptions } from './engine.ts';
import { listContainers } from './list-containers.ts';
import { watchEvents } from './watch-events.ts';

export interface CliEngineOptions extends CliEndpoint {
  /** Unique in this daemon. */
  readonly name: string;
  /** The daemon's own environment: PATH, HOME, DOCKER_CONFIG, SSH_AUTH_SOCK … */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

export interface CliEngine extends Engine {
  /** Ends whatever it has running. */
  close(): void;
}

/**
 * What makes a container another one, or start or stop, in Docker's and in Podman's words. Above all not `exec_*`:
 * our own clients would wake us.
 */
const TELLING_EVENTS =
  'create start restart pause unpause rename die died stop kill oom destroy remove cleanup'.split(
    ' ',
  );

/** Docker or Podman, by its command line. Nothing is started before it is asked. */
export function openCliEngine(options: CliEngineOptions): CliEngine {
  const { name, kind, env, clock } = options;
  const start = endpointArgv(options);
  const closing = new AbortController();
  const watches = new Set<{ close(): void }>();
  return {
    name,
    kind,
    env,
    list: (timeoutMs, { signal: aborted = closing.signal, expected = [] } = {}) => {
      const signal = AbortSignal.any([closing.signal, aborted]);
      return listContainers({ engine: name, endpoint: options, env, signal, expected }, timeoutMs);
    },
    watch: (onChange) => {
      const watch = watchEvents({
        argv: [...start, ...EVENTS_ARGS],
        env: { ...env, ...eventsMark() },
        clock,
        onChange,
      });
      watches.add(watch);
      return watch;
    },
    execArgv: (container, argv, exec) => [
      ...start,
      'exec',
      exec?.tty === true ? '-it' : '-i',
      ...execFlags(exec),
      container,
      ...argv,
    ],
    close: () => {
      closing.abort();
      for (const watch of watches) watch.close();
    },
  };
}

const EVENTS_ARGS = [
  'events',
  '--format',
  '{{.Type}}',
  '--filter',
  'type=container',
  ...TELLING_EVENTS.flatMap((event) => ['--filter', `event=${event}`]),
];

function execFlags({ user, env = {} }: ExecOptions = {}): readonly string[] {
  return [
    ...(user === undefined ? [] : ['-u', user]),
    ...Object.entries(env).flatMap(([key, value]) => ['-e', `${key}=${value}`]),
  ];
}
