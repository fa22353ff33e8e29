import { appendFileSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { LogStore } from '../../../src/agents/logs/ports.ts';
import { type Reader, startReader } from '../../../src/agents/logs/reader.ts';
import type { AgentId } from '../../../src/domain/ids.ts';
import { isLogEventType, type LogEventPayload } from '../../../src/domain/log-events.ts';
import { openLogFiles } from '../../../src/drivers/system/log-files.ts';
import {
  newLayout,
  newPane,
  newSlot,
  paneId,
  type TestStore,
  testStore,
} from '../../drivers/store/rows.ts';

export interface LogEvent {
  readonly type: string;
  readonly agent: string | undefined;
  readonly payload: LogEventPayload;
}

export interface Bench {
  readonly opened: TestStore;
  readonly path: (agent: string) => string;
  /** Registers an agent that logs to a file of its own. */
  add(agent: string): void;
  end(agent: string): void;
  print(agent: string, text: string | Buffer): void;
  rotate(agent: string): void;
  /** Starts a reader anew, as after a crash: of the one before, only what it recorded is left. */
  start(store?: LogStore): Reader;
  /** Moves time on, in small steps, letting the reader run. */
  pass(ms: number): Promise<void>;
  events(): readonly LogEvent[];
}

const turns = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** A store in memory, files on the disk, and time that moves when told to. */
export function openBench(): Bench {
  const opened = testStore();
  const directory = mkdtempSync(join(tmpdir(), 'agenttower-logs-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  let now = 1_000_000;
  opened.clock.set(now);
  const sleepers = new Set<{ at: number; wake: () => void }>();
  const clock = {
    now: () => now,
    monotonic: () => now,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        const wake = (): void => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = { at: now + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake);
        if (signal?.aborted === true) wake();
      }),
  };
  let windows = 0;
  const path = (agent: string): string => join(directory, `${agent}.log`);
  opened.store.transact((tx) => tx.insertLayout(newLayout('web')));
  return {
    opened,
    path,
    add: (agent) => {
      appendFileSync(path(agent), '', { mode: 0o600 });
      opened.store.transact((tx) => {
        tx.insertSlot(newSlot('web', agent));
        tx.insertPane(newPane(`web/${agent}`, agent, { logPath: path(agent) }));
        tx.registerAgent(paneId(agent));
      });
    },
    end: (agent) =>
      opened.store.transact((tx) => tx.updatePane(paneId(agent), { state: 'failed' })),
    print: (agent, text) => appendFileSync(path(agent), text),
    rotate: (agent) => {
      for (const number of [2, 1]) {
        const name = `${path(agent)}.${number}`;
        if (existsSync(name)) renameSync(name, `${path(agent)}.${number + 1}`);
      }
      renameSync(path(agent), `${path(agent)}.1`);
      appendFileSync(path(agent), '', { mode: 0o600 });
    },
    start: (store = opened.store) => {
      const reader = startReader({
        store,
        files: openLogFiles(3),
        clock,
        log: () => undefined,
        giveWay: turns,
        newWindowId: () => (windows += 1).toString(16).padStart(12, '0'),
      });
      return reader;
    },
    pass: async (ms) => {
      const end = now + ms;
      while (now < end) {
        now = Math.min(end, now + 100);
        opened.clock.set(now);
        for (const sleeper of sleepers) if (sleeper.at <= now) sleeper.wake();
        for (let turn = 0; turn < 6; turn += 1) await turns();
      }
    },
    events: () =>
      opened.store
        .eventsAfter(0, 100_000)
        .filter(({ type }) => isLogEventType(type))
        .map(({ type, agentId, payload }) => ({
          type,
          agent: agentId,
          payload: payload as unknown as LogEventPayload,
        })),
  };
}

export const agentId = (name: string) => `agt_${name}` as AgentId;
