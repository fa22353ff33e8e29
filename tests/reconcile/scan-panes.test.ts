import { expect, test } from 'vitest';
import { type ContainerRecord, incarnationOf } from '../../src/domain/containers.ts';
import type { FoundPane, ServerPanes } from '../../src/domain/found-pane.ts';
import { type ContainerId, LOCAL_CONTAINER, makeEpoch } from '../../src/domain/ids.ts';
import { openMemoryStore } from '../../src/drivers/store/memory-store.ts';
import { openPaneScanner } from '../../src/reconcile/scan-panes.ts';
import { aContainer, idOf } from '../support/containers.ts';
import { aFoundPane } from '../support/found-pane.ts';
import { virtualClock } from '../support/virtual-clock.ts';

const EPOCH = makeEpoch(incarnationOf(aContainer('a')), '7:1');
const DAY_MS = 86_400_000;
const FOREIGN = '/tmp/tmux-0/theirs';

function aPane(pane: string, changes: Partial<FoundPane> = {}): FoundPane {
  const agent = { pid: 81, workingDir: '/work', title: 'agent', command: 'claude', focused: true };
  return aFoundPane(pane, { epoch: EPOCH, ...agent, ...changes });
}

function seen(...panes: readonly FoundPane[]): ServerPanes {
  return { kind: 'seen', panes };
}

const HANGS: ServerPanes = { kind: 'unknown', reason: 'TmuxTimeout', message: 'it hangs' };

/** A scanner over what `shows` says of each container. */
function makeScanner() {
  const shows = new Map<string, readonly ServerPanes[]>([[LOCAL_CONTAINER, [seen()]]]);
  let containers: readonly ContainerRecord[] = [];
  const asked: [ContainerId, readonly string[]][] = [];
  const clock = virtualClock();
  const store = openMemoryStore({ clock, uuid: () => crypto.randomUUID() });
  const scanner = openPaneScanner({
    store,
    clock,
    containers: () => containers,
    finder: {
      find: async (container, sockets) => {
        asked.push([container, sockets]);
        return shows.get(container) ?? [];
      },
      ownSocket: () => '/tmp/tmux-0/default',
      benchUser: () => 'dev',
    },
  });
  const show = (record: ContainerRecord, ...servers: readonly ServerPanes[]): void => {
    containers = [...containers.filter(({ key }) => key !== record.key), record];
    shows.set(record.key, servers);
  };
  const active = () =>
    store
      .scannedPanes()
      .filter((pane) => pane.active)
      .map(({ container, pane }) => `${container} ${pane}`);
  return { scanner, store, clock, show, asked, active };
}

test('the panes of the host and of every running container are written down and counted', async () => {
  const { scanner, show, store, active } = makeScanner();
  show(aContainer('a'), seen(aPane('%0')), {
    ...seen(aPane('%0', { socket: FOREIGN })),
    socket: FOREIGN,
  });
  show(aContainer('b', { id: idOf('b') }), seen(aPane('%3')));
  expect(await scanner.scan()).toMatchObject({
    containersScanned: 3,
    socketsScanned: 4,
    panesSeen: 3,
    newlyActive: 3,
    inactivated: 0,
    problems: [],
  });
  expect(active()).toEqual(['a %0', 'a %0', 'b %3']);
  expect(store.scannedPanes()[0]).toMatchObject({ containerId: idOf('a'), user: 'dev' });
  expect(await scanner.scan()).toMatchObject({ panesSeen: 3, newlyActive: 0 });
});

test('servers where panes were found before are asked after, though nobody lists them any more', async () => {
  const { scanner, show, asked, active } = makeScanner();
  show(aContainer('a'), seen(), { ...seen(aPane('%0')), socket: FOREIGN });
  await scanner.scan();
  show(aContainer('a'), seen(), { ...seen(), socket: FOREIGN });
  expect(await scanner.scan()).toMatchObject({ inactivated: 1 });
  expect(asked.at(-1)).toEqual(['a', [FOREIGN]]);
  expect(active()).toEqual([]);
  await scanner.scan();
  expect(asked.at(-1)).toEqual(['a', []]);
});

test('a container that does not run is not asked, and has no panes', async () => {
  const { scanner, show, asked, active } = makeScanner();
  show(aContainer('a'), seen(aPane('%0')));
  await scanner.scan();
  show(aContainer('a', { state: 'exited' }), HANGS);
  asked.length = 0;
  expect(await scanner.scan()).toMatchObject({
    skippedInactive: 1,
    inactivated: 1,
    containersScanned: 1,
    problems: [],
  });
  expect(asked.map(([container]) => container)).toEqual([LOCAL_CONTAINER]);
  expect(active()).toEqual([]);
});

test.each([
  ['hangs', aContainer('a'), 'TmuxTimeout'],
  ['is paused', aContainer('a', { state: 'paused' }), 'Paused'],
  ['has an engine that does not answer', aContainer('a', { state: 'unknown' }), 'TmuxTimeout'],
] as const)('where a container %s, what was known of it stays', async (_how, record, reason) => {
  const { scanner, show, active } = makeScanner();
  show(aContainer('a'), seen(aPane('%0')));
  const other = aContainer('b', { id: idOf('b') });
  show(other, seen(aPane('%1', { epoch: makeEpoch(incarnationOf(other), '7:1') })));
  await scanner.scan();
  show(record, HANGS);
  expect(await scanner.scan()).toMatchObject({
    inactivated: 0,
    tmuxUnavailable: 1,
    panesSeen: 1,
    problems: [{ containerId: record.id, reason }],
  });
  expect(active()).toEqual(['a %0', 'b %1']);
});

test('one server that fails is told of by its socket', async () => {
  const { scanner, show } = makeScanner();
  show(aContainer('a'), seen(aPane('%0')), { ...HANGS, socket: FOREIGN });
  expect(await scanner.scan()).toMatchObject({
    tmuxUnavailable: 0,
    problems: [{ socket: FOREIGN, message: 'it hangs' }],
  });
});

test('one container alone can be asked for', async () => {
  const { scanner, show, asked } = makeScanner();
  show(aContainer('a'), seen(aPane('%0')));
  show(aContainer('b', { id: idOf('b') }), seen(aPane('%1')));
  expect(await scanner.scan('b' as ContainerId)).toMatchObject({ panesSeen: 1 });
  expect(asked.map(([container]) => container)).toEqual(['b']);
});

test('a container made anew has none of the panes of the one before it, also while it hangs', async () => {
  const { scanner, show, active } = makeScanner();
  show(aContainer('a'), seen(aPane('%0')));
  await scanner.scan();
  show(aContainer('a', { id: idOf('c') }), HANGS);
  expect(await scanner.scan()).toMatchObject({ inactivated: 1, tmuxUnavailable: 1 });
  expect(active()).toEqual([]);
});

test('a pane that is gone stays listed for a week after it was found gone', async () => {
  const { scanner, show, store, clock } = makeScanner();
  show(aContainer('a'), seen(aPane('%0')));
  await scanner.scan();
  show(aContainer('a', { state: 'missing' }));
  await scanner.scan();
  await clock.advance(7 * DAY_MS);
  await scanner.scan();
  expect(store.scannedPanes()).toMatchObject([{ pane: '%0', active: false }]);
  await clock.advance(1);
  await scanner.scan();
  expect(store.scannedPanes()).toEqual([]);
});
