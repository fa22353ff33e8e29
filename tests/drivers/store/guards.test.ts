import type Database from 'better-sqlite3';
import { beforeEach, describe, expect, test } from 'vitest';
import { PANE_STATES, type PaneState, transitionPath } from '../../../src/domain/states.ts';
import { staleGuards } from '../../../src/drivers/store/guards.ts';
import { openDatabase } from '../../../src/drivers/store/open-database.ts';
import {
  BENCH,
  countingUuid,
  freshPath,
  layoutId,
  layoutSpec,
  newLayout,
  newPane,
  newSlot,
  slotSpec,
  type TestStore,
  testStore,
} from './rows.ts';

/** Raw SQL on purpose: what is refused here is refused to every program that writes the file. */
let db: Database.Database;
let store: TestStore['store'];

beforeEach(() => {
  ({ db, store } = withOnePane());
});

function withOnePane(): TestStore {
  const opened = testStore();
  opened.store.transact((tx) => {
    tx.insertLayout(newLayout('web'));
    tx.insertSlot(newSlot('web', 'm1'));
    tx.insertSlot(newSlot('web', 's1'));
    tx.insertPane(newPane('web/m1', 'one'));
  });
  return opened;
}

const setPane = (assignment: string) => db.exec(`UPDATE managed_pane SET ${assignment}`);
const setLayout = (assignment: string) => db.exec(`UPDATE managed_layout SET ${assignment}`);
const copyPane = (id: string, columns: Record<string, string>) => {
  const row = db.prepare('SELECT * FROM managed_pane').get() as Record<string, unknown>;
  const copy = { ...row, ordinal: null, id, ...columns };
  const names = Object.keys(copy);
  db.prepare(
    `INSERT INTO managed_pane (${names.join()}) VALUES (${names.map((name) => `@${name}`).join()})`,
  ).run(copy);
};
const insertEvent = (id: string, columns: string) =>
  db.exec(`
    INSERT INTO events (event_id, type, actor, layout_id, pane_id, sequence, payload_json, at)
    VALUES ('${id}', 'x', 'daemon', ${columns}, 0)`);
const insertAgent = (origin: string, pane: string) =>
  db.exec(`
    INSERT INTO agents (
      agent_id, managed_pane_id, container, label, role, capability, origin, active, created_at, updated_at
    ) VALUES ('${origin}', ${pane}, 'local', 'x', 'slave', 'y', '${origin}', 1, 0, 0)`);
const elsewhere = { slot_id: 'slot-web/s1', label: 'other' };

/** Whether a pane that came to `from` by legal steps may be set to `to`. */
function canGo(from: PaneState, to: PaneState): boolean {
  const { db, store } = withOnePane();
  for (const state of transitionPath('creating', from)) {
    db.exec(`UPDATE managed_pane SET state = '${state}'`);
  }
  try {
    db.exec(`UPDATE managed_pane SET state = '${to}'`);
    return true;
  } catch (error) {
    if (!String(error).includes('illegal transition of a pane')) throw error;
    return false;
  } finally {
    store.close();
  }
}

describe('panes', () => {
  test('a slot has one live pane at most', () => {
    expect(() => copyPane('two', { label: 'other' })).toThrow(/UNIQUE.*managed_pane.slot_id/);
    setPane(`state = 'failed'`);
    copyPane('two', { label: 'other', state: 'creating' });
  });

  test('a label is unique among the live panes of a container', () => {
    expect(() => copyPane('two', { ...elsewhere, label: 'web-m1' })).toThrow(/UNIQUE.*label/);
    copyPane('two', { ...elsewhere, label: 'web-m1', container: 'bench' });
  });

  test('a tmux pane of one epoch belongs to one live pane', () => {
    setPane(`epoch = 'e', tmux_pane_id = '%1'`);
    expect(() => copyPane('two', elsewhere)).toThrow(/UNIQUE.*tmux_pane_id/);
    copyPane('two', { ...elsewhere, epoch: 'later' });
  });

  test('a pane begins in state creating', () => {
    expect(() => copyPane('two', { ...elsewhere, state: 'ready' })).toThrow(/begins in state/);
  });

  test('a pane goes only from state to state where the graph has an edge', () => {
    const reached = PANE_STATES.flatMap((from) =>
      PANE_STATES.filter((to) => from !== to && canGo(from, to)).map((to) => `${from} > ${to}`),
    );
    expect(reached).toEqual([
      'creating > ready',
      'creating > degraded',
      'creating > failed',
      'ready > degraded',
      'ready > removed',
      'degraded > failed',
      'degraded > removed',
      'failed > removed',
    ]);
  });

  test('a state or failed stage outside the closed sets is refused', () => {
    expect(() => setPane(`state = 'lost'`)).toThrow(/illegal transition|unknown state/);
    expect(() => setPane(`failed_stage = 'mood'`)).toThrow(/unknown state or failed stage/);
    const mood = { ...elsewhere, failed_stage: 'mood' };
    expect(() => copyPane('two', mood)).toThrow(/unknown state or failed stage/);
    setPane(`failed_stage = 'pane_create'`);
    setPane('failed_stage = NULL');
  });

  test('a pane needs a slot that exists', () => {
    expect(() => copyPane('two', { slot_id: 'nowhere', label: 'other' })).toThrow(/FOREIGN KEY/);
  });
});

