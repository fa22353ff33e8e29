import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { InputTarget } from '../../../src/agents/ports.ts';
import { LOCAL_CONTAINER, makeEpoch, type TmuxPaneId } from '../../../src/domain/ids.ts';
import { dialectOf } from '../../../src/drivers/tmux/dialect.ts';
import { openPanePipes } from '../../../src/drivers/tmux/pane-pipe.ts';
import { startRealTmux } from '../../support/real-tmux.ts';
import { until } from '../../support/until.ts';

const tmux = startRealTmux();
beforeAll(() => tmux.server.look());
afterAll(() => tmux.stop());

const { installation, server } = tmux;
const pipes = openPanePipes(server.exchange, {
  installation,
  speak: async () => dialectOf(tmux.host),
});
const DONE = { kind: 'done' };

let panes = 0;
/** A shell in a session of its own, made by a person. */
async function startPane(): Promise<InputTarget> {
  panes += 1;
  const format = '#{pid}:#{start_time} #{pane_id} #{pane_pid}';
  const said = await tmux.tmux('new-session', '-d', '-P', '-F', format, '-s', `p${panes}`, 'sh');
  const [life = '', pane = '', pid] = said.split(' ');
  const proof = { pid: Number(pid) };
  const epoch = makeEpoch('local', life);
  return { container: LOCAL_CONTAINER, epoch, pane: pane as TmuxPaneId, proof };
}

function newLog(name: string): string {
  const path = join(tmux.directory, `${name} #{pane_id} %H.log`);
  writeFileSync(path, '', { mode: 0o600 });
  return path;
}

/** Has the pane print a word of its own, and waits until the file holds it. */
async function printInto({ pane }: InputTarget, word: string, path: string): Promise<void> {
  await tmux.tmux('send-keys', '-t', pane, `echo ${word}-$((40+2))`, 'Enter');
  await until(() => readFileSync(path, 'utf8').includes(`${word}-42`));
}

test('asked for again, a copy goes on and nothing of it is lost', async () => {
  const target = await startPane();
  const path = newLog('again');
  expect(await pipes.pipe(target, { path, mode: 'refuse' })).toEqual(DONE);
  await printInto(target, 'one', path);
  expect(await pipes.pipe(target, { path, mode: 'keep' })).toEqual(DONE);
  await printInto(target, 'two', path);
  expect(await pipes.pipe(target, { path, mode: 'replace' })).toEqual(DONE);
  await printInto(target, 'three', path);
});

test('somebody else’s copy of the pane is left alone', async () => {
  const target = await startPane();
  const theirs = newLog('theirs');
  await tmux.tmux('pipe-pane', '-t', target.pane, `cat >> '${join(tmux.directory, 'x.log')}'`);
  expect(await pipes.pipe(target, { path: theirs, mode: 'refuse' })).toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('somebody else') as string,
  });
  await printInto(target, 'theirs', join(tmux.directory, 'x.log'));
  expect(readFileSync(theirs, 'utf8')).toBe('');
});

test('a copy that ended is started anew, and one that is ended stays so', async () => {
  const target = await startPane();
  const path = newLog('ended');
  expect(await pipes.pipe(target, { path, mode: 'keep' })).toEqual(DONE);
  await printInto(target, 'one', path);
  expect(await pipes.pipe(target, { mode: 'replace' })).toEqual(DONE);
  const piped = await tmux.tmux('display-message', '-p', '-t', target.pane, '#{pane_pipe}');
  expect(piped.trim()).toBe('0');
});

test('a pane in which another process runs by now is left alone', async () => {
  const target = await startPane();
  const path = newLog('other');
  for (const mode of ['keep', 'replace', 'refuse'] as const) {
    const stale = { ...target, proof: { pid: 1 } };
    expect(await pipes.pipe(stale, { path, mode })).toMatchObject({ kind: 'refused' });
  }
  const piped = await tmux.tmux('display-message', '-p', '-t', target.pane, '#{pane_pipe}');
  expect(piped.trim()).toBe('0');
});
