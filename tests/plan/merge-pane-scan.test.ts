import { expect, test } from 'vitest';
import type { FoundPane, ScannedPane, ServerPanes } from '../../src/domain/found-pane.ts';
import type { ContainerId, Epoch } from '../../src/domain/ids.ts';
import { mergeEnded, mergePaneScan } from '../../src/plan/merge-pane-scan.ts';
import { aFoundPane } from '../support/found-pane.ts';

const OWN = '/tmp/tmux-1000/default';
const OTHER = '/tmp/tmux-1000/other';
const WHERE = {
  container: 'bench' as ContainerId,
  containerId: 'a'.repeat(64),
  user: 'dev',
  ownSocket: OWN,
};

function found(pane: string, changes: Partial<FoundPane> = {}): FoundPane {
  const agent = { pid: 81, workingDir: '/work', title: 'agent', command: 'claude', focused: true };
  return aFoundPane(pane, { epoch: 'life#7:1' as Epoch, ...agent, ...changes });
}

const sees = (panes: readonly FoundPane[], socket?: string): ServerPanes => ({
  kind: 'seen',
  ...(socket !== undefined && { socket }),
  panes,
});
const fails = (socket?: string): ServerPanes => ({
  kind: 'unknown',
  ...(socket !== undefined && { socket }),
  reason: 'TmuxFailed',
  message: 'it hangs',
});

function recorded(servers: readonly ServerPanes[]): readonly ScannedPane[] {
  return mergePaneScan([], servers, { ...WHERE, at: 1 }).records;
}

const merge = (known: readonly ScannedPane[], servers: readonly ServerPanes[]) =>
  mergePaneScan(known, servers, { ...WHERE, at: 9 });

test('what is found is written down, once for each socket and number', () => {
  const merged = merge([], [sees([found('%0'), found('%1')]), sees([found('%0')], OTHER)]);
  expect(merged).toMatchObject({ seen: 3, newlyActive: 3, inactivated: 0 });
  expect(merged.records.map(({ socket, pane }) => [socket, pane])).toEqual([
    [OWN, '%0'],
    [OWN, '%1'],
    [OTHER, '%0'],
  ]);
  expect(merged.records[0]).toMatchObject({ active: true, firstSeenAt: 9, lastScannedAt: 9 });
});

test('a pane that was renumbered is the same pane in another place', () => {
  const known = recorded([sees([found('%0'), found('%1', { paneIndex: 1 })])]);
  const merged = merge(known, [sees([found('%1', { paneIndex: 0 })])]);
  expect(merged).toMatchObject({ seen: 1, newlyActive: 0, inactivated: 1 });
  expect(merged.records).toMatchObject([
    { pane: '%1', paneIndex: 0, active: true, firstSeenAt: 1 },
    { pane: '%0', active: false },
  ]);
});

test('the same number on the next server is another pane', () => {
  const known = recorded([sees([found('%0')])]);
  const merged = merge(known, [sees([found('%0', { epoch: 'life#8:2' as Epoch })])]);
  expect(merged).toMatchObject({ seen: 1, newlyActive: 1, inactivated: 1 });
});

test('a server that is not there ends its panes', () => {
  const known = recorded([sees([found('%0')]), sees([found('%0')], OTHER)]);
  const merged = merge(known, [sees([found('%0')]), sees([], OTHER)]);
  expect(merged).toMatchObject({ inactivated: 1 });
  expect(merged.records.find(({ socket }) => socket === OTHER)).toMatchObject({ active: false });
});

test('from a server that gave no answer, or was not asked, nothing is concluded', () => {
  const known = recorded([sees([found('%0')]), sees([found('%0')], OTHER)]);
  const merged = merge(known, [fails()]);
  expect(merged).toMatchObject({ seen: 0, inactivated: 0 });
  expect(merged.records).toEqual([{ ...known[0], lastScannedAt: 9 }]);
});

test('no pane outlives the container it was found in, whatever its server says', () => {
  const known = recorded([sees([found('%0')]), sees([found('%0')], OTHER)]);
  const next = { ...WHERE, life: 'next', at: 9 };
  expect(mergePaneScan(known, [fails()], next)).toMatchObject({ inactivated: 2 });
  const same = { ...WHERE, life: 'life', at: 9 };
  expect(mergePaneScan(known, [fails()], same)).toMatchObject({ inactivated: 0 });
});

test('when a pane was found gone is not changed by later scans', () => {
  const known = recorded([sees([found('%0')])]).map((pane) => ({ ...pane, active: false }));
  expect(merge(known, [fails()]).records).toEqual([]);
});

test('an ended pane that is found again is new to whoever watches', () => {
  const known = recorded([sees([found('%0')])]).map((pane) => ({ ...pane, active: false }));
  expect(merge(known, [sees([found('%0')])])).toMatchObject({ newlyActive: 1 });
  expect(merge(known, [sees([])])).toMatchObject({ inactivated: 0, records: [] });
});

test('texts are made plain and kept to their limits, and what was cut is told', () => {
  const title = `a\tb\u0007c\n${'x'.repeat(2_100)}`;
  const merged = merge([], [sees([found('%0', { title })])]);
  expect(merged.records[0]?.title).toBe(`a bc ${'x'.repeat(2_043)}`);
  expect(merged.truncations.get(OWN)).toEqual([
    { pane: '%0', field: 'title', originalLength: 2_105 },
  ]);
});

test('where nothing runs no pane is', () => {
  const known = recorded([sees([found('%0'), found('%1')])]);
  const ended = mergeEnded(known, 9);
  expect(ended.inactivated).toBe(2);
  expect(ended.records.every(({ active }) => !active)).toBe(true);
  expect(mergeEnded(ended.records, 10)).toEqual({ records: [], inactivated: 0 });
});
