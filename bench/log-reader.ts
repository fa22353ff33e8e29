import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startReader } from '../src/agents/logs/reader.ts';
import type { AgentId, ContainerId } from '../src/domain/ids.ts';
import { type OpenStore, openStore } from '../src/drivers/store/open-store.ts';
import { systemClock } from '../src/drivers/system/clock.ts';
import { randomIds } from '../src/drivers/system/ids.ts';
import { openLogFiles } from '../src/drivers/system/log-files.ts';
import { aFoundPane } from '../tests/support/found-pane.ts';
import { type Figure, figure } from './report.ts';

const LOG_BYTES = 256 * 1_024 * 1_024;
const IDLE_LOGS = 500;
const IDLE_MS = 20_000;
const LINES = [
  '\u001b[32m2026-11-21 12:00:00\u001b[0m info compiling src/agents/logs/reader.ts in 12 ms\r\n',
  '    at Object.<anonymous> (/work/project/src/index.ts:10:15), which goes on for a while\r\n',
  'Größe der Datei überprüft, alles in Ordnung\r\n',
  '{"level":"info","message":"request completed","path":"/api/v1/things","ms":12}\r\n',
];

/** The reader of attached logs: how much one core reads, and what reading nothing costs. */
export async function benchLogReader(): Promise<{
  readonly figures: readonly Figure[];
  readonly details: readonly string[];
}> {
  const { cpuMs, events } = await readOneLog();
  const speed = LOG_BYTES / 1_000 / cpuMs;
  const idleShare = await readNothing();
  const each = ((idleShare * 1_000_000) / IDLE_LOGS).toFixed(1);
  return {
    figures: [
      figure('log read, rendered and classified on one core', `${speed.toFixed(0)} MB/s`, {
        target: '≥ 100 MB/s',
        met: speed >= 100,
      }),
      figure(
        `reading ${IDLE_LOGS} logs nothing is written to`,
        `${(idleShare * 100).toFixed(2)} % of a core`,
        { target: '< 1 %', met: idleShare < 0.01 },
      ),
    ],
    details: [
      `${LOG_BYTES / 1_048_576} MiB of coloured build output: ${cpuMs.toFixed(0)} ms of processor time, ${events} events`,
      `an attachment to which nothing is written: ${each} µs of processor time a second`,
    ],
  };
}

async function readOneLog() {
  const bench = openBench();
  const block = LINES.join('').repeat(1_000);
  const log = Buffer.alloc(LOG_BYTES, block);
  bench.attach('0', log);
  const before = process.cpuUsage();
  const reader = bench.start();
  while (bench.offset('0') < LOG_BYTES - block.length) await sleep(20);
  const { user, system } = process.cpuUsage(before);
  await reader.stop();
  const events = bench.store.lastSeq();
  bench.close();
  return { cpuMs: (user + system) / 1_000, events };
}

async function readNothing(): Promise<number> {
  const bench = openBench();
  for (let number = 0; number < IDLE_LOGS; number += 1) {
    bench.attach(String(number), Buffer.from('hello\r\n$ '));
  }
  const reader = bench.start();
  // Until all there is to tell has been told, and the reader has slowed down.
  await sleep(15_000);
  const before = process.cpuUsage();
  await sleep(IDLE_MS);
  const { user, system } = process.cpuUsage(before);
  await reader.stop();
  bench.close();
  return (user + system) / 1_000 / IDLE_MS;
}

const agentOf = (name: string) => `agt_${name.padStart(12, '0')}` as AgentId;

function openBench() {
  const directory = mkdtempSync(join(tmpdir(), 'agenttower-bench-logs-'));
  const path = join(directory, 'bench.sqlite3');
  const store: OpenStore = openStore({ path, clock: systemClock, uuid: () => randomIds.uuid() });
  const fileOf = (name: string) => join(directory, `${name}.log`);
  return {
    store,
    attach: (name: string, content: Buffer) => {
      writeFileSync(fileOf(name), content, { mode: 0o600 });
      store.transact((tx) => {
        insertAgent(tx, agentOf(name), name);
        tx.attachLog(agentOf(name), fileOf(name), 'explicit');
      });
    },
    offset: (name: string) => store.logs.reached(agentOf(name), fileOf(name))?.progress.offset ?? 0,
    start: () =>
      startReader({
        store,
        files: openLogFiles(2),
        clock: systemClock,
        log: () => undefined,
        giveWay: () =>
          new Promise((resolve) => {
            setImmediate(resolve);
          }),
        newWindowId: () => randomIds.uuid().slice(-12),
        patience: { activityWindowMs: 1_000, longRunningMs: 2_000, paneExitedMs: 2_000 },
      }),
    close: () => {
      store.close();
      rmSync(directory, { recursive: true });
    },
  };
}

function insertAgent(
  tx: Parameters<Parameters<OpenStore['transact']>[0]>[0],
  agentId: AgentId,
  name: string,
): void {
  tx.insertAgent({
    agentId,
    container: 'local' as ContainerId,
    label: name,
    role: 'slave',
    capability: 'shell',
    projectPath: '',
    found: aFoundPane(`%${name}`),
  });
}
