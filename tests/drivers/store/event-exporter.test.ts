import { describe, expect, test } from 'vitest';
import { type EventFile, startEventExporter } from '../../../src/drivers/store/event-exporter.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import { until } from '../../support/until.ts';
import { layoutId, newLayout, type TestStore, testClock, testStore } from './rows.ts';

interface Line {
  readonly event_id: string;
  readonly seq: number;
}

/** A file in memory that can be told to fail. */
function testFile() {
  const file = {
    text: '',
    appends: 0,
    attempts: 0,
    problem: undefined as string | undefined,
    append: (lines: string) => {
      file.attempts += 1;
      if (file.problem !== undefined) return Promise.reject(new Error(file.problem));
      file.appends += 1;
      file.text += lines;
      return Promise.resolve();
    },
    lines: () =>
      file.text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Line),
  };
  return file satisfies EventFile;
}

/** A clock whose sleeps end when the test says so. */
function sleepyClock() {
  const sleeps: number[] = [];
  const wakers: (() => void)[] = [];
  const clock: Clock = {
    ...testClock(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        sleeps.push(ms);
        wakers.push(resolve);
        signal?.addEventListener('abort', () => {
          resolve();
        });
      }),
  };
  const wake = () => {
    for (const waker of wakers.splice(0)) waker();
  };
  return { clock, sleeps, wake };
}

function start(store: TestStore['store'], file: EventFile, clock: Clock = testClock()) {
  const messages: string[] = [];
  const stop = startEventExporter({ store, file, clock, log: (text) => messages.push(text) });
  return { stop, messages };
}

function emit(store: TestStore['store'], count = 1): void {
  store.transact((tx) => {
    for (let index = 0; index < count; index += 1) {
      tx.emit({
        type: 'layout_removed',
        actor: 'operator',
        layoutId: layoutId('web'),
        payload: { name: 'web', reason: 'DeleteRequested' },
      });
    }
  });
}

const seqs = (file: ReturnType<typeof testFile>) => file.lines().map((line) => line.seq);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

describe('the exporter', () => {
  test('writes one line an event, with the envelope of the contract', async () => {
    const { store, clock } = testStore();
    const file = testFile();
    clock.set(1_500);
    emit(store);
    clock.set(2_000);
    await start(store, file, clock).stop();
    expect(file.lines()).toEqual([
      {
        ts: '1970-01-01T00:00:02.000000Z',
        event_id: store.eventsAfter(0, 1)[0]?.eventId,
        seq: 1,
        origin: 'managed',
        event_type: 'layout_removed',
        actor: 'operator',
        layout_id: layoutId('web'),
        pane_id: null,
        sequence: 0,
        payload: { name: 'web', reason: 'DeleteRequested' },
        timestamp: '1970-01-01T00:00:01.500000Z',
      },
    ]);
  });

  test('follows every commit, in order', async () => {
    const { store } = testStore();
    const file = testFile();
    emit(store, 3);
    const { stop } = start(store, file);
    await until(() => file.appends === 1);
    emit(store, 2);
    await until(() => file.appends === 2);
    emit(store, 1_200);
    await until(() => store.exportedSeq() === 1_205);
    await stop();
    expect(seqs(file)).toEqual(upTo(1_205));
  });

  test('exports what is left when it is stopped', async () => {
    const { store } = testStore();
    const file = testFile();
    const { stop } = start(store, file);
    emit(store, 2);
    const stopped = stop();
    await stopped;
    expect(seqs(file)).toEqual([1, 2]);
    emit(store);
    expect(seqs(file)).toEqual([1, 2]);
  });

  test('writes nothing, neither file nor database, when there is nothing new', async () => {
    const { db, store } = testStore();
    const file = testFile();
    emit(store);
    await start(store, file).stop();
    const changes = db.prepare('SELECT total_changes()').pluck();
    const { stop } = start(store, file);
    store.transact((tx) => tx.insertLayout(newLayout('web')));
    const before = changes.get();
    await stop();
    expect(file.attempts).toBe(1);
    expect(changes.get()).toBe(before);
  });

  test('goes on after a file that could not be written, backing off, telling it once', async () => {
    const { store } = testStore();
    const file = testFile();
    const { clock, sleeps, wake } = sleepyClock();
    file.problem = 'ENOSPC';
    emit(store);
    const { stop, messages } = start(store, file, clock);
    for (let count = 1; count <= 8; count += 1) {
      await until(() => sleeps.length === count);
      // Requests are served all the while.
      emit(store);
      if (count === 8) file.problem = undefined;
      wake();
    }
    await until(() => store.exportedSeq() === 9);
    await stop();
    expect(sleeps).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(messages).toEqual(['events cannot be exported for now', 'events are exported again']);
    expect(seqs(file)).toEqual(upTo(9));
  });

  test('stops at once while it is backing off', async () => {
    const { store } = testStore();
    const file = testFile();
    const { clock, sleeps } = sleepyClock();
    file.problem = 'EROFS';
    emit(store);
    const { stop } = start(store, file, clock);
    await until(() => sleeps.length === 1);
    await stop();
    expect(store.exportedSeq()).toBe(0);
  });

  test('does not repeat lines while the database cannot note that they were written', async () => {
    const { store } = testStore();
    const file = testFile();
    const { clock, sleeps, wake } = sleepyClock();
    let isFull = true;
    const full = {
      ...store,
      recordExported: (seq: number) => {
        if (isFull) throw new Error('disk full');
        store.recordExported(seq);
      },
    };
    emit(store);
    const { stop } = start(full, file, clock);
    await until(() => sleeps.length === 1);
    emit(store);
    wake();
    await until(() => sleeps.length === 2);
    isFull = false;
    wake();
    await until(() => store.exportedSeq() === 2);
    await stop();
    expect(seqs(file)).toEqual([1, 2]);
  });

  test('that died between the file and the mark repeats lines under the same ids', async () => {
    const { store } = testStore();
    const file = testFile();
    const dying = {
      ...store,
      recordExported: () => {
        throw new Error('killed');
      },
    };
    emit(store, 3);
    await start(dying, file).stop();
    emit(store);
    await start(store, file).stop();
    expect(seqs(file)).toEqual([1, 2, 3, 1, 2, 3, 4]);
    const ids = file.lines().map((line) => line.event_id);
    expect(ids.slice(3, 6)).toEqual(ids.slice(0, 3));
    expect(new Set(ids).size).toBe(4);
  });
});
