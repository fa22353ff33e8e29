import { expect, test } from 'vitest';
import type { ScannedPane } from '../../src/domain/found-pane.ts';
import type { ContainerId, Epoch, TmuxPaneId } from '../../src/domain/ids.ts';
import { forgettablePanes } from '../../src/plan/forget-panes.ts';

const DAY_MS = 86_400_000;
const NOW = 100 * DAY_MS;

function scanned(pane: number, changes: Partial<ScannedPane> = {}): ScannedPane {
  return {
    container: 'bench' as ContainerId,
    containerId: 'a'.repeat(64),
    user: 'dev',
    socket: '/tmp/tmux-1000/default',
    epoch: 'life#7:1' as Epoch,
    pane: `%${pane}` as TmuxPaneId,
    pid: 81,
    tty: '/dev/pts/1',
    session: 'work',
    windowIndex: 0,
    paneIndex: 0,
    workingDir: '/work',
    title: 'agent',
    command: 'claude',
    focused: true,
    active: false,
    firstSeenAt: 1,
    lastScannedAt: NOW,
    ...changes,
  };
}

const forgotten = (panes: readonly ScannedPane[]) =>
  forgettablePanes(panes, NOW).map(({ pane }) => pane);

test('a pane that is there is never forgotten, however long ago it was asked after', () => {
  expect(forgotten([scanned(1, { active: true, lastScannedAt: 0 })])).toEqual([]);
});

test('a pane found gone more than a week ago is forgotten', () => {
  const ages = [0, 6, 7, 7.1, 30].map((days, index) =>
    scanned(index, { lastScannedAt: NOW - days * DAY_MS }),
  );
  expect(forgotten(ages)).toEqual(['%3', '%4']);
});

test('of each container the two hundred that went last stay', () => {
  const panes = Array.from({ length: 203 }, (_, index) =>
    scanned(index, { lastScannedAt: NOW - 203 + index }),
  );
  const elsewhere = scanned(900, {
    container: 'other' as ContainerId,
    lastScannedAt: 0 + NOW - 300,
  });
  expect(forgotten([elsewhere, ...panes])).toEqual(['%2', '%1', '%0']);
});
