import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { startDelivery } from '../src/agents/delivery-worker.ts';
import { addRoute } from '../src/agents/routes/routes.ts';
import { startRoutes } from '../src/agents/routes/worker.ts';
import type { AgentId, ContainerId } from '../src/domain/ids.ts';
import type { Role } from '../src/domain/spec.ts';
import { type OpenStore, openStore } from '../src/drivers/store/open-store.ts';
import { systemClock } from '../src/drivers/system/clock.ts';
import { randomIds } from '../src/drivers/system/ids.ts';
import { aFoundPane } from '../tests/support/found-pane.ts';
import { type Figure, figure } from './report.ts';

const ROUTES = 50;
const EVENTS_PER_SECOND = 100;
/** Events of one transaction: the reader tells all it finds in a piece of a log at once. */
const TOLD_AT_ONCE = 10;
const SECONDS = 30;
const SLAVES = 10;
const uuid = (): string => randomIds.uuid();

/** Every route takes every event: how far behind they get, and what it costs, while prompts are delivered. */
export async function benchRoutes(): Promise<{
  readonly figures: readonly Figure[];
  readonly details: readonly string[];
}> {
  const directory = mkdtempSync(join(tmpdir(), 'agenttower-bench-'));
  const store = openStore({ path: join(directory, 'db'), clock: systemClock, uuid });
  try {
    const { expected, behindMs, cpuMs, pauseMs } = await flood(store);
    const { made, mixed } = check(store);
    const name = `${ROUTES} routes × ${EVENTS_PER_SECOND} events/s for ${SECONDS} s`;
    return {
      figures: [
        figure(`${name}: prompts lost or doubled`, String(Math.abs(made - expected)), {
          target: '0',
          met: made === expected,
        }),
        figure(`${name}: out of order for their target`, String(mixed), {
          target: '0',
          met: mixed === 0,
        }),
        figure(`${name}: behind at the end`, `${behindMs.toFixed(0)} ms`, {
          target: '< 1000 ms',
          met: behindMs < 1_000,
        }),
      ],
      details: [
        `${name}: ${made} prompts, ${(cpuMs / SECONDS / 10).toFixed(0)} % of a core, longest pause of others ${pauseMs.toFixed(0)} ms`,
      ],
    };
  } finally {
    store.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function flood(store: OpenStore) {
  addAgent(store, 'agt_master', 'master');
  const slaves = Array.from({ length: SLAVES }, (_, index) => `agt_${index}`);
  for (const slave of slaves) addAgent(store, slave, 'slave');
  for (let index = 0; index < ROUTES; index += 1) {
    const target = slaves[index % SLAVES] as string;
    addRoute(draft(target), { store, uuid });
  }
  const queue = { store, clock: systemClock, uuid, isContainerActive: () => true };
  const routes = startRoutes({ ...queue, reach: () => {}, onProblem: rethrow });
  const delivery = startDelivery({
    ...queue,
    pass: async () => {},
    onProblem: rethrow,
    input: {
      paste: async () => ({ kind: 'done' }),
      enter: async () => ({ kind: 'done' }),
      trace: async () => 'unknown',
      clearLine: async () => true,
      screen: async () => undefined,
    },
  });
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const before = process.cpuUsage();
  const startedAt = performance.now();
  const count = EVENTS_PER_SECOND * SECONDS;
  for (let told = 0; told < count; told += TOLD_AT_ONCE) {
    await sleep(Math.max(0, startedAt + (told * 1_000) / EVENTS_PER_SECOND - performance.now()));
    tell(store, slaves[(told / TOLD_AT_ONCE) % SLAVES] as string, told);
  }
  // A program that is too slow tells the last one late.
  const lastAt = startedAt + SECONDS * 1_000;
  const expected = count * ROUTES;
  while (routes.status().eventsConsumed < expected) await sleep(5);
  const behindMs = performance.now() - lastAt;
  const { user, system } = process.cpuUsage(before);
  delay.disable();
  routes.stop();
  await delivery.stop();
  return { expected, behindMs, cpuMs: (user + system) / 1_000, pauseMs: delay.max / 1e6 };
}

function check(store: OpenStore): { readonly made: number; readonly mixed: number } {
  const rows = store.messages.list({ limit: 1_000_000, origin: 'route' });
  const pairs = new Set(rows.map(({ route }) => `${route?.id} ${route?.eventId}`));
  const last = new Map<string, number>();
  let mixed = rows.length - pairs.size;
  for (const { target, route } of rows) {
    const seq = route?.eventId ?? 0;
    if (seq < (last.get(target.id) ?? 0)) mixed += 1;
    last.set(target.id, seq);
  }
  return { made: rows.length, mixed };
}

function draft(target: string) {
  return {
    eventType: 'test_failed',
    scopeKind: 'any',
    targetRule: 'explicit',
    targetValue: target,
    masterRule: 'auto',
    template: 'Look at {source_label}: {event_excerpt}',
  };
}

function tell(store: OpenStore, agent: string, from: number): void {
  const range = {
    byte_range_start: 0,
    byte_range_end: 1,
    line_offset_start: 0,
    line_offset_end: 1,
  };
  const about = { attachment_id: 'lat_1', log_path: '/log', rule_id: 'r', debounce: null };
  store.transact((tx) => {
    for (let at = from; at < from + TOLD_AT_ONCE; at += 1) {
      const payload = { ...about, ...range, excerpt: `test ${at} failed: expected 1, got 2` };
      tx.emit({ type: 'test_failed', actor: 'daemon', agentId: agent as AgentId, payload });
    }
  });
}

function addAgent(store: OpenStore, id: string, role: Role): void {
  const pane = `%${store.registry.agents().length}`;
  store.transact((tx) =>
    tx.insertAgent({
      agentId: id as AgentId,
      container: 'local' as ContainerId,
      label: id,
      role,
      capability: 'unknown',
      projectPath: '',
      found: aFoundPane(pane, { socket: '/tmp/bench' }),
    }),
  );
}

function rethrow(error: unknown): void {
  throw error;
}
