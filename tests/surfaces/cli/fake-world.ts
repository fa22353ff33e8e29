import { AgentTowerError, type ErrorCode, refuse } from '../../../src/domain/errors.ts';
import type { Surroundings } from '../../../src/domain/surroundings.ts';
import type { ManifestFile } from '../../../src/manifest/manifest-file.ts';
import type { Client } from '../../../src/surfaces/api/client.ts';
import type { EventView } from '../../../src/surfaces/api/protocol.ts';
import type { ExitCode } from '../../../src/surfaces/cli/exit-codes.ts';
import { runCli } from '../../../src/surfaces/cli/run.ts';
import type { CliWorld, Machine, StartedDaemon } from '../../../src/surfaces/cli/world.ts';

type Params = Readonly<Record<string, unknown>>;
type Answer = unknown;

export interface FakeOptions {
  /** Answers of the daemon by method; functions see the params and how often the method was called before. */
  readonly daemon?: Readonly<Record<string, (params: Params, call: number) => Answer>>;
  /** When false, nobody answers until `startDaemon` was called. */
  readonly isRunning?: boolean;
  readonly files?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly machine?: Partial<Machine>;
  readonly surroundings?: Partial<Surroundings>;
  readonly started?: StartedDaemon;
  readonly events?: readonly EventView[];
  readonly paths?: Partial<CliWorld['paths']>;
  /** The user presses Ctrl-C once this many milliseconds have passed. */
  readonly interruptAtMs?: number;
  readonly writeFile?: CliWorld['writeFile'];
}

export interface Outcome {
  readonly exitCode: ExitCode;
  readonly out: string;
  readonly err: string;
  readonly calls: readonly (readonly [method: string, params: Params])[];
  readonly written: ReadonlyMap<string, string>;
  readonly attached: readonly (readonly string[])[];
  /** How often a daemon was started. */
  readonly starts: number;
  /** Milliseconds the command slept. */
  readonly sleptMs: number;
}

const NOW = Date.parse('2026-01-02T12:00:00Z');
const SOCKET = '/state/agenttowerd.sock';

/** Runs one command line against a scripted daemon, with a clock that only sleeping moves. */
export async function run(argv: readonly string[], options: FakeOptions = {}): Promise<Outcome> {
  const calls: [string, Params][] = [];
  const written = new Map<string, string>();
  const attached: (readonly string[])[] = [];
  let out = '';
  let err = '';
  let now = NOW;
  let starts = 0;
  let interrupt = ignore;
  const isUp = (): boolean => options.isRunning !== false || starts > 0;

  const answer = (method: string, params: Params): Answer => {
    const call = calls.filter(([name]) => name === method).length;
    calls.push([method, params]);
    const script = options.daemon?.[method];
    if (script !== undefined) return script(params, call);
    if (method === 'ping') return {};
    throw refuse('unknown_method', `unknown method ${method}`, { method });
  };
  const client: Client = {
    call: <T>(method: string, params: object = {}) =>
      Promise.resolve().then(() => answer(method, params as Params) as T),
    stream: <T>(method: string, params: object, onEvent: (event: EventView) => void) => {
      calls.push([method, params as Params]);
      options.events?.forEach(onEvent);
      interrupt();
      return Promise.resolve<T | undefined>(undefined);
    },
    close: () => undefined,
  };
  const { isTTY = false, columns = 80, rows = 24 } = options;
  const world: CliWorld = {
    argv,
    env: options.env ?? {},
    cwd: '/srv',
    version: '1.2.3',
    stdout: { write: (text) => (out += text), isTTY, columns, rows },
    stderr: { write: (text) => (err += text), isTTY, columns, rows },
    paths: {
      configFile: '/config/config.toml',
      stateDb: '/state/agenttower.sqlite3',
      eventsFile: '/state/events.jsonl',
      logsDir: '/state/logs',
      socket: SOCKET,
      daemonSocket: SOCKET,
      cacheDir: '/cache',
      socketSource: 'host_default',
      runDir: '/state/run',
      ...options.paths,
    },
    machine: {
      nodeVersion: 'v20.20.0',
      firstLineOf: ([program]) => Promise.resolve(`${program} 3.3a`),
      modeOf: () => Promise.resolve(undefined),
      readText: () => Promise.resolve('524288\n'),
      checkConfig: () => Promise.resolve(),
      surroundings: () =>
        Promise.resolve({
          isInContainer: false,
          containerIds: [],
          ancestors: [9],
          kindOf: () => 'socket',
          ...options.surroundings,
        }),
      schemaVersion: () => Promise.resolve(1),
      ...options.machine,
    },
    stdin: () => Promise.resolve(options.stdin ?? ''),
    stdinWithin: () => Promise.resolve(options.stdin ?? ''),
    readFiles: (path) => readFiles(options.files ?? {}, path),
    writeFile: options.writeFile ?? ((path, text) => Promise.resolve(void written.set(path, text))),
    connect: () =>
      isUp()
        ? Promise.resolve(client)
        : Promise.reject(failure('daemon_unreachable', `no daemon answers at ${SOCKET}`)),
    startDaemon: () => {
      if (options.started === undefined) starts += 1;
      return Promise.resolve(
        options.started ?? { hasExited: () => false, logTail: () => Promise.resolve('') },
      );
    },
    execAttached: (argv) => Promise.resolve(attached.push(argv) * 0),
    initConfig: () => Promise.resolve({ path: '/config/config.toml', created: true }),
    onInterrupt: (listener) => {
      interrupt = listener;
      return () => undefined;
    },
    now: () => now,
    sleep: (ms) => {
      now += ms;
      if (options.interruptAtMs !== undefined && now - NOW >= options.interruptAtMs) interrupt();
      return Promise.resolve();
    },
  };
  const exitCode = await runCli(world);
  return { exitCode, out, err, calls, written, attached, starts, sleptMs: now - NOW };
}

/** An error as the daemon sends it. */
export function failure(code: ErrorCode, message: string, details: object = {}): AgentTowerError {
  return new AgentTowerError(code, message, { details: details as never });
}

function readFiles(
  files: Readonly<Record<string, string>>,
  path: string,
): Promise<readonly ManifestFile[]> {
  const found = Object.entries(files).filter(
    ([name]) => name === path || name.startsWith(`${path}/`),
  );
  if (found.length > 0) return Promise.resolve(found.map(([path, text]) => ({ path, text })));
  return Promise.reject(Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' }));
}

function ignore(): void {}
