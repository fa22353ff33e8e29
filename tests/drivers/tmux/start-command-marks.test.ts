import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Epoch, PaneId } from '../../../src/domain/ids.ts';
import type { ObservedPane, SeenObservation } from '../../../src/domain/observed.ts';
import type { PaneGuard } from '../../../src/domain/tmux-ops.ts';
import type { OpenTmuxServer } from '../../../src/drivers/tmux/server.ts';
import { startCommandMarks } from '../../../src/drivers/tmux/start-command-marks.ts';
import { type RealTmux, startRealTmux, TEST_INSTALLATION } from '../../support/real-tmux.ts';
import { created, createOp, newLayoutId, newPaneId, seen } from '../../support/tmux-ops.ts';
import { until } from '../../support/until.ts';

// Newer versions understand what is said to a tmux of 2.9, so that this is tried wherever the tests run.
describe('as to a tmux without options of panes', () => {
  let real: RealTmux;
  let server: OpenTmuxServer;
  let epoch: Epoch;
  beforeEach(async () => {
    real = startRealTmux();
    server = real.open({ tmuxVersion: '2.9a' });
    epoch = (await look()).epoch;
  });
  afterEach(() => real.stop());

  const look = async (): Promise<SeenObservation> => seen(await server.look());
  const guardOf = ({ id, paneId }: ObservedPane): PaneGuard => ({
    epoch,
    pane: id,
    owner: paneId as PaneId,
  });
  /** Two panes of one layout, the first of which is watched. */
  async function twoPanes(command = 'echo hello; sleep 1000') {
    const layout = newLayoutId();
    const logFile = join(real.directory, 'log');
    const process = { argv: ['sh', '-c', command], env: { A: 'b' }, logFile };
    const first = createOp(epoch, { layout, title: 'one', process });
    const place = { kind: 'session', session: 'work' } as const;
    const second = createOp(epoch, { layout, title: 'two', place });
    const outcomes = await server.run([first, second]);
    return { first, second, outcomes, logFile };
  }

  test('panes are made, found by their tag, and logged from the first byte', async () => {
    const { first, second, outcomes, logFile } = await twoPanes();
    const { panes } = await look();
    expect(panes.map(({ id, title, paneId }) => ({ id, title, paneId }))).toEqual([
      { id: created(outcomes[0]).id, title: 'one', paneId: first.pane },
      { id: created(outcomes[1]).id, title: 'two', paneId: second.pane },
    ]);
    await until(() => existsSync(logFile) && readFileSync(logFile, 'utf8') === 'hello\r\n');
    const again = await server.run([first, second]);
    expect(again.map(({ kind }) => kind)).toEqual(['refused', 'refused']);
  });

  test('a pane whose program ended is followed by another in its place, and focus and window stay', async () => {
    const { first } = await twoPanes('exit 3');
    await real.tmux('new-window', '-t', '=work:', '-n', 'mine');
    const dead = await until(async () => (await look()).panes.find((pane) => pane.dead));
    const [, sibling] = (await look()).panes;
    await real.tmux('select-pane', '-t', String(sibling?.id));
    const before = await real.tmux('list-panes', '-t', dead.windowId, '-F', '#{pane_width}');
    const pane = newPaneId();
    const [outcome] = await server.run([
      {
        kind: 'respawn',
        guard: guardOf(dead),
        fence: { ...first.fence, expect: first.pane, next: pane },
        pane,
        process: { argv: ['sleep', '1000'], env: {} },
        title: 'again',
      },
    ]);
    const { panes } = await look();
    const { index, windowId } = dead;
    expect(panes.find((one) => one.paneId === pane)).toMatchObject({
      id: created(outcome).id,
      index,
      windowId,
      dead: false,
      title: 'again',
    });
    expect(panes.some(({ id }) => id === dead.id)).toBe(false);
    const format = '#{window_name} #{window_active} #{pane_id}';
    expect((await real.tmux('list-windows', '-t', '=work:', '-F', format)).split('\n')).toEqual([
      `agenttower 0 ${sibling?.id}`,
      expect.stringMatching(/^mine 1 %\d+$/),
    ]);
    const after = await real.tmux('list-panes', '-t', dead.windowId, '-F', '#{pane_width}');
    expect(after).toBe(before);
  });

  test('a pane that is let go is nobody’s, and one that is taken over is ours', async () => {
    const { second } = await twoPanes();
    const [pane] = (await look()).panes;
    await server.run([{ kind: 'release', guard: guardOf(pane!) }]);
    const [free] = (await look()).panes;
    expect(free).toMatchObject({ id: pane!.id, pid: pane!.pid });
    expect(free).not.toHaveProperty('paneId');
    expect(await server.run([{ kind: 'kill', guard: guardOf(pane!) }])).toMatchObject([
      { kind: 'refused' },
    ]);
    const owner = newPaneId();
    const { id, pid } = free!;
    await server.run([{ kind: 'retag', epoch, pane: id, pid, owner, title: 'taken' }]);
    const [taken, other] = (await look()).panes;
    expect(taken).toMatchObject({ paneId: owner, title: 'taken' });
    expect(other?.paneId).toBe(second.pane);
    expect(await server.run([{ kind: 'kill', guard: guardOf(taken!) }])).toEqual([
      { kind: 'done' },
    ]);
  });
});

test('a tag is read from the start of a command, and what came to be later has the last word', () => {
  const owner = newPaneId();
  const mark = `env AGENTTOWER_TAG=${TEST_INSTALLATION}/${owner}`;
  const read = startCommandMarks.reader([
    'escape-time 10',
    '@agenttower_%2 "nobody"',
    `@agenttower_%3 "x/${owner}@%3"`,
    '@agenttower_%4 ""',
  ]);
  expect(read('%1', mark)).toBe(`${TEST_INSTALLATION}/${owner}@%1`);
  expect(read('%2', mark)).toBe('nobody');
  expect(read('%3', '')).toBe(`x/${owner}@%3`);
  expect(read('%4', mark)).toBe(`${TEST_INSTALLATION}/${owner}@%4`);
  expect(read('%5', '')).toBe('');
});
