import { once } from 'node:events';
import { homedir } from 'node:os';
import { AgentTowerError } from '../domain/errors.ts';
import { resolvePaths } from '../drivers/system/paths.ts';
import { type Daemon, startDaemon } from './daemon.ts';
import { readVersion } from './version.ts';

const USAGE = 'usage: agenttowerd run | --version | --help\n';
const EXIT = { done: 0, refused: 1, locked: 2, usage: 3 } as const;

/** Runs the daemon until it is told to stop; answers the exit code. */
export async function runDaemon(argv: readonly string[]): Promise<number> {
  const [word] = argv;
  if (word === '--version') return say(`agenttowerd ${readVersion()}\n`);
  if (word === '--help') return say(USAGE);
  if (word !== 'run' || argv.length > 1) {
    process.stderr.write(USAGE);
    return EXIT.usage;
  }
  try {
    return await runUntilStopped();
  } catch (error) {
    if (!(error instanceof AgentTowerError)) throw error;
    process.stderr.write(`error: ${error.message}\ncode: ${error.code}\n`);
    // What had been started by then would keep the process, and with it the lock, without a socket to stop it by.
    process.exit(error.code === 'daemon_running' ? EXIT.locked : EXIT.refused);
  }
}

async function runUntilStopped(): Promise<number> {
  const stopping = new AbortController();
  const stopped = once(stopping.signal, 'abort');
  const stop = (): void => stopping.abort();
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', () => {});
  const daemon = await startDaemon({
    paths: resolvePaths(process.env, homedir()),
    env: process.env,
    homeDir: homedir(),
    uid: process.getuid?.() ?? -1,
    version: readVersion(),
    onShutdown: stop,
  });
  logFatal(daemon);
  await stopped;
  await daemon.stop();
  return EXIT.done;
}

/** A bug ends the process: the records are durable and the next start recovers, a half-broken daemon does not. */
function logFatal(daemon: Daemon): void {
  const fail = (error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    daemon.log('error', 'error_fatal', { error: text });
    process.stderr.write(`agenttowerd: ${text}\n`);
    process.exit(1);
  };
  process.on('uncaughtException', fail);
  process.on('unhandledRejection', fail);
}

function say(text: string): number {
  process.stdout.write(text);
  return EXIT.done;
}
