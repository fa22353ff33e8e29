import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeWithEngine, openContainers, type TestContainer } from '../support/docker.ts';
import {
  type Benches,
  panesIn,
  startBenches,
  untilCondition,
  untilHealthy,
} from './support/benches.ts';

const ENGINE = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock';
/** The daemon finds the engine by its configuration, or not at all. */
const NOWHERE = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'att-endpoint-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function open(far: string, daemonEnv: NodeJS.ProcessEnv): Promise<Benches> {
  const benches = await startBenches({ far, daemonEnv: { ...NOWHERE, ...daemonEnv } });
  onTestFinished(() => benches.stop());
  return benches;
}

/** A layout is made there, and a pane that is killed comes back beside its sibling. */
async function expectCare(benches: Benches): Promise<TestContainer> {
  const container = await benches.start({ name: 'box' });
  const [first, second] = (await benches.apply(container, 'team')).panes;
  await container.exec('tmux', 'kill-pane', '-t', first?.tmux_pane_id ?? '');
  await expect
    .poll(async () => (await benches.tower.layout('team')).panes[0]?.pid, { timeout: 30_000 })
    .not.toBe(first?.pid);
  const [layout] = await untilHealthy(benches.tower, 'team');
  expect(layout?.panes[1]?.pid).toBe(second?.pid);
  return container;
}

/**
 * What docker starts to reach `ssh://toolbox`: here the way there is a program, and the far end this machine. Answers
 * the folder it lies in, and how to cut the way.
 */
function makeSsh(): { readonly directory: string; cut(isCut: boolean): void } {
  const directory = folder();
  const cutFile = join(directory, 'cut');
  const program = join(directory, 'ssh');
  writeFileSync(
    program,
    `#!/bin/sh
while [ "$1" != -- ]; do shift; done
shift
if [ "$1" != toolbox ]; then echo "ssh: Could not resolve hostname $1" >&2; exit 255; fi
shift
if [ -e ${cutFile} ]; then echo 'ssh: connect to host toolbox port 22: Connection refused' >&2; exit 255; fi
DOCKER_HOST=${ENGINE} exec "$@"
`,
  );
  chmodSync(program, 0o755);
  return {
    directory,
    cut: (isCut) => (isCut ? writeFileSync(cutFile, '') : rmSync(cutFile)),
  };
}

describeWithEngine('docker', 'a Docker engine at another address', () => {
  test('is one that a context of docker names', async () => {
    const DOCKER_CONFIG = folder();
    const containers = openContainers('docker', { ...process.env, DOCKER_CONFIG });
    await containers.cli('context', 'create', 'faraway', '--docker', `host=${ENGINE}`);
    // A variable for the address would come before the context.
    await expectCare(await open('context = "faraway"', { DOCKER_CONFIG, DOCKER_HOST: undefined }));
  });

  test('may be behind ssh; while nobody gets there, nothing is concluded', async () => {
    const ssh = makeSsh();
    const benches = await open('host = "ssh://toolbox"', {
      PATH: `${ssh.directory}:${process.env['PATH']}`,
    });
    const container = await expectCare(benches);
    const standing = await panesIn(container);
    const before = await untilHealthy(benches.tower, 'team');

    ssh.cut(true);
    await benches.tower.restartDaemon();
    const { message } = await untilCondition(benches.tower, 'team', {
      type: 'Observed',
      status: 'False',
      reason: /^EngineUnreachable$/,
    });
    expect(message).toContain('Is ssh://toolbox right');

    ssh.cut(false);
    const after = await untilHealthy(benches.tower, 'team');
    expect(after.map(({ panes }) => panes)).toEqual(before.map(({ panes }) => panes));
    expect(await panesIn(container)).toEqual(standing);
  });
});