describe('layouts and slots', () => {
  test('a name is unique among the open layouts of a container', () => {
    const again = newLayout('other', { spec: layoutSpec('web', { session: 'other' }) });
    expect(() => store.transact((tx) => tx.insertLayout(again))).toThrow(/UNIQUE.*name/);
    store.transact((tx) => tx.insertLayout({ ...again, id: layoutId('there'), container: BENCH }));
    setPane(`state = 'failed'`);
    store.transact((tx) => {
      tx.closeLayout(layoutId('web'));
      tx.insertLayout(again);
    });
  });

  test('two sessions that tmux would call the same cannot both be open', () => {
    const dotted = newLayout('a', { spec: layoutSpec('a', { session: 'a.b' }) });
    const ruled = newLayout('b', { spec: layoutSpec('b', { session: 'a_b' }) });
    store.transact((tx) => tx.insertLayout(dotted));
    expect(() => store.transact((tx) => tx.insertLayout(ruled))).toThrow(/UNIQUE.*tmux_session/);
  });

  test('a key is unique among the open slots of a layout', () => {
    const again = { ...newSlot('web', 's1'), id: 'slot-again' as never };
    expect(() => store.transact((tx) => tx.insertSlot(again))).toThrow(/UNIQUE.*slot_key/);
    store.transact((tx) => {
      tx.closeSlot(newSlot('web', 's1').id);
      tx.insertSlot(again);
    });
  });

  test('a generation never shrinks, and the observed one never passes it', () => {
    setLayout('generation = 3, observed_generation = 2');
    expect(() => setLayout('generation = 2')).toThrow('a generation only grows');
    expect(() => setLayout('observed_generation = 1')).toThrow('a generation only grows');
    expect(() => setLayout('observed_generation = 4')).toThrow(/CHECK/);
  });

  test('a layout with a state or failed stage outside the closed sets is refused', () => {
    expect(() => setLayout(`state = 'lost'`)).toThrow(/unknown state or failed stage/);
    expect(() => setLayout(`failed_stage = 'mood'`)).toThrow(/unknown state or failed stage/);
    const insert = db.prepare(`
      INSERT INTO managed_layout SELECT NULL, 'other', container, 'other', 'other', spec_json, spec_hash, source_kind,
        source_name, source_path, NULL, 1, 0, ?, NULL, sync, health, '[]', NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL, NULL
      FROM managed_layout`);
    expect(() => insert.run('lost')).toThrow(/unknown state or failed stage/);
    insert.run('creating');
  });

  test('a slot with a live pane cannot be closed, neither alone nor with its layout', () => {
    expect(() => store.transact((tx) => tx.closeSlot(newSlot('web', 'm1').id))).toThrow(
      'a slot with a live pane cannot be closed',
    );
    expect(() => store.transact((tx) => tx.closeLayout(layoutId('web')))).toThrow(/live pane/);
  });

  test('columns hold only their own type', () => {
    expect(() => setLayout(`updated_at = 'yesterday'`)).toThrow(/cannot store TEXT/);
    expect(() => setLayout('updated_at = 1.5')).toThrow(/cannot store REAL/);
  });
});

describe('events and the rest', () => {
  test.each([
    ['a pane', `'l', 'p', 0, '{}'`],
    ['a layout without a pane', `'l', NULL, 0, '{}'`],
    ['neither', `NULL, NULL, 0, '{}'`],
  ])('a sequence number of %s is used once', (_of, columns) => {
    insertEvent('a', columns);
    expect(() => insertEvent('b', columns)).toThrow(/UNIQUE/);
  });

  test('an event id is used once', () => {
    insertEvent('a', `'l', 'p', 0, '{}'`);
    expect(() => insertEvent('a', `'l', 'p', 1, '{}'`)).toThrow(/UNIQUE.*event_id/);
  });

  test('a payload that is not JSON is refused', () => {
    expect(() => insertEvent('a', `'l', 'p', 0, '{NaN'`)).toThrow(/CHECK.*json/);
  });

  test('a managed agent has a pane, an adopted one has none', () => {
    expect(() => insertAgent('managed', 'NULL')).toThrow(/CHECK/);
    expect(() => insertAgent('adopted', `'pane-one'`)).toThrow(/CHECK/);
    insertAgent('managed', `'pane-one'`);
    insertAgent('adopted', 'NULL');
  });

  test('there is one schema version', () => {
    expect(() => db.exec('INSERT INTO schema_version VALUES (1)')).toThrow(/UNIQUE/);
  });
});

test('guards of an older program are replaced at the next start', () => {
  const path = freshPath();
  const older = openDatabase(path, countingUuid()).db;
  older.exec('DROP TRIGGER pane_transition; DROP INDEX slot_key');
  older.exec('CREATE INDEX slot_key ON slot (slot_key)');
  expect(staleGuards(older).map((guard) => guard.name)).toEqual(['slot_key', 'pane_transition']);
  older.close();

  const reopened = openDatabase(path, countingUuid()).db;
  expect(staleGuards(reopened)).toEqual([]);
  reopened.close();
});

test('a label can be handed on once its pane has ended', () => {
  store.transact((tx) => {
    tx.updatePane(newPane('web/m1', 'one').id, { state: 'failed' });
    tx.insertPane(newPane('web/s1', 'two', { spec: slotSpec('s1', { label: 'web-m1' }) }));
  });
});
