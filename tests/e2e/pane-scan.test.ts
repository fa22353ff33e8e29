import { afterAll, beforeAll, expect, test } from 'vitest';
import type {
  ListedPaneView,
  PaneListView,
  PaneScanView,
} from '../../src/surfaces/api/pane-scan-protocol.ts';
import { describeWithEngine, type TestContainer } from '../support/docker.ts';
import { type Benches, openForeign, startBenches } from './support/benches.ts';

describeWithEngine('docker', 'panes of the host and of Docker containers', () => {
  let benches: Benches;
  beforeAll(async () => {
    benches = await startBenches();
  });
  afterAll(() => benches?.stop());

  const json = async <T>(...args: readonly string[]): Promise<T> => {
    const { stdout } = await benches.tower.cli([...args, '--json']);
    return (JSON.parse(stdout) as { readonly result: T }).result;
  };
  const panesOf = async (container: TestContainer): Promise<readonly ListedPaneView[]> =>
    (await json<PaneListView>('list-panes', '--container', container.name, '--active-only')).panes;

  test('ours and a person’s are found on every socket, and left as they are', async () => {
    const container = await benches.start({ name: 'both', user: 'bench' });
    const foreign = await openForeign(container);
    await benches.apply(container, 'ours', ['a']);
    const before = await foreign();
    const scan = await json<PaneScanView>('scan', '--panes', '--container', container.name);
    expect(scan).toMatchObject({ status: 'ok', containers_scanned: 1, sockets_scanned: 2 });
    const panes = await panesOf(container);
    expect(panes.length).toBe(scan.panes_seen);
    const keys = panes.map((pane) => [pane.tmux_socket_path, pane.tmux_session_name]);
    expect(keys).toContainEqual(['/tmp/tmux-1000/default', 'ours']);
    expect(keys).toContainEqual(['/tmp/tmux-1000/default', 'mine']);
    expect(keys).toContainEqual(['/tmp/tmux-1000/other', 'mine']);
    for (const pane of panes) {
      expect(pane).toMatchObject({ container_id: container.id, container_user: 'bench' });
      expect(pane.pane_tty).toMatch(/^\/dev\/pts\/\d+$/);
    }
    expect(await foreign()).toBe(before);
    const table = await benches.tower.done('list-panes', '--container', container.name);
    expect(table.split('\n')[0]).toBe(
      'ACTIVE\tFOCUSED\tCONTAINER\tSOCKET\tSESSION\tW\tP\tPANE_ID\tPID\tTTY\tCOMMAND\tCWD\tLAST_SCANNED',
    );
    expect(table).toContain('/tmp/tmux-1000/other\tmine');
  });

  test('a server that was killed has no panes, nor has a container that was stopped', async () => {
    const container = await benches.start({ name: 'ends', user: 'bench' });
    await openForeign(container);
    await json('scan', '--panes');
    expect((await panesOf(container)).length).toBeGreaterThan(1);
    await container.exec('tmux', '-L', 'other', 'kill-server');
    await json('scan', '--panes');
    const left = await panesOf(container);
    expect(left.map((pane) => pane.tmux_socket_path)).not.toContain('/tmp/tmux-1000/other');
    expect(left.length).toBeGreaterThan(0);
    await benches.containers.cli('stop', '-t', '0', container.name);
    await json('scan', '--containers');
    const scan = await json<PaneScanView>('scan', '--panes', '--container', container.name);
    expect(scan).toMatchObject({ status: 'ok', containers_skipped_inactive: 1 });
    expect(await panesOf(container)).toEqual([]);
  });

  test('where tmux is not installed the scan is degraded, with what to do', async () => {
    const container = await benches.start({ name: 'bare', image: 'no-tmux' });
    const { code, stdout } = await benches.tower.cli(['scan', '--panes']);
    expect(code).toBe(5);
    expect(stdout).toContain('status=degraded');
    expect(stdout).toContain(`tmux is not installed in container ${container.name}`);
    const scan = await json<PaneScanView>('scan', '--panes');
    expect(scan.error_details).toMatchObject([
      { container_id: container.id, error_code: 'tmux_unavailable' },
    ]);
  });
});
