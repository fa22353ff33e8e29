#!/usr/bin/env node
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chooseClientSocket } from './drivers/system/client-socket.ts';
import { systemClock } from './drivers/system/clock.ts';
import { type Paths, resolvePaths } from './drivers/system/paths.ts';
import { connect } from './surfaces/api/client.ts';
import { EXIT } from './surfaces/cli/exit-codes.ts';
import { runCli } from './surfaces/cli/run.ts';
import type { CliWorld, Machine, StartedDaemon } from './surfaces/cli/world.ts';

/** The command line: wires its world to this machine. What only some commands need is loaded when they do. */
const { env, stdout, stderr } = process;
const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
const paths = (): Paths => resolvePaths(env, homedir());

const machine: Machine = {
  nodeVersion: process.version,
  async firstLineOf(argv) {
    const { runProcess } = await import('./drivers/process/run-process.ts');
    const { code, stdout } = await runProcess(argv, { timeoutMs: 5_000 });
    return code === 0 ? stdout.split('\n')[0] : undefined;
  },
  modeOf: async (path) => (await import('./drivers/system/look-at-file.ts')).modeOf(path),
  readText: async (path) => (await import('./drivers/system/look-at-file.ts')).readText(path),
  async checkConfig() {
    const { loadConfig } = await import('./drivers/config/load-config.ts');
    loadConfig(paths().configFile, homedir());
  },
  surroundings: async () =>
    (await import('./drivers/system/surroundings.ts')).observeSurroundings(env),
  async schemaVersion() {
    const { MIGRATIONS } = await import('./drivers/store/migrations.ts');
    return MIGRATIONS.at(-1)?.version;
  },
};

const world: CliWorld = {
  argv: process.argv.slice(2),
  env,
  cwd: process.cwd(),
  version,
  stdout,
  stderr,
  machine,
  // Looked up when first asked for: a bad environment is told like any other error.
  get paths() {
    const { configFile, database, eventsFile, logsDir, socket, runDir, cacheDir } = paths();
    const { path, source } = chooseClientSocket(env, socket);
    const places = { configFile, eventsFile, logsDir, runDir, cacheDir, stateDb: database };
    return { ...places, socket: path, daemonSocket: socket, socketSource: source };
  },
  stdin: async () => (await import('node:stream/consumers')).text(process.stdin),
  stdinWithin: async (ms) =>
    (await import('./drivers/system/read-within.ts')).readWithin(process.stdin, ms),
  readFiles: async (path) => (await import('./drivers/sources/read-path.ts')).readPath(path),
  writeFile: async (path, text) =>
    (await import('./drivers/system/replace-file.ts')).replaceFile(path, text),
  connect,
  startDaemon,
  async execAttached(argv) {
    const { runAttached } = await import('./drivers/process/run-attached.ts');
    // tmux refuses to run inside itself only because of this variable; ours is another server.
    return await runAttached(argv, { ...env, TMUX: undefined });
  },
  initConfig,
  onInterrupt(listener) {
    process.once('SIGINT', listener);
    return () => void process.off('SIGINT', listener);
  },
  now: () => systemClock.now(),
  sleep: (ms, signal) => systemClock.sleep(ms, signal),
};

async function startDaemon(): Promise<StartedDaemon> {
  const { ensurePrivateDirectory } = await import('./drivers/system/safe-files.ts');
  const { readEnd, sizeOf } = await import('./drivers/system/look-at-file.ts');
  const { startDetached } = await import('./drivers/process/start-detached.ts');
  const { stateDir, logsDir, daemonLog } = paths();
  ensurePrivateDirectory(stateDir);
  ensurePrivateDirectory(logsDir);
  const offset = await sizeOf(daemonLog);
  const program = new URL(`./agenttowerd${extname(import.meta.url)}`, import.meta.url);
  const argv = [process.execPath, ...process.execArgv, fileURLToPath(program), 'run'];
  const started = await startDetached(argv, { env, cwd: '/', logFile: daemonLog });
  if (!started.ok) throw new Error(`cannot start agenttowerd: ${started.problem.message}`);
  return {
    hasExited: () => !isAlive(started.pid),
    logTail: () => readEnd(daemonLog, { offset, maxBytes: 4_096 }),
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function initConfig(): Promise<{ readonly path: string; readonly created: boolean }> {
  const { ensurePrivateDirectory } = await import('./drivers/system/safe-files.ts');
  const { createFile } = await import('./drivers/system/replace-file.ts');
  const { renderDefaultConfig } = await import('./drivers/config/default-config.ts');
  const { configDir, configFile } = paths();
  ensurePrivateDirectory(configDir);
  return { path: configFile, created: await createFile(configFile, renderDefaultConfig()) };
}

// `agenttower get panes | head` is no error.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  stderr.write(`error: cannot write the output: ${error.message}\n`);
  process.exit(EXIT.failed);
});

process.exitCode = await runCli(world);
