import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAILPOINTS } from '../../src/reconcile/failpoints.ts';
import { until } from '../support/until.ts';
import {
  type Answer,
  type Created,
  type Items,
  type Layout,
  type ManagedClient,
  openClient,
  type Pane,
  type Recreated,
} from './support/managed-client.ts';
import { findSequenceGaps, readEvents, writeCatalog } from './support/managed-files.ts';
import { isAlive } from './support/processes.ts';
import { startTower, type Tower } from './support/tower.ts';

/** How many effects of each kind a request is killed at, one after the other; all of them with E2E_FAILPOINTS=99. */
const TIMES = Number(process.env['E2E_FAILPOINTS'] ?? '1');

let tower: Tower;
let round = 0;
beforeAll(async () => {
  tower = await startTower();
  writeCatalog(tower.paths.configDir);
});
afterAll(() => tower.stop());

const client = (): Promise<ManagedClient> => openClient(tower.paths.socket, 'managed');

/** One request, and what must be true of it once the daemon is back. */
interface Deed {
  readonly name: string;
  /** Makes what the request needs, on a healthy daemon. */
  readonly prepare: (session: string) => Promise<Prepared>;
}

interface Prepared {
  readonly send: (on: ManagedClient) => Promise<Answer>;
  /** `told` is the answer the client got before the daemon died, if it got one. */
  readonly check: (on: ManagedClient, told: Answer | undefined) => Promise<void>;
}

const DEEDS: readonly Deed[] = [
  {
    name: 'create',
    prepare: async (session) => {
      const params = {
        container_id: 'local',
        template_name: 'pair',
        tmux_session_name: session,
        idempotency_key: session,
      };
      return {
        send: (on) => on.ask('layout.create', params),
        check: async (on, told) => {
          const again = await on.get<Created>('layout.create', params);
          if (told !== undefined) {
            expect(again).toMatchObject({ replay: true, layout_id: idOf(told, 'layout_id') });
          }
          const made = (await layoutsIn(on, session)).map(({ layout_id }) => layout_id);
          expect(made).toEqual([again.layout_id]);
          expect((await on.settled(again.layout_id)).state).toBe('ready');
          await isStanding(session, [`${session}-a`, `${session}-b`]);
        },
      };
    },
  },
  {
    name: 'remove',
    prepare: async (session) => {
      const { first, second } = await makePair(session);
      const kept = (await standing(session)).find(({ title }) => title === second.label);
      return {
        send: (on) => on.ask('pane.remove', { pane_id: first.pane_id }),
        check: async (on, told) => {
          if (told !== undefined) expect((await on.pane(first.pane_id)).state).toBe('removed');
          expect(await on.get('pane.remove', { pane_id: first.pane_id })).toEqual({
            pane_id: first.pane_id,
            state: 'removed',
          });
          expect((await on.pane(first.pane_id)).state).toBe('removed');
          expect((await on.pane(second.pane_id)).state).toBe('ready');
          await isStanding(session, [second.label]);
          expect(await standing(session)).toEqual([kept]);
        },
      };
    },
  },
  {
    name: 'recreate',
    prepare: async (session) => {
      const { first, second } = await makePair(session);
      await (await client()).get('pane.remove', { pane_id: first.pane_id });
      const params = { predecessor_pane_id: first.pane_id, idempotency_key: session };
      return {
        send: (on) => on.ask('pane.recreate', params),
        check: async (on, told) => {
          const again = await on.get<Recreated>('pane.recreate', params);
          if (told !== undefined) {
            expect(again).toMatchObject({ replay: true, pane_id: idOf(told, 'pane_id') });
          }
          const layout = await on.settled(first.layout_id);
          expect(layout.state).toBe('ready');
          const successors = layout.panes.filter((one) => one.predecessor_id === first.pane_id);
          expect(successors.map(({ pane_id, state }) => [pane_id, state])).toEqual([
            [again.pane_id, 'ready'],
          ]);
          await isStanding(session, [first.label, second.label]);
        },
      };
    },
  },
  {
    name: 'remove of a whole layout',
    prepare: async (session) => {
      const { first } = await makePair(session);
      const params = { layout_id: first.layout_id };
      return {
        send: (on) => on.ask('layout.remove', params),
        check: async (on, told) => {
          if (told !== undefined) {
            expect((await on.detail(first.layout_id)).state).toBe(idOf(told, 'state'));
          }
          expect(await on.get('layout.remove', params)).toEqual({ ...params, state: 'removed' });
          await isStanding(session, []);
        },
      };
    },
  },
];

