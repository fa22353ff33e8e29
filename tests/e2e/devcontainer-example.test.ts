import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { describeWithEngine, type TestContainer } from '../support/docker.ts';
import { type Benches, findTwins, startBenches, untilHealthy } from './support/benches.ts';
import { writeIn } from './support/manifests.ts';

const EXAMPLE = new URL('../../examples/devcontainer/', import.meta.url).pathname;

interface Mount {
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
}

/** How the container is to be made, whichever of the two files says so. */
interface Wanted {
  readonly name: string;
  readonly hasInit: boolean;
  readonly workingDir: string;
  readonly mounts: readonly Mount[];
}

/** `home` and `workspace` stand for what the tools fill in. */
type Places = Readonly<Record<'home' | 'workspace', string>>;

function readCompose({ home, workspace }: Places): Wanted {
  const text = readFileSync(join(EXAMPLE, 'compose.yml'), 'utf8');
  const { bench } = parse(text).services;
  const mounts = bench.volumes.map((volume: string | Record<string, string | boolean>): Mount => {
    if (typeof volume === 'string') {
      const [source = '', target = ''] = volume.split(':');
      return { source: source.replace(/^\.$/, workspace), target, isReadOnly: false };
    }
    const source = String(volume['source']).replace('${HOME}', home);
    return { source, target: String(volume['target']), isReadOnly: volume['read_only'] === true };
  });
  return {
    name: bench.container_name,
    hasInit: bench.init,
    workingDir: bench.working_dir,
    mounts,
  };
}

function readDevcontainer({ home, workspace }: Places): Wanted {
  const text = readFileSync(join(EXAMPLE, '.devcontainer/devcontainer.json'), 'utf8');
  const json = JSON.parse(text.replaceAll(/^\s*\/\/.*$/gm, ''));
  const { runArgs } = json;
  const mounts = [json.workspaceMount, ...json.mounts].map((mount: string): Mount => {
    const filled = mount
      .replace('${localWorkspaceFolder}', workspace)
      .replace('${localEnv:HOME}', home);
    const fields = new Map(
      filled.split(',').map((field) => field.split('=', 2) as [string, string]),
    );
    const [source = '', target = ''] = [fields.get('source'), fields.get('target')];
    return { source, target, isReadOnly: fields.has('readonly') };
  });
  return {
    name: runArgs[runArgs.indexOf('--name') + 1],
    hasInit: runArgs.includes('--init'),
    workingDir: json.workspaceFolder,
    mounts,
  };
}

test('both ways of the example make the same container', () => {
  const places = { home: '/home/dev', workspace: '/src/payments' };
  expect(readDevcontainer(places)).toEqual(readCompose(places));
});

describeWithEngine('docker', 'the example of a container', () => {
  let benches: Benches;
  beforeAll(async () => {
    benches = await startBenches();
  });
  afterAll(() => benches?.stop());

  /** As the example says, and with a name of this test's own. */
  function bringUp(workspace: string): Promise<TestContainer> {
    const { stateDir } = benches.tower.paths;
    const wanted = readCompose({ home: '/HOME', workspace });
    const mounts = wanted.mounts.map(({ source, target, isReadOnly }) => {
      const here = source
        .replace('/HOME/.local/state/opensoft/agenttower', stateDir)
        .replace(wanted.name, `${benches.containers.prefix}${wanted.name}`);
      return `--mount=type=bind,source=${here},target=${target}${isReadOnly ? ',readonly' : ''}`;
    });
    return benches.start({
      name: wanted.name,
      user: `${process.getuid?.()}:${process.getgid?.()}`,
      args: [...(wanted.hasInit ? ['--init'] : []), `--workdir=${wanted.workingDir}`, ...mounts],
    });
  }

  test('has its layout, with logs on the host, and again after a rebuild', async () => {
    const { tower, containers } = benches;
    const workspace = join(tower.directory, 'payments');
    mkdirSync(workspace);
    const logs = join(tower.paths.logsDir, `${containers.prefix}payments-bench`);
    mkdirSync(logs, { mode: 0o700 });
    const before = await bringUp(workspace);
    const text = readFileSync(join(EXAMPLE, 'layout.yaml'), 'utf8');
    const manifest = writeIn(
      tower.directory,
      'layout.yaml',
      text.replace('payments-bench', before.name),
    );
    await tower.done('apply', '-f', manifest, '--wait', '--timeout', '60s');
    const { panes } = await tower.layout('work');
    expect(panes.map(({ label, status }) => [label, status])).toEqual([
      ['work-m1', 'Ready'],
      ['work-s1', 'Ready'],
      ['work-s2', 'Ready'],
    ]);
    const agents = panes.map(({ agent_id }) => `${agent_id}.log`);
    expect(readdirSync(logs).toSorted()).toEqual(agents.toSorted());
    await containers.cli('rm', '-f', before.id);
    const after = await bringUp(workspace);
    const [layout] = await untilHealthy(tower, 'work');
    expect(layout?.panes.map(({ pane_id }) => pane_id)).not.toEqual(
      panes.map(({ pane_id }) => pane_id),
    );
    expect(await findTwins(after)).toEqual([]);
  });
});
