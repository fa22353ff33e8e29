import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import type { PanePipes } from '../../../src/agents/logs/ports.ts';
import type { PaneInput } from '../../../src/agents/ports.ts';
import type { AgentId } from '../../../src/domain/ids.ts';
import { openLogFiles } from '../../../src/drivers/system/log-files.ts';
import { openLogPaths } from '../../../src/drivers/system/log-paths.ts';
import type { LogEventView } from '../../../src/surfaces/api/log-protocol.ts';
import type { CallContext, Method } from '../../../src/surfaces/api/method.ts';
import { eventMethods } from '../../../src/surfaces/api/methods/events.ts';
import { logEventMethods } from '../../../src/surfaces/api/methods/log-events.ts';
import { logMethods } from '../../../src/surfaces/api/methods/logs.ts';
import { LOCAL, type TestStore, testStore } from '../../drivers/store/rows.ts';
import { aFoundPane } from '../../support/found-pane.ts';

const ONE = 'agt_000000000001' as AgentId;
const TWO = 'agt_000000000002' as AgentId;

let opened: TestStore;
let directory: string;
let asked: unknown[];
let outcome: Awaited<ReturnType<PaneInput['enter']>>;
let methods: ReadonlyMap<string, Method>;

beforeEach(() => {
  opened = testStore();
  directory = mkdtempSync(join(tmpdir(), 'agenttower-log-methods-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  asked = [];
  outcome = { kind: 'done' };
  addAgent(ONE, '1');
  addAgent(TWO, '2');
  methods = openMethods();
});

function openMethods(): ReadonlyMap<string, Method> {
  const { store, clock } = opened;
  const pipes: PanePipes = {
    pipe: async (target, to) => {
      asked.push({ pane: target.pane, ...to });
      return outcome;
    },
  };
  const paths = openLogPaths({
    logs: {
      prepare: (_container, agent) => {
        writeFileSync(join(directory, `${agent}.log`), '', { flag: 'a', mode: 0o600 });
        return { path: join(directory, `${agent}.log`) };
      },
    },
    containerOf: () => undefined,
    logsDir: directory,
    ownDirectories: ['/state'],
  });
  const logs = { store, pipes, paths, files: openLogFiles(2), events: store };
  const nextCommit = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      store.watchCommits(resolve);
      signal.addEventListener('abort', () => resolve());
    });
  let ids = 0;
  const uuid = () => `00000000-0000-4000-8000-${String((ids += 1)).padStart(12, '0')}`;
  const services = {
    store,
    clock,
    logs,
    agents: { store },
    nextCommit,
    ids: { uuid },
    resolveContainer: () => undefined,
  };
  return new Map([
    ...logMethods(services as never),
    ...eventMethods(services as never),
    ...logEventMethods(services as never),
  ]);
}

function addAgent(agentId: AgentId, pane: string): void {
  opened.store.transact((tx) =>
    tx.insertAgent({
      agentId,
      container: LOCAL,
      label: `label-${pane}`,
      role: 'slave',
      capability: 'claude',
      projectPath: '',
      found: aFoundPane(`%${pane}`, { pid: 7, session: 's' }),
    }),
  );
}

async function call<T = Record<string, unknown>>(method: string, params: object = {}): Promise<T> {
  const context = {
    peer: { pid: 1, uid: 1_000, gid: 1 },
    scope: { kind: 'host' },
    signal: new AbortController().signal,
  } as unknown as CallContext;
  return (await methods.get(method)?.run(params as never, context)) as T;
}

/** Events of a log as the reader would record them. */
function tell(count: number, agent = ONE): void {
  opened.store.transact((tx) => {
    for (let number = 0; number < count; number += 1) {
      tx.emit({
        type: number % 2 === 0 ? 'error' : 'activity',
        actor: 'daemon',
        agentId: agent,
        payload: {
          attachment_id: 'lat_1',
          log_path: '/log',
          rule_id: 'error.line.v1',
          byte_range_start: number,
          byte_range_end: number + 1,
          line_offset_start: number,
          line_offset_end: number + 1,
          excerpt: `event ${number}`,
          debounce: null,
        },
      });
    }
  });
}