const CASES = DEEDS.flatMap((deed) => FAILPOINTS.map((point) => ({ deed, point, of: deed.name })));

test.each(CASES)(
  '$of: a daemon that dies at $point is held to its answer, and a second request makes no second pane',
  async ({ deed, point }) => {
    for (let nth = 1; nth <= TIMES; nth += 1) {
      round += 1;
      const prepared = await deed.prepare(`s${round}`);
      const { told, hasDied } = await sendUntilDeath(prepared, `${point}=kill:${nth}`);
      expect(nth > 1 || hasDied, `${point} was never reached by the request`).toBe(true);
      await tower.restartDaemon();
      const on = await client();
      await prepared.check(on, told);
      await on.get('layout.remove', { layout_id: await layoutOf(on, `s${round}`) });
      await isStanding(`s${round}`, []);
      if (!hasDied) break;
    }
    await until(() => findSequenceGaps(readEvents(tower.paths.eventsFile)).length === 0, {
      label: 'the sequences are whole',
    });
  },
  240_000,
);

/** The answer before the daemon died, and whether it died; only what it does after the request came counts. */
async function sendUntilDeath(
  { send }: Prepared,
  failpoint: string,
): Promise<{ readonly told: Answer | undefined; readonly hasDied: boolean }> {
  tower.env['AGENTTOWER_FAILPOINTS'] = `on-signal:${failpoint}`;
  await tower.restartDaemon('SIGTERM');
  delete tower.env['AGENTTOWER_FAILPOINTS'];
  const on = await client();
  const { pid } = await tower.call<{ pid: number }>('status');
  process.kill(pid, 'SIGUSR2');
  await tower.call('ping');
  const told = await send(on).catch(() => undefined);
  if (told?.ok === false) throw new Error(`it was refused: ${JSON.stringify(told.error)}`);
  const hasDied = await until(() => !isAlive(pid), {
    timeoutMs: 5_000,
    label: 'the daemon dies',
  }).catch(() => false);
  return { told, hasDied };
}

async function makePair(session: string): Promise<{ readonly first: Pane; readonly second: Pane }> {
  const on = await client();
  const { layout_id } = await on.create(session, 'pair');
  const [first, second] = (await on.settled(layout_id)).panes;
  if (first === undefined || second === undefined) throw new Error('no pair');
  return { first, second };
}

/** Layouts that have a pane in the session. */
async function layoutsIn(on: ManagedClient, session: string): Promise<readonly Layout[]> {
  const { items } = await on.get<Items<Layout>>('layout.list', { limit: 200 });
  const details = await Promise.all(items.map(({ layout_id }) => on.detail(layout_id)));
  return details.filter(({ panes }) => panes.some(({ label }) => label === `${session}-a`));
}

async function layoutOf(on: ManagedClient, session: string): Promise<string> {
  const [layout] = await layoutsIn(on, session);
  if (layout === undefined) throw new Error(`no layout ${session}`);
  return layout.layout_id;
}

async function standing(session: string) {
  return (await tower.panes()).filter((pane) => pane.session === session);
}

/** tmux shows one pane for each label in the session, running, and no other. */
async function isStanding(session: string, labels: readonly string[]): Promise<void> {
  await until(
    async () => {
      const panes = await standing(session);
      const titles = panes.map(({ title }) => title).toSorted();
      return panes.every(({ dead }) => !dead) && titles.join() === labels.toSorted().join();
    },
    { timeoutMs: 20_000, label: `${session} shows ${labels.join()}` },
  );
}

function idOf({ result }: Answer, field: string): unknown {
  return (result as Readonly<Record<string, unknown>>)[field];
}
