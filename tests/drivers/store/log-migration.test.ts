import { chmodSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import type { AgentId } from '../../../src/domain/ids.ts';
import { MIGRATIONS } from '../../../src/drivers/store/migrations.ts';
import { openStore } from '../../../src/drivers/store/open-store.ts';
import { countingUuid, freshPath, testClock } from './rows.ts';

const ONE = 'agt_000000000001' as AgentId;

/** A database as the program left it that knew no offsets yet. */
function writeOlder(path: string): void {
  const db = new Database(path);
  for (const { up } of MIGRATIONS.filter(({ version }) => version <= 2)) up(db, countingUuid());
  db.exec(`
    UPDATE schema_version SET version = 2;
    INSERT INTO agents VALUES ('${ONE}', NULL, 'local', 'one', 'slave', 'shell', 'adopted', 1, 5, 5);
    INSERT INTO log_attachments VALUES ('${ONE}', '/logs/one', 'active', 6, 7);`);
  db.close();
  chmodSync(path, 0o600);
}

test('a log attached before there were offsets is read from its beginning', () => {
  const path = freshPath();
  writeOlder(path);
  const store = openStore({ path, clock: testClock(), uuid: countingUuid() });
  expect(store.logs.readable()).toEqual([
    {
      attachment: {
        attachmentId: expect.stringMatching(/^lat_[0-9a-f]{12}$/) as string,
        agentId: ONE,
        path: '/logs/one',
        state: 'active',
        source: 'declared',
        attachedAt: 6,
        statusAt: 7,
      },
      container: 'local',
      isOver: false,
      progress: { offset: 0, line: 0, isInsideLine: false, isSilenceNews: false },
      file: { start: 0 },
      lastEventSeq: 0,
    },
  ]);
  store.close();
});

test('how far a log was read is kept with what it told, and comes back as it was', () => {
  const path = freshPath();
  writeOlder(path);
  const store = openStore({ path, clock: testClock(), uuid: countingUuid() });
  const [log] = store.logs.readable();
  const span = { byteStart: 1, byteEnd: 5, lineStart: 0, lineEnd: 1 };
  const progress = {
    offset: 5,
    line: 1,
    isInsideLine: true,
    isSilenceNews: true,
    lastOutputAt: 900,
    window: { id: 'w', startedAt: 800, count: 3, span, excerpt: 'x' },
  };
  const file = { start: 0, identity: '1:2:3', size: 9, modifiedAt: 850 };
  const finding = { type: 'error', ruleId: 'error.line.v1', span, excerpt: 'Error: x' } as const;
  store.transact((tx) => {
    if (log !== undefined) tx.recordReading(log, { progress, file }, [finding]);
  });
  expect(store.logs.reached(ONE, '/logs/one')).toEqual({ progress, file, lastEventSeq: 1 });
  expect(store.queryEvents({ types: ['error'], agent: ONE, limit: 5 })).toMatchObject([
    { seq: 1, sequence: 0, agentId: ONE, payload: { byte_range_start: 1, excerpt: 'Error: x' } },
  ]);
  store.close();
});