test('a first log leaves a copy of someone else alone, the same again goes on, another one takes its place', async () => {
  const first = await call('attach_log', { agent_id: ONE });
  expect(first).toMatchObject({ status: 'active', is_new: true, prior_status: null });
  const again = await call('attach_log', { agent_id: 'label-1' });
  expect(again).toMatchObject({ is_new: false, attachment_id: first['attachment_id'] });
  const other = join(directory, 'other.log');
  const next = await call('attach_log', { agent_id: ONE, log_path: other });
  expect(next).toMatchObject({ is_new: true, prior_status: 'active', log_path: other });
  expect(asked.map((each) => (each as { mode: string }).mode)).toEqual([
    'refuse',
    'keep',
    'replace',
  ]);
  const back = await call('attach_log', { agent_id: ONE });
  expect(back).toMatchObject({ is_new: true, byte_offset: 0 });
  const told = opened.store.eventsAfter(0, 100).map(({ type }) => type);
  expect(told.filter((type) => type === 'log_attachment_change')).toHaveLength(3);
});

test('a pane that cannot be copied has no log attached', async () => {
  outcome = { kind: 'refused', message: 'it is gone' };
  await expect(call('attach_log', { agent_id: ONE })).rejects.toMatchObject({
    code: 'pipe_pane_failed',
    message: expect.stringContaining('it is gone') as string,
  });
  expect(await call('attach_log_status', { agent_id: ONE })).toMatchObject({
    attachment: { status: 'detached' },
  });
});

test.each([
  ['relative.log', 'log_path_invalid'],
  ['/tmp/../etc/passwd', 'log_path_invalid'],
  ['/proc/self/mem', 'log_path_invalid'],
  ['/state/agenttower.sqlite3', 'log_path_invalid'],
  ['/tmp/a\nb', 'log_path_invalid'],
])('%j is no path for a log', async (log_path, code) => {
  await expect(call('attach_log', { agent_id: ONE, log_path })).rejects.toMatchObject({ code });
  expect(asked).toEqual([]);
});

test('two agents never write to one log', async () => {
  const log_path = join(directory, 'shared.log');
  await call('attach_log', { agent_id: ONE, log_path });
  await expect(call('attach_log', { agent_id: TWO, log_path })).rejects.toMatchObject({
    code: 'log_path_in_use',
    details: { agent_id: ONE },
  });
});

test('a detached log is not copied any more, and can be looked at', async () => {
  await expect(call('detach_log', { agent_id: ONE })).rejects.toMatchObject({
    code: 'attachment_not_found',
  });
  await call('attach_log', { agent_id: ONE });
  appendFileSync(join(directory, `${ONE}.log`), 'hello\n');
  expect(await call('detach_log', { agent_id: ONE })).toMatchObject({ status: 'detached' });
  expect(asked.at(-1)).toEqual({ pane: '%1', mode: 'replace' });
  expect(await call('attach_log_preview', { agent_id: ONE, lines: 5 })).toEqual({
    lines: ['hello'],
  });
});

test('a preview is the end of a log over its rotation, rendered and without secrets', async () => {
  await call('attach_log', { agent_id: ONE });
  const path = join(directory, `${ONE}.log`);
  const preview = (lines: number) => call('attach_log_preview', { agent_id: ONE, lines });
  expect(await preview(3)).toEqual({ lines: [] });
  appendFileSync(path, 'one\ntwo\nsplit ');
  renameSync(path, `${path}.1`);
  writeFileSync(path, 'line\r\n\u001b[1msk-\u001b[0mABCDEFGHIJKLMNOPQRSTUVWX\n$ ', { mode: 0o600 });
  expect(await preview(2)).toEqual({ lines: ['<redacted:openai-key>', '$ '] });
  expect(await preview(4)).toEqual({ lines: ['two', 'split line', '<redacted:openai-key>', '$ '] });
  rmSync(path);
  await expect(preview(1)).rejects.toMatchObject({ code: 'log_file_missing' });
});

