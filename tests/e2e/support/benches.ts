import { mkdirSync } from 'node:fs';
import type { ContainerView, LayoutView } from '../../../src/surfaces/api/protocol.ts';
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
  /** Starts a container and waits until the daemon knows it. */
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
  /** Environment of the daemon alone. */
  readonly daemonEnv?: NodeJS.ProcessEnv;
  /** Another engine for the daemon than the one the test speaks to: keys of `[engines.far]`. */
  readonly far?: string;
}

/** Starts a daemon that sees the containers of this test and no others. The caller must `stop` it. */
export async function startBenches(options: BenchesOptions = {}): Promise<Benches> {
  const { engine = 'docker', env = {}, daemonEnv = {}, far } = options;
  const containers = openContainers(engine, { ...process.env, ...env });
  const config = [
    '[engines]',
    `enabled = ["local", "${far === undefined ? engine : 'far'}"]`,
    ...(far === undefined ? [] : ['[engines.far]', `kind = "${engine}"`, far]),
    '[containers]',
    `name_contains = ["${containers.prefix}"]`,
  ].join('\n');
  const tower = await startTower({ config, env: { ...env, ...daemonEnv } });
  const start = async (wanted: ContainerOptions): Promise<TestContainer> => {
    const container = await containers.start(wanted);
    await untilKnown(tower, container);
    return container;
  };
  return {
    tower,
    containers,
    start,
    startWithLogs: (wanted) => {
      const { logsDir } = tower.paths;
      mkdirSync(logsDir, { recursive: true, mode: 0o700 });
      return start({ ...wanted, mounts: [`${logsDir}:${logsDir}`] });
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

function untilKnown(tower: Tower, { name }: TestContainer): Promise<ContainerView> {
  return until(
    async () => {
      const { items } = await tower.call<{ items: readonly ContainerView[] }>('container.list');
      return items.find((each) => each.name === name && each.state !== 'missing');
    },
    { timeoutMs: 20_000, label: `${name} is known` },
  );
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
function tmuxIn(container: TestContainer, ...args: readonly string[]): Promise<string> {
  return container.exec('env', 'LC_ALL=C.UTF-8', 'tmux', ...args);
}

function ifNoServer(error: unknown): string {
  if (/no server running|error connecting/.test(String(error))) return '';
  throw error;
}

const OPEN_FOREIGN = `
for server in default other; do
  on="tmux -L $server"
  $on new-session -d -s mine -x 90 -y 30 sleep 100000 &&
    $on split-window -d -t =mine: sleep 100000 &&
    $on new-window -d -t =mine: -n notes sleep 100000 &&
    $on set-option -g history-limit 4321 || exit 1
done`;

/** Everything that a careless program could change. User options, with their @, mean nothing to tmux: ours are such. */
const DESCRIBE_FOREIGN = `
panes='#{window_id} #{window_name} #{window_layout} #{pane_id} #{pane_pid} #{pane_title} #{pane_pipe}'
for server in default other; do
  on="tmux -L $server"
  $on list-panes -s -t =mine -F "$panes" || exit 1
  for scope in -s -g -gw; do $on show-options $scope | grep -v ^@; done
  $on show-options -t =mine:
  $on list-keys
  $on show-environment -g
done`;

/** Opens somebody's own sessions in a container, on the server the daemon uses and on another; answers what tells of them. */
export async function openForeign(container: TestContainer): Promise<() => Promise<string>> {
  const run = (script: string): Promise<string> =>
    container.exec('env', 'LC_ALL=C.UTF-8', 'sh', '-c', script);
  await run(OPEN_FOREIGN);
  return () => run(DESCRIBE_FOREIGN);
}

/**
 * What may never be in a container: two panes of one slot, a pane of ours that no layout declares. Answers what was
 * found, for people; empty when all is well.
 */
export async function findTwins(container: TestContainer): Promise<readonly string[]> {
  const ours = (await panesIn(container)).filter(({ tag }) => tag !== '');
  const titles = ours.map(({ title }) => title.replace(/^@MANAGED:[^:]*:/, ''));
  return [...repeated(ours.map(({ tag }) => tag)), ...repeated(titles)];
}

function repeated(items: readonly string[]): readonly string[] {
  return items.filter((item, index) => items.indexOf(item) !== index);
}
