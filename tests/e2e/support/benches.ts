import { mkdirSync } from 'node:fs';
import type { LayoutView } from '../../../src/surfaces/api/protocol.ts';
import {
  type ContainerOptions,
  type EngineCli,
  openContainers,
  type TestContainer,
  type TestContainers,
} from '../../support/docker.ts';
import { until } from '../../support/until.ts';
import { layoutText, type PaneText, pane, writeIn } from './manifests.ts';
import { PANE_FORMAT, parsePanes, startTower, type Tower, type TowerPane } from './tower.ts';

/** Cold starts of Node and containers, on a machine that others use too. */
const BACK_WITHIN_MS = 60_000;

/** A daemon that looks after containers, and the containers. */
export interface Benches {
  readonly tower: Tower;
  readonly containers: TestContainers;
  start(options: ContainerOptions): Promise<TestContainer>;
  /** As `start`, with the daemon's log directory mounted where it is on the host. */
  startWithLogs(options: ContainerOptions): Promise<TestContainer>;
  /** Declares a layout in a container and waits until all its panes are ready. Keeps no logs. */
  apply(container: TestContainer, name: string, keys?: readonly string[]): Promise<LayoutView>;
  stop(): Promise<void>;
}

export interface BenchesOptions {
  readonly engine?: EngineCli;
  /** Environment of the engine's command line, for the daemon and for the test. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts a daemon that sees the containers of this test and no others. The caller must `stop` it. */
export async function startBenches(options: BenchesOptions = {}): Promise<Benches> {
  const { engine = 'docker', env = {} } = options;
  const containers = openContainers(engine, { ...process.env, ...env });
  const config = [
    '[engines]',
    `enabled = ["local", "${engine}"]`,
    '[containers]',
    `name_contains = ["${containers.prefix}"]`,
  ].join('\n');
  const tower = await startTower({ config, env });
  return {
    tower,
    containers,
    start: (wanted) => containers.start(wanted),
    startWithLogs: (wanted) => {
      const { logsDir } = tower.paths;
      mkdirSync(logsDir, { recursive: true, mode: 0o700 });
      return containers.start({ ...wanted, mounts: [`${logsDir}:${logsDir}`] });
    },
    apply: async ({ name: container }, name, keys = ['a', 'b']) => {
      const panes = keys.map((key) => quietPane(key));
      const file = writeIn(tower.directory, `${name}.yaml`, layoutText(name, panes, { container }));
      await tower.done('apply', '-f', file, '--wait', '--timeout', `${BACK_WITHIN_MS / 1_000}s`);
      return await tower.layout(name);
    },
    stop: async () => {
      await tower.stop();
      await containers.close();
    },
  };
}

/** A pane without a log, for containers that share no folder with the host. */
export function quietPane(key: string, fields: Omit<PaneText, 'key'> = {}): PaneText {
  return pane(key, { log: false, ...fields });
}

/** Waits until these layouts are as they were declared; answers them. */
export function untilHealthy(tower: Tower, ...names: string[]): Promise<readonly LayoutView[]> {
  return until(
    async () => {
      const layouts = await Promise.all(names.map((name) => tower.layout(name)));
      const notYet = layouts.find((layout) => !isWell(layout));
      if (notYet !== undefined) throw new Error(JSON.stringify(notYet.conditions));
      return layouts;
    },
    { timeoutMs: BACK_WITHIN_MS, label: `${names.join(', ')} healthy` },
  );
}

function isWell({ sync, health, panes }: LayoutView): boolean {
  return (
    sync === 'Synced' &&
    health === 'Healthy' &&
    panes.every(({ status, state }) => status === 'Ready' && state === 'ready')
  );
}

/** What a layout says about itself, once it says so. */
export function untilCondition(
  tower: Tower,
  name: string,
  wanted: { readonly type: string; readonly status?: string; readonly reason: RegExp },
): Promise<LayoutView['conditions'][number]> {
  return until(
    async () => {
      const { conditions } = await tower.layout(name);
      const found = conditions.find(
        ({ type, status, reason }) =>
          type === wanted.type &&
          status === (wanted.status ?? status) &&
          wanted.reason.test(reason),
      );
      if (found === undefined) throw new Error(JSON.stringify(conditions));
      return found;
    },
    { timeoutMs: 20_000, label: `${name}: ${wanted.type} ${wanted.reason}` },
  );
}

/** Every pane of the container user's own tmux server; none when there is no server. */
export async function panesIn(container: TestContainer): Promise<readonly TowerPane[]> {
  const text = await tmuxIn(container, 'list-panes', '-a', '-F', PANE_FORMAT).catch(ifNoServer);
  return text === '' ? [] : parsePanes(text);
}

/** Runs tmux inside as the container's user would. */
export function tmuxIn(container: TestContainer, ...args: readonly string[]): Promise<string> {
  return container.exec('env', 'LC_ALL=C.UTF-8', 'tmux', ...args);
}

function ifNoServer(error: unknown): string {
  if (/no server running|error connecting/.test(String(error))) return '';
  throw error;
}

/** Somebody's own sessions in a container: on the server the daemon uses, and on another one. */
export async function openForeign(container: TestContainer): Promise<() => Promise<string>> {
  const command = ['sh', '-c', 'exec sleep 100000'];
  for (const server of ['default', 'other']) {
    const on = (...args: readonly string[]): Promise<string> =>
      tmuxIn(container, '-L', server, ...args);
    await on('new-session', '-d', '-s', 'mine', '-x', '90', '-y', '30', ...command);
    await on('split-window', '-d', '-t', '=mine:', ...command);
    await on('new-window', '-d', '-t', '=mine:', '-n', 'notes', ...command);
    await on('set-option', '-g', 'history-limit', '4321');
  }
  return () => describeForeign(container);
}

/** Everything about those sessions that a careless program could change. */
async function describeForeign(container: TestContainer): Promise<string> {
  const panes =
    '#{session_name} #{window_id} #{window_name} #{window_layout} #{pane_id} #{pane_pid} #{pane_title} #{pane_pipe}';
  const parts: string[] = [];
  for (const server of ['default', 'other']) {
    const on = (...args: readonly string[]): Promise<string> =>
      tmuxIn(container, '-L', server, ...args);
    parts.push(await on('list-panes', '-s', '-t', '=mine', '-F', panes));
    for (const scope of ['-s', '-g', '-gw']) {
      // Names with @ are user options: ours are among them, and tmux gives them no meaning.
      const options = (await on('show-options', scope)).split('\n');
      parts.push(...options.filter((line) => !line.startsWith('@')));
    }
    parts.push(await on('show-options', '-t', '=mine:'), await on('list-keys'));
    parts.push(await on('show-environment', '-g'));
  }
  return parts.join('\n');
}

/**
 * What may never be in a container: two panes of one slot, a pane of ours that no layout declares. Answers what was
 * found, for people; empty when all is well.
 */
export async function findTwins(container: TestContainer): Promise<readonly string[]> {
  const tags = (await panesIn(container)).map(({ tag }) => tag).filter((tag) => tag !== '');
  const titles = (await panesIn(container))
    .filter(({ tag }) => tag !== '')
    .map(({ title }) => title.replace(/^@MANAGED:[^:]*:/, ''));
  return [...repeated(tags), ...repeated(titles)];
}

function repeated(items: readonly string[]): readonly string[] {
  return items.filter((item, index) => items.indexOf(item) !== index);
}
