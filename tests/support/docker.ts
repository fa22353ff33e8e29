import { type ExecFileSyncOptions, execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

export type EngineCli = 'docker' | 'podman';

/** What `docker run` needs where there is no network and no systemd. */
const RUN_ARGS: Readonly<Record<EngineCli, readonly string[]>> = {
  docker: ['--network=none', '--ulimit=nofile=1024:1024'],
  podman: ['--network=none', '--ulimit=nofile=1024:1024', '--ulimit=nproc=2000:2000'],
};
const ANSWERS_WITHIN_MS = 60_000;

export interface ContainerOptions {
  /** What is added to the prefix; the whole is unique. */
  readonly name: string;
  /** `no-tmux` is the same image without tmux. */
  readonly image?: 'bench' | 'no-tmux';
  /** `bench` is there besides root, with uid 1000. */
  readonly user?: string;
  /** As `-v` takes them: `/host:/inside:ro`. */
  readonly mounts?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Created, and left so. */
  readonly isStopped?: boolean;
  /** Mounts the Node that runs this test as /usr/bin/node. */
  readonly withNode?: boolean;
  /** More arguments of `docker run`. */
  readonly args?: readonly string[];
}

export interface TestContainer {
  readonly id: string;
  readonly name: string;
  /** Runs a program inside, as the container's own user, and answers what it printed. Rejects when it fails. */
  exec(...argv: readonly string[]): Promise<string>;
  /** The process id of its first process, as the host sees it. */
  pid(): Promise<number>;
}

/** Real containers of one test file. */
export interface TestContainers {
  /** Every container of it has a name that starts so: also what `name_contains` needs. */
  readonly prefix: string;
  /** Runs the engine's own command line, with `args` as they are. Rejects with what it said when it fails. */
  cli(...args: readonly string[]): Promise<string>;
  /** Starts a container; one that has its name already is removed first. */
  start(options: ContainerOptions): Promise<TestContainer>;
  /** Removes every container whose name starts with the prefix. */
  close(): Promise<void>;
}

/**
 * `describe` for what needs a container engine. Without one it is skipped, with the reason in its name; where CI is
 * set that is a failure, so that these tests cannot vanish unnoticed. Makes the images when they are missing.
 */
export function describeWithEngine(engine: EngineCli, name: string, body: () => void): void {
  const missing = requireEngine(engine);
  const title = missing === undefined ? name : `${name} (skipped: ${missing})`;
  describe.runIf(missing === undefined)(title, () => {
    body();
  });
}

/** Why tests of this engine cannot run here; `undefined` when they can. Throws instead when CI is set. */
export function requireEngine(engine: EngineCli = 'docker'): string | undefined {
  const missing = findObstacle(engine);
  if (missing !== undefined && process.env['CI'] !== undefined) {
    throw new Error(`${missing}; as root, "bash scripts/test.sh" brings one up`);
  }
  return missing;
}

function findObstacle(engine: EngineCli): string | undefined {
  const limits: ExecFileSyncOptions = { timeout: ANSWERS_WITHIN_MS, stdio: 'pipe' };
  try {
    execFileSync(engine, ['info'], limits);
  } catch (error) {
    return `no ${engine} engine answers: ${firstLine(error)}`;
  }
  const script = fileURLToPath(new URL('../../scripts/bench-image.sh', import.meta.url));
  execFileSync('bash', [script, engine], limits);
  return undefined;
}

function firstLine(error: unknown): string {
  const { stderr, message } = error as Error & { readonly stderr?: Buffer | string };
  return (String(stderr ?? '').trim() || message).split('\n', 1)[0] ?? '';
}

/** Opens a set of containers; nothing is started yet. `env` is the engine CLI's, such as another `DOCKER_HOST`. */
export function openContainers(
  engine: EngineCli = 'docker',
  env: NodeJS.ProcessEnv = process.env,
): TestContainers {
  const prefix = `att${randomBytes(3).toString('hex')}-`;
  const cli = (...args: readonly string[]): Promise<string> => runCli([engine, ...args], env);
  return {
    prefix,
    cli,
    start: async (options) => {
      const name = `${prefix}${options.name}`;
      await cli('rm', '-f', '-v', name).catch(() => 'it was not there');
      const id = await cli(...runArgs(engine, { ...options, name }));
      const inspect = (format: string) => cli('inspect', '-f', format, id);
      return {
        id,
        name,
        exec: (...argv) => cli('exec', id, ...argv),
        pid: async () => Number(await inspect('{{.State.Pid}}')),
      };
    },
    close: async () => {
      const listed = await cli('ps', '-aq', '--no-trunc', '--filter', `name=${prefix}`);
      const ids = listed.split('\n').filter((id) => id !== '');
      if (ids.length > 0) await cli('rm', '-f', '-v', ...ids);
    },
  };
}

function runArgs(engine: EngineCli, options: ContainerOptions): readonly string[] {
  const { name, image = 'bench', user, mounts = [], labels = {}, args = [] } = options;
  const node = options.withNode === true ? [`${process.execPath}:/usr/bin/node:ro`] : [];
  return [
    ...(options.isStopped === true ? ['create'] : ['run', '-d']),
    `--name=${name}`,
    ...RUN_ARGS[engine],
    ...(user === undefined ? [] : [`--user=${user}`]),
    ...[...node, ...mounts].map((mount) => `--volume=${mount}`),
    ...Object.entries(labels).map(([key, value]) => `--label=${key}=${value}`),
    ...args,
    image === 'bench' ? 'agenttower-bench:latest' : 'agenttower-bench:no-tmux',
  ];
}

function runCli(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const [program = '', ...args] = argv;
  const limits = { timeout: ANSWERS_WITHIN_MS, killSignal: 'SIGKILL', maxBuffer: 1 << 26 } as const;
  return new Promise((resolve, reject) => {
    execFile(program, args, { env, ...limits }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.replace(/\n$/, ''));
      else reject(new Error(`${argv.join(' ')}: ${stderr.trim() || error.message}`));
    });
  });
}