test('events.list answers each kind of client in its own way', async () => {
  tell(3);
  await call('attach_log', { agent_id: ONE });
  const own = await call('events.list', { since_seq: 0 });
  expect(own).toMatchObject({ items: [{ event_type: 'log_attachment_change' }] });
  expect(Object.keys(own)).toEqual(['items', 'last_seq']);
  const logs = await call('events.list', { reverse: false });
  expect(Object.keys(logs)).toEqual(['events', 'next_cursor']);
  expect(Object.keys(await call('events.list'))).toEqual([
    'items',
    'last_seq',
    'events',
    'next_cursor',
  ]);
  const typed = await call<{ items: unknown[] }>('events.list', { since_seq: 0, types: ['error'] });
  expect(typed.items).toHaveLength(2);
});

test('pages follow each other without a gap, either way round', async () => {
  tell(120);
  for (const reverse of [false, true]) {
    const seen: number[] = [];
    let cursor: string | null = null;
    do {
      const page: { events: LogEventView[]; next_cursor: string | null } = await call(
        'events.list',
        {
          reverse,
          limit: 1_000,
          cursor,
        },
      );
      expect(page.events.length).toBeLessThanOrEqual(50);
      seen.push(...page.events.map(({ event_id }) => event_id));
      cursor = page.next_cursor;
    } while (cursor !== null);
    const all = Array.from({ length: 120 }, (_, index) => index + 1);
    expect(seen).toEqual(reverse ? all.toReversed() : all);
  }
  await expect(call('events.list', { cursor: 'x' })).rejects.toMatchObject({
    code: 'events_invalid_cursor',
  });
});

test('events are selected by agent, type and time', async () => {
  opened.clock.set(5_000);
  tell(2, ONE);
  opened.clock.set(9_000);
  tell(2, TWO);
  const list = async (params: object): Promise<readonly number[]> =>
    (await call<{ events: LogEventView[] }>('events.list', params)).events.map(
      (each) => each.event_id,
    );
  expect(await list({ target: 'label-2' })).toEqual([3, 4]);
  expect(await list({ types: ['error'] })).toEqual([1, 3]);
  expect(await list({ since: '1970-01-01T00:00:09Z' })).toEqual([3, 4]);
  expect(await list({ until: '1970-01-01T01:00:09+01:00' })).toEqual([1, 2]);
  for (const wrong of [{ since: 'yesterday' }, { until: '2026-01-01' }, { types: ['pane'] }]) {
    await expect(call('events.list', wrong)).rejects.toMatchObject({
      code: 'events_filter_invalid',
    });
  }
  await expect(call('events.list', { target: 'nobody' })).rejects.toMatchObject({
    code: 'agent_not_found',
  });
});

test('a follower gets the whole backlog and then what comes, each event once', async () => {
  tell(120);
  const since = '1970-01-01T00:00:00Z';
  const { session_id, backlog_events } = await call<{
    session_id: string;
    backlog_events: LogEventView[];
  }>('events.follow_open', { since });
  const seen = backlog_events.map(({ event_id }) => event_id);
  const next = async (): Promise<void> => {
    const { events } = await call<{ events: LogEventView[] }>('events.follow_next', { session_id });
    seen.push(...events.map(({ event_id }) => event_id));
  };
  await next();
  await next();
  const waiting = next();
  tell(1);
  await waiting;
  expect(seen).toEqual(Array.from({ length: 121 }, (_, index) => index + 1));
  await call('events.follow_close', { session_id });
  await expect(next()).rejects.toMatchObject({ code: 'events_session_unknown' });
});

test('a session nobody asks for any more has expired', async () => {
  const { session_id } = await call<{ session_id: string }>('events.follow_open');
  opened.clock.set(400_000);
  await expect(call('events.follow_next', { session_id })).rejects.toMatchObject({
    code: 'events_session_expired',
  });
});
