import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import {
  type Answer,
  type Items,
  type ManagedClient,
  NAMESPACES,
  openClient,
  type Pane,
} from './support/managed-client.ts';
import { findSequenceGaps, readEvents, writeCatalog } from './support/managed-files.ts';
import { startTower, type Tower } from './support/tower.ts';

const CLIENTS = 50;
/** What a client in a crowd may be told; anything else is a fault. */
const EXPECTED = new Set([
  'ok',
  'managed_session_name_conflict',
  'managed_pane_label_conflict',
  'managed_layout_capacity_exceeded',
  'managed_pane_illegal_transition',
  'managed_pane_illegal_recreate_source',
  'managed_pane_concurrent_recreate',
]);

let tower: Tower;
let clients: readonly ManagedClient[];
beforeAll(async () => {
  tower = await startTower();
  writeCatalog(tower.paths.configDir);
  clients = await Promise.all(NAMESPACES.map((name) => openClient(tower.paths.socket, name)));
});
afterAll(() => tower.stop());

const codeOf = ({ error }: Answer): string => error?.code ?? 'ok';
const clientAt = (index: number): ManagedClient => clients[index % 2] as ManagedClient;

async function allPanes(): Promise<readonly Pane[]> {
  const items: Pane[] = [];
  let after: string | null = null;
  do {
    const page: Items<Pane> = await clientAt(0).get('pane.list', { limit: 200, after });
    items.push(...page.items);
    after = page.next;
  } while (after !== null);
  return items;
}

test('a crowd that creates, removes, recreates and lists breaks nothing', async () => {
  const codes: string[] = [];
  const tell = async (answer: Promise<Answer>): Promise<Answer> => {
    const told = await answer;
    codes.push(codeOf(told));
    return told;
  };
  const visit = async (index: number): Promise<void> => {
    const client = clientAt(index);
    // Every session is wanted by two, so that they get into each other's way.
    const params = {
      container_id: 'local',
      template_name: index % 4 < 2 ? 'solo' : 'pair',
      tmux_session_name: `crowd-${Math.floor(index / 2)}`,
    };
    await tell(client.ask('layout.create', params));
    for (let round = 0; round < 3; round += 1) {
      await tell(client.ask('layout.list', { limit: 200 }));
      const listed = await tell(client.ask('pane.list', { limit: 200 }));
      const { items } = listed.result as Items<Pane>;
      const pane = items[(index * 7 + round) % items.length];
      if (pane === undefined) continue;
      if (pane.state === 'removed' || pane.state === 'failed') {
        await tell(client.ask('pane.recreate', { predecessor_pane_id: pane.pane_id }));
      } else {
        await tell(client.ask('pane.remove', { pane_id: pane.pane_id }));
      }
      await tell(client.ask('pane.detail', { pane_id: pane.pane_id }));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, index) => visit(index)));
  expect([...new Set(codes)].filter((code) => !EXPECTED.has(code))).toEqual([]);
  expect(codes.filter((code) => code === 'ok').length).toBeGreaterThan(CLIENTS);

  const panes = await until(
    async () => {
      const now = await allPanes();
      return now.every(({ state }) => state !== 'creating') ? now : undefined;
    },
    { timeoutMs: 60_000, label: 'nothing is being made any more' },
  );
  const living = panes.filter(({ state }) => state === 'ready');
  expect(panes.filter(({ state }) => state === 'failed' || state === 'degraded')).toEqual([]);
  const labels = living.map(({ label }) => label).toSorted();
  expect(new Set(labels).size).toBe(labels.length);
  await until(
    async () => {
      const titles = (await tower.panes()).map(({ title }) => title).toSorted();
      expect(titles).toEqual(labels);
      return true;
    },
    { timeoutMs: 20_000, label: 'tmux has exactly the panes that are ready' },
  );
  expect(findSequenceGaps(readEvents(tower.paths.eventsFile))).toEqual([]);
}, 120_000);

test('the limit of layouts holds however many ask at once', async () => {
  const { items } = await clientAt(0).get<Items<{ state: string }>>('layout.list', { limit: 200 });
  const before = items.filter(({ state }) => state !== 'removed').length;
  const answers = await Promise.all(
    Array.from({ length: CLIENTS }, (_, index) =>
      clientAt(index).ask('layout.create', {
        container_id: 'local',
        template_name: 'solo',
        tmux_session_name: `limit-${index}`,
      }),
    ),
  );
  const made = answers.filter(({ ok }) => ok);
  expect(made).toHaveLength(40 - before);
  const refused = answers.filter(({ ok }) => !ok);
  for (const { error } of refused) {
    expect(error).toMatchObject({
      code: 'managed_layout_capacity_exceeded',
      details: { current_count: 40, limit: 40 },
    });
  }
});

test('a layout that is removed makes room for another', async () => {
  const { items } = await clientAt(0).get<Items<{ layout_id: string; state: string }>>(
    'layout.list',
    { limit: 200 },
  );
  const living = items.filter(({ state }) => state !== 'removed');
  expect(living).toHaveLength(40);
  const [first] = living;
  await clientAt(0).settled(first?.layout_id ?? '');
  await clientAt(0).get('layout.remove', { layout_id: first?.layout_id });
  const { layout_id } = await clientAt(1).create('room', 'solo');
  expect((await clientAt(1).settled(layout_id)).state).toBe('ready');
}, 60_000);
