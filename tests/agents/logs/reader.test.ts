import { truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { LogStore } from '../../../src/agents/logs/ports.ts';
import { agentId, type Bench, openBench } from './fixture.ts';

const told = (bench: Bench) => bench.events().map(({ type, payload }) => [type, payload.excerpt]);

test('lines become events of their agent, activity once for five seconds of it', async () => {
  const bench = openBench();
  bench.add('one');
  const reader = bench.start();
  bench.print('one', 'hello\nError: no disk\nworld\n');
  await bench.pass(1_500);
  expect(told(bench)).toEqual([['error', 'Error: no disk']]);
  await bench.pass(6_000);
  expect(told(bench)).toEqual([
    ['error', 'Error: no disk'],
    ['activity', 'world'],
  ]);
  const [error, activity] = bench.events();
  expect(error).toMatchObject({
    agent: 'agt_one',
    payload: { byte_range_start: 6, byte_range_end: 21, line_offset_start: 1, line_offset_end: 2 },
  });
  expect(activity?.payload).toMatchObject({
    byte_range_start: 0,
    byte_range_end: 27,
    debounce: { collapsed_count: 2 },
  });
  await reader.stop();
});

test('silence after something worth it is told once, and the end of a pane once', async () => {
  const bench = openBench();
  bench.add('one');
  const reader = bench.start();
  bench.print('one', 'Error: no disk\n');
  await bench.pass(29_000);
  expect(told(bench)).toHaveLength(1);
  await bench.pass(3_000);
  expect(told(bench).map(([type]) => type)).toEqual(['error', 'long_running']);
  await bench.pass(60_000);
  bench.print('one', 'tests passed');
  bench.end('one');
  await bench.pass(35_000);
  await bench.pass(60_000);
  expect(told(bench).map(([type]) => type)).toEqual([
    'error',
    'long_running',
    'test_passed',
    'pane_exited',
  ]);
  await reader.stop();
});

test('a prompt at the end of an unended line is told of once it is quiet', async () => {
  const bench = openBench();
  bench.add('one');
  const reader = bench.start();
  bench.print('one', 'Overwrite it? [Y/n] ');
  await bench.pass(4_000);
  expect(told(bench)).toEqual([['waiting_for_input', 'Overwrite it? [Y/n] ']]);
  bench.print('one', 'y\r\nError: busy\r\n');
  await bench.pass(4_000);
  expect(told(bench).slice(1)).toEqual([['error', 'Error: busy']]);
  await reader.stop();
});

test('a line over a rotation is one line, and offsets go on', async () => {
  const bench = openBench();
  bench.add('one');
  const reader = bench.start();
  bench.print('one', 'Error: one\nError: tw');
  await bench.pass(500);
  bench.print('one', 'o and token sk-AAAAAAAAAAAA');
  bench.rotate('one');
  bench.print('one', 'AAAAAAAAAAAAAA is out\nError: three\n');
  await bench.pass(2_000);
  expect(told(bench)).toEqual([
    ['error', 'Error: one'],
    ['error', 'Error: two and token <redacted:openai-key> is out'],
    ['error', 'Error: three'],
  ]);
  const ranges = bench
    .events()
    .map(({ payload }) => [payload.byte_range_start, payload.byte_range_end]);
  expect(ranges).toEqual([
    [0, 11],
    [11, 69],
    [69, 82],
  ]);
  await reader.stop();
});

test('a file cut short or made anew is read from its beginning', async () => {
  const bench = openBench();
  bench.add('one');
  const reader = bench.start();
  bench.print('one', 'Error: one, and longer than the next\n');
  await bench.pass(2_000);
  truncateSync(bench.path('one'), 0);
  bench.print('one', 'Error: two\n');
  await bench.pass(2_000);
  unlinkSync(bench.path('one'));
  writeFileSync(bench.path('one'), 'Error: three, which is longer\n');
  await bench.pass(2_000);
  expect(told(bench).map(([, excerpt]) => excerpt)).toEqual([
    'Error: one, and longer than the next',
    'Error: two',
    'Error: three, which is longer',
  ]);
  await reader.stop();
});

const losses = (bench: Bench) =>
  bench.opened.store
    .eventsAfter(0, 100_000)
    .filter(({ type }) => type === 'log_bytes_lost')
    .map(({ agentId: agent, payload }) => ({ agent, ...payload }));

test('a log that outgrew what is kept of it before it was read says so', async () => {
  const bench = openBench();
  bench.add('one');
  const reader = bench.start();
  bench.print('one', 'Error: seen\n');
  await bench.pass(2_000);
  await reader.stop();
  for (let number = 0; number < 5; number += 1) {
    bench.print('one', `Error: file ${number}\n`);
    bench.rotate('one');
  }
  const next = bench.start();
  await bench.pass(6_000);
  expect(losses(bench)).toMatchObject([
    { agent: 'agt_one', reason: 'recreated', read_up_to: 12, is_exact: false },
  ]);
  expect(told(bench).map(([, excerpt]) => excerpt)).toEqual([
    'Error: seen',
    'Error: file 2',
    'Error: file 3',
    'Error: file 4',
  ]);
  await next.stop();
});

test('bytes that were seen and cut away before they were read are counted', async () => {
  const bench = openBench();
  bench.add('one');
  const reader = bench.start();
  bench.print('one', 'Error: whole\nand half a line');
  await bench.pass(2_000);
  truncateSync(bench.path('one'), 0);
  await bench.pass(6_000);
  expect(losses(bench)).toMatchObject([
    { reason: 'truncated', read_up_to: 13, bytes_lost_at_least: 15, is_exact: true },
  ]);
  await reader.stop();
});

test('a log whose file is gone is stale, and that is told', async () => {
  const bench = openBench();
  bench.add('one');
  const reader = bench.start();
  bench.print('one', 'hello\n');
  await bench.pass(1_000);
  unlinkSync(bench.path('one'));
  await bench.pass(10_000);
  expect(bench.opened.store.logs.attachmentOf(agentId('one'))?.state).toBe('stale');
  const types = bench.opened.store.eventsAfter(0, 100).map(({ type }) => type);
  expect(types).toContain('log_attachment_change');
  await reader.stop();
});

test('one unreadable log keeps nobody from being heard', async () => {
  const bench = openBench();
  bench.add('one');
  bench.add('two');
  unlinkSync(bench.path('one'));
  writeFileSync(`${bench.path('one')}.x`, '');
  const reader = bench.start();
  bench.print('two', 'Error: heard\n');
  await bench.pass(2_000);
  expect(told(bench)).toEqual([['error', 'Error: heard']]);
  await reader.stop();
});

test('an endless line keeps nobody from being heard, and takes no more than a turn', async () => {
  const bench = openBench();
  bench.add('one');
  bench.add('two');
  const reader = bench.start();
  bench.print('one', Buffer.alloc(10_000_000, 'a'));
  bench.print('two', 'Error: heard\n');
  await bench.pass(300);
  expect(told(bench)).toEqual([['error', 'Error: heard']]);
  await bench.pass(2_000);
  bench.print('one', '\nError: after it\n');
  await bench.pass(1_000);
  expect(told(bench)[1]).toEqual(['error', 'Error: after it']);
  await reader.stop();
});

test('whenever the daemon dies, every line is told of exactly once', async () => {
  for (let crashAt = 0; crashAt < 12; crashAt += 1) {
    const bench = openBench();
    bench.add('one');
    const lines = Array.from({ length: 40 }, (_, index) => `Error: ${index}`);
    let commits = 0;
    let isDead = false;
    const { store } = bench.opened;
    const dying: LogStore = {
      ...store,
      logs: store.logs,
      watchCommits: (onCommit) => store.watchCommits(onCommit),
      transact: (write) => {
        commits += 1;
        if (isDead || commits > crashAt / 2) {
          // Killed before the commit, or right after it.
          if (!isDead && crashAt % 2 === 1) store.transact(write);
          isDead = true;
          throw new Error('killed');
        }
        return store.transact(write);
      },
    };
    const dead = bench.start(dying);
    for (const [index, line] of lines.entries()) {
      bench.print('one', line.slice(0, 4));
      if (index % 7 === 3) await bench.pass(300);
      if (index % 11 === 5) bench.rotate('one');
      bench.print('one', `${line.slice(4)}\n`);
      if (index === 30) {
        await bench.pass(1_000);
        isDead = true;
        void dead.stop();
        await bench.pass(200);
        bench.start();
      }
      // Rotations must not outrun three files kept.
      if (index % 11 === 5) await bench.pass(2_500);
    }
    await bench.pass(5_000);
    expect(
      told(bench)
        .filter(([type]) => type === 'error')
        .map(([, excerpt]) => excerpt),
    ).toEqual(lines);
  }
});
