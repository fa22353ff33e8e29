import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NewEvent, StoredEvent } from '../../../src/domain/events.ts';
import { layoutId, paneId, testStore, thrownBy } from './rows.ts';

const created = (pane: string): NewEvent => ({
  type: 'managed_pane_created',
  actor: 'daemon',
  layoutId: layoutId('web'),
  paneId: paneId(pane),
  payload: { role: 'slave', label: pane, tmux_session_name: 'web', tmux_pane_index: 0 },
});
const configured = (layout: string): NewEvent => ({
  type: 'layout_configured',
  actor: 'operator',
  layoutId: layoutId(layout),
  payload: { name: layout, generation: 2, source: 'apply' },
});
const streamOf = (event: StoredEvent) => event.paneId ?? event.layoutId;
const recovered: NewEvent = {
  type: 'source_recovered',
  actor: 'daemon',
  payload: { source: 'team' },
};

test('an event comes back as it was told, with its number and time', () => {
  const { store, clock } = testStore();
  clock.set(5_000);
  store.transact((tx) => tx.emit(created('one')));
  expect(store.eventsAfter(0, 10)).toStrictEqual([
    {
      seq: 1,
      eventId: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      sequence: 0,
      ...created('one'),
      at: 5_000,
    },
  ]);
});

test('marker events are told of the pane alone', () => {
  const { store } = testStore();
  store.transact((tx) => {
    tx.emit(configured('web'));
    for (const type of [
      'managed_pane_pending_marker_set',
      'managed_pane_pending_marker_cleared',
    ] as const) {
      tx.emit({
        type,
        actor: 'daemon',
        layoutId: layoutId('web'),
        paneId: paneId('one'),
        payload: { marker_token: 't' },
      });
    }
  });
  const events = store.eventsAfter(1, 10);
  expect(events.map((event) => [event.layoutId, event.paneId, event.sequence])).toEqual([
    [undefined, paneId('one'), 0],
    [undefined, paneId('one'), 1],
  ]);
});

test('numbers rise without a gap per pane, per layout and for the rest, whatever is rolled back', () => {
  const event = fc.constantFrom(
    created('one'),
    created('two'),
    configured('web'),
    configured('api'),
    recovered,
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.array(event), fc.boolean())), (batches) => {
      const { db, store } = testStore();
      for (const [events, endsWell] of batches) {
        try {
          store.transact((tx) => {
            for (const each of events) tx.emit(each);
            if (!endsWell) throw new Error('rolled back');
          });
        } catch {}
      }
      const stored = store.eventsAfter(0, 10_000);
      const expected = batches.flatMap(([events, endsWell]) => (endsWell ? events : []));
      expect(stored.map((each) => each.payload)).toEqual(expected.map((each) => each.payload));
      expect(stored.map((each) => each.seq)).toEqual(expected.map((_, index) => index + 1));
      for (const of of new Set(stored.map(streamOf))) {
        const stream = stored.filter((each) => streamOf(each) === of);
        expect(stream.map((each) => each.sequence)).toEqual(stream.map((_, index) => index));
      }
      db.close();
    }),
    { numRuns: 100 },
  );
});

test('events are read in pages, and the last one is known', () => {
  const { store } = testStore();
  expect(store.lastSeq()).toBe(0);
  store.transact((tx) => {
    for (const name of ['a', 'b', 'c', 'd']) tx.emit(configured(name));
  });
  expect(store.eventsAfter(1, 2).map((event) => event.seq)).toEqual([2, 3]);
  expect(store.eventsAfter(4, 2)).toEqual([]);
  expect(store.lastSeq()).toBe(4);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('a payload with %s is refused', (number) => {
  const { store } = testStore();
  const refusal = thrownBy(() =>
    store.transact((tx) =>
      tx.emit({
        type: 'slot_crash_loop',
        actor: 'daemon',
        layoutId: layoutId('web'),
        payload: { label: 'm1', exits: number },
      }),
    ),
  );
  expect(String(refusal)).toContain(`${number} at "exits"`);
  expect(store.lastSeq()).toBe(0);
});
