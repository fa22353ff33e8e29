import { readFileSync, statSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AttachmentStatusView, LogEventView } from '../../src/surfaces/api/log-protocol.ts';
import { until } from '../support/until.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';
import { startTower, type Tower } from './support/tower.ts';

const SECRET = 'sk-ABCDEFGHIJKLMNOPQRSTUVWX';
/** A token with a colour in its middle, then what the agent is told to print. */
const COLOURED = String.raw`printf 'key \033[1msk-\033[32mABCDEFGHIJKLM\033[0mNOPQRSTUVWX\n'; exec sh`;

let tower: Tower;
beforeAll(async () => {
  tower = await startTower({ config: '[logs]\nmax_size_mib = 1\nmax_files = 2\n' });
  const panes = [
    pane('a', { command: ['sh', '-c', COLOURED], log: true }),
    pane('b', { command: ['sh'], log: false }),
  ];
  const file = writeIn(tower.directory, 'team.yaml', layoutText('team', panes));
  await tower.done('apply', '-f', file, '--wait');
});
afterAll(() => tower.stop());

const label = async (slot: string): Promise<string> => {
  const [layout] = await tower.layouts();
  return layout?.panes.find((each) => each.slot === slot)?.agent_id ?? '';
};

const type = async (slot: string, text: string): Promise<void> => {
  const [layout] = await tower.layouts();
  const id = layout?.panes.find((each) => each.slot === slot)?.tmux_pane_id ?? '';
  await tower.tmux('send-keys', '-t', id, '-l', text);
  await tower.tmux('send-keys', '-t', id, 'Enter');
};

const events = async (...args: readonly string[]): Promise<readonly LogEventView[]> =>
  (await tower.done('events', '--json', ...args))
    .split('\n')
    .filter((line) => line.includes('"event_type"'))
    .map((line) => JSON.parse(line) as LogEventView);

test('what an agent prints is an event, and no colour hides a secret in it', async () => {
  const agent = await label('a');
  const told = await until(
    async () => {
      const found = await events('--target', agent);
      return found.find(({ excerpt }) => excerpt.includes('redacted')) !== undefined && found;
    },
    { timeoutMs: 20_000 },
  );
  expect(JSON.stringify(told)).not.toContain('ABCDEFGHIJKLM');
  expect(await tower.done('logs', agent)).toContain('key <redacted:openai-key>');
  expect(await tower.done('logs', 'team/a', '--raw')).toContain('\u001b[32mABCDEFGHIJKLM');
  const seen = [readFileSync(tower.paths.eventsFile), readFileSync(tower.paths.database)];
  for (const bytes of seen) expect(bytes.includes(SECRET)).toBe(false);
});

test('events are listed by type, in pages, either way round', async () => {
  const agent = await label('a');
  for (const number of [1, 2, 3]) await type('a', `echo; echo Error: number ${number}`);
  const errors = await until(
    async () => {
      const found = await events('--target', agent, '--type', 'error');
      return found.length === 3 && found;
    },
    { timeoutMs: 10_000 },
  );
  expect(errors.map(({ excerpt }) => excerpt)).toEqual([1, 2, 3].map((n) => `Error: number ${n}`));
  const page = (await tower.done('events', '--type', 'error', '--limit', '2', '--json')).trim();
  const [, , rest = '{}'] = page.split('\n');
  const { next_cursor } = JSON.parse(rest) as { next_cursor: string };
  expect(await events('--type', 'error', '--limit', '2', '--cursor', next_cursor)).toHaveLength(1);
  const newest = await events('--type', 'error', '--reverse');
  expect(newest.map(({ event_id }) => event_id)).toEqual(
    errors.map(({ event_id }) => event_id).toReversed(),
  );
});

test('a log is attached to a pane that had none, again without harm, and detached', async () => {
  const agent = await label('b');
  await tower.done('attach-log', '--target', agent);
  await tower.done('attach-log', '--target', agent);
  await type('b', 'echo; echo Error: heard');
  await until(async () => (await events('--target', agent, '--type', 'error')).length === 1, {
    timeoutMs: 10_000,
  });
  const status = async () =>
    JSON.parse(
      await tower.done('attach-log', '--target', agent, '--status', '--json'),
    ) as AttachmentStatusView;
  expect(await status()).toMatchObject({ attachment: { status: 'active', source: 'explicit' } });
  await tower.done('detach-log', '--target', agent);
  expect(await status()).toMatchObject({ attachment: { status: 'detached' } });
  const file = (await status()).attachment?.log_path ?? '';
  const { size } = statSync(file);
  await type('b', 'echo unheard');
  const [, shown] = await tower.panes();
  await until(async () =>
    /^unheard$/m.test(await tower.tmux('capture-pane', '-p', '-t', shown?.id ?? '')),
  );
  expect(statSync(file).size).toBe(size);
});

test('a copy that a person switched off is switched on again', async () => {
  const agent = await label('a');
  const [layout] = await tower.layouts();
  const id = layout?.panes.find((each) => each.slot === 'a')?.tmux_pane_id ?? '';
  await tower.tmux('pipe-pane', '-t', id);
  const isCopied = async () =>
    (await tower.tmux('display-message', '-p', '-t', id, '#{pane_pipe}')).trim() === '1';
  expect(await isCopied()).toBe(false);
  await until(isCopied, { timeoutMs: 15_000 });
  await type('a', 'echo; echo Error: heard again');
  await until(
    async () => {
      const found = await events('--target', agent, '--type', 'error');
      return found.some(({ excerpt }) => excerpt === 'Error: heard again');
    },
    { timeoutMs: 10_000 },
  );
});

test('a flood is kept within its bounds, and the last line of it is heard', async () => {
  const agent = await label('a');
  await type('a', 'seq 1 1000000; echo; echo Error: after the flood');
  await until(
    async () => {
      const found = await events('--target', agent, '--type', 'error', '--reverse');
      return found.some(({ excerpt }) => excerpt === 'Error: after the flood');
    },
    { timeoutMs: 40_000 },
  );
  const { attachment } = JSON.parse(
    await tower.done('attach-log', '--target', agent, '--status', '--json'),
  ) as AttachmentStatusView;
  const path = attachment?.log_path ?? '';
  for (const name of [path, `${path}.1`])
    expect(statSync(name).size).toBeLessThanOrEqual(1_048_576);
  expect(await tower.done('logs', agent, '--tail', '3')).toContain('Error: after the flood');
});

test('the end of an agent is told of after its last line', async () => {
  const agent = await label('a');
  await type('a', 'echo; echo Error: last words; exit 3');
  const told = await until(
    async () => {
      const found = await events('--target', agent, '--reverse', '--limit', '50');
      return found.some(({ event_type }) => event_type === 'pane_exited') && found;
    },
    { timeoutMs: 60_000 },
  );
  const order = told.map((event) => event.event_type).filter((word) => word !== 'activity');
  expect(order.slice(0, 2)).toEqual(['pane_exited', 'error']);
});
