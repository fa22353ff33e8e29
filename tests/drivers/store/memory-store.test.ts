import { expect, test } from 'vitest';
import { openMemoryStore } from '../../../src/drivers/store/memory-store.ts';
import { countingUuid, newLayout, newPane, newSlot, paneId, testClock } from './rows.ts';

test('a memory store that is reset is as if just opened', () => {
  let count = 0;
  const uuid = () => `00000000-0000-4000-8000-${String((count += 1)).padStart(12, '0')}`;
  const store = openMemoryStore({ clock: testClock(), uuid });
  const fill = () => {
    store.transact((tx) => {
      tx.insertLayout(newLayout('web'));
      tx.insertSlot(newSlot('web', 'm1'));
      tx.insertPane(newPane('web/m1', 'old', { logPath: '/log' }));
      tx.registerAgent(paneId('old'));
      tx.updatePane(paneId('old'), { state: 'failed' });
      tx.insertPane(newPane('web/m1', 'new', { replacesPaneId: paneId('old') }));
      tx.emit({ type: 'source_recovered', actor: 'daemon', payload: { source: 'x' } });
      tx.putObject({ kind: 'LaunchProfile', name: 'p', source: 'apply', path: '', content: 1 });
      tx.spendPlan('plan');
    });
    store.recordExported(1);
    return [store.installation, store.lineage, store.layouts(), store.eventsAfter(0, 9)];
  };
  const before = fill();

  count = 0;
  store.reset();
  expect(store.layouts()).toEqual([]);
  expect(store.objects()).toEqual([]);
  expect([store.lastSeq(), store.exportedSeq()]).toEqual([0, 0]);
  expect(store.transact((tx) => tx.spendPlan('plan'))).toBe(true);

  count = 0;
  store.reset();
  expect(fill()).toEqual(before);
  store.close();
});

test('each reset gives a new identity', () => {
  const store = openMemoryStore({ clock: testClock(), uuid: countingUuid() });
  const { installation } = store;
  store.reset();
  expect(store.installation).not.toBe(installation);
  store.close();
});
