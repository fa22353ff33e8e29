import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { InputTarget } from '../../../src/agents/ports.ts';
import {
  LOCAL_CONTAINER,
  makeEpoch,
  type PaneId,
  type TmuxPaneId,
} from '../../../src/domain/ids.ts';
import { formatTag } from '../../../src/domain/observed.ts';
import { openPaneAccess, type PaneAccess } from '../../../src/drivers/tmux/pane-access.ts';
import { startRealTmux } from '../../support/real-tmux.ts';
import { RECORDER } from '../../support/recorder.ts';
import { tmuxDialect, tmuxSince } from '../../support/this-tmux.ts';
import { until } from '../../support/until.ts';

const tmux = startRealTmux();
let access: PaneAccess;

beforeAll(async () => {
  await tmux.server.look();
  const { host, installation, server } = tmux;
  access = openPaneAccess({ host, installation, server });
});
afterAll(() => tmux.stop());

let panes = 0;
/** A pane of its own session, as a target that proves itself by its process. */
async function startPane(...argv: string[]): Promise<InputTarget> {
  panes += 1;
  const format = '#{pid}:#{start_time} #{pane_id} #{pane_pid}';
  const options = ['-d', '-P', '-F', format, '-s', `p${panes}`, '-x', '120', '-y', '40'];
  const place = ['-c', tmux.directory, '--'];
  const said = await tmux.tmux('new-session', ...options, ...place, ...argv);
  const [server = '', pane = '', pid] = said.split(' ');
  return {
    container: LOCAL_CONTAINER,
    epoch: makeEpoch('local', server),
    pane: pane as TmuxPaneId,
    proof: { pid: Number(pid) },
  };
}

const file = (name: string) => join(tmux.directory, name);
const read = (name: string) => readFileSync(file(name), 'utf8');
const shows = async (target: InputTarget, text: string) =>
  until(async () => (await access.screen(target))?.text.includes(text), {
    timeoutMs: 15_000,
    label: `the screen shows ${text}`,
  });

/** Everything that has ever been mangled on the way into a terminal, up to `bytes`. */
function nastyText(bytes: number): string {
  const lines: string[] = [];
  let size = 0;
  while (size < bytes) {
    const line = `${lines.length} "q" 'a' $(touch ran) \`x\` \\n é 😀 #{pane_id} %H ~ ; { } !$ end`;
    lines.push(line);
    size += Buffer.byteLength(line) + 1;
  }
  return lines.join('\n');
}

async function sendAll(target: InputTarget, text: string): Promise<void> {
  expect(await access.paste(target, { name: 'agenttower-test', text })).toEqual({ kind: 'done' });
  expect(await access.enter(target, 'agenttower-test')).toEqual({ kind: 'done' });
}

describe('48 KiB arrive exactly', () => {
  const text = `first\t\ttabs\n\tindented\n${nastyText(48 * 1024)}`;

  test('in a full-screen program that asked for brackets', async () => {
    writeFileSync(file('recorder.py'), RECORDER);
    const target = await startPane('python3', 'recorder.py', 'recorded');
    await shows(target, 'ready');
    await sendAll(target, text);
    const expected = `\u001b[200~${text}\u001b[201~\r`;
    await until(() => Buffer.byteLength(read('recorded')) >= Buffer.byteLength(expected), {
      timeoutMs: 20_000,
    });
    expect(read('recorded') === expected).toBe(true);
  });

  test('in a program that reads lines', async () => {
    const target = await startPane('sh', '-c', 'echo ready; exec cat > lines');
    await shows(target, 'ready');
    await sendAll(target, text);
    await until(() => read('lines').length > text.length, { timeoutMs: 20_000 });
    expect(read('lines') === `${text}\n`).toBe(true);
  });

  test('in bash, which runs none of it before Enter', async () => {
    const target = await startPane('bash', '--norc', '--noprofile');
    await shows(target, 'bash-');
    await sendAll(target, `cat > from-bash <<'THE_END'\n${text}\nTHE_END`);
    await until(() => read('from-bash').length > text.length, { timeoutMs: 30_000 });
    expect(read('from-bash') === `${text}\n`).toBe(true);
  });

  test("in python's prompt", async () => {
    const target = await startPane('python3', '-q');
    await shows(target, '>>>');
    // Python's prompt wants no brackets: a tab after a word is its completion key, so tabs stand after spaces here.
    const body = nastyText(48 * 1024).replaceAll('"', "''");
    const tabbed = `\tindented\n${body.replaceAll(' end', ' \tend')}`;
    const code = `_ = open('from-python', 'w').write(r"""${tabbed}\n""")`;
    await sendAll(target, code);
    await until(() => read('from-python').length > tabbed.length, { timeoutMs: 60_000 });
    expect(read('from-python') === `${tabbed}\n`).toBe(true);
  }, 90_000);
});

describe('nothing is typed', () => {
  test('into a pane whose process is another one now', async () => {
    const target = await startPane('sh', '-c', 'exec cat > other');
    const stale: InputTarget = { ...target, proof: { pid: 1 } };
    const outcome = await access.paste(stale, { name: 'agenttower-stale', text: 'no' });
    expect(outcome.kind).toBe('refused');
    expect((await access.enter(stale, 'agenttower-stale')).kind).toBe('refused');
    await sendAll(target, 'yes');
    await until(() => read('other') !== '');
    expect(read('other')).toBe('yes\n');
  });

  test('into the pane that inherited the number after the server started anew', async () => {
    const target = await startPane('sh', '-c', 'exec cat > anew');
    const gone = { ...target, epoch: makeEpoch('local', '1:1') };
    expect((await access.paste(gone, { name: 'agenttower-old', text: 'no' })).kind).toBe('refused');
  });

  test('into a pane that is gone', async () => {
    const target = await startPane('cat');
    await tmux.tmux('kill-pane', '-t', target.pane);
    expect((await access.paste(target, { name: 'agenttower-g', text: 'no' })).kind).toBe('refused');
  });

  test('and no buffer is left behind', async () => {
    expect(await tmux.tmux('list-buffers')).toBe('');
  });
});

test('a person who scrolls back does not swallow the Enter', async () => {
  const target = await startPane('sh', '-c', 'exec cat > scrolled');
  await tmux.tmux('copy-mode', '-t', target.pane);
  await sendAll(target, 'through');
  // Before 3.2 a pane stands still while somebody scrolls in it.
  if (!tmuxSince('3.2')) await tmux.tmux('send-keys', '-t', target.pane, '-X', 'cancel');
  await until(() => read('scrolled') !== '');
  expect(read('scrolled')).toBe('through\n');
});

const { hasPaneOptions } = tmuxDialect;
const startOurs = async (): Promise<InputTarget> => {
  const target = await startPane('cat');
  const owner = '00000000-0000-4000-8000-000000000001' as PaneId;
  const tag = formatTag(tmux.installation, owner, target.pane);
  await tmux.tmux('set-option', '-p', '-t', target.pane, '@agenttower', tag);
  return { ...target, proof: { owner } };
};

describe('what became of a prompt can be asked', () => {
  const name = 'agenttower-0123456789abcdef0123456789abcdef-mabcdefg';
  const text = 'a line';
  const options = async (pane: string): Promise<string> =>
    hasPaneOptions ? await tmux.tmux('show-options', '-p', '-t', pane) : '';
  const all = [
    ['of a person', () => startPane('cat')],
    ['of ours', startOurs],
  ] as const;
  // Before 3.0 a pane says whose it is by how it was started.
  const origins = all.filter(([whose]) => hasPaneOptions || whose === 'of a person');

  test.each(origins)(
    'in a pane %s: pasted, then entered, and no trace is left',
    async (_, start) => {
      const target = await start();
      const before = await options(target.pane);
      expect(await access.paste(target, { name, text })).toEqual({ kind: 'done' });
      expect(await access.trace(target, name)).toBe('pasted');
      expect(await access.trace(target, 'agenttower-other')).toBe('absent');
      const next = { name: 'agenttower-other', text: 'no' };
      expect(await access.paste(target, next)).toEqual({ kind: 'occupied' });
      expect(await access.enter(target, name)).toEqual({ kind: 'done' });
      expect((await access.enter(target, name)).kind).not.toBe('done');
      await shows(target, `${text}\n${text}`);
      expect(await options(target.pane)).toBe(before);
      expect(await tmux.tmux('list-buffers')).toBe('');
    },
  );

  test.each(origins)('in a pane %s a person may say that the line is clear', async (_, start) => {
    const target = await start();
    await access.paste(target, { name, text });
    expect(await access.clearLine(target)).toBe(true);
    expect(await access.clearLine(target)).toBe(true);
    expect((await access.enter(target, name)).kind).not.toBe('done');
    expect(await access.paste(target, { name: 'agenttower-next', text })).toEqual({ kind: 'done' });
  });

  test.runIf(hasPaneOptions)('in a pane of ours, which then refuses it late', async () => {
    const target = await startOurs();
    expect(await access.trace(target, name)).toBe('sealed');
    expect(await access.paste(target, { name, text })).toEqual({ kind: 'occupied' });
    expect(await access.paste(target, { name: 'agenttower-next', text })).toEqual({ kind: 'done' });
  });

  test('in a pane of a person, as it is now', async () => {
    expect(await access.trace(await startPane('cat'), name)).toBe('free');
  });

  test.each(origins)('in a pane %s that is gone', async (_, start) => {
    const target = await start();
    await tmux.tmux('kill-pane', '-t', target.pane);
    expect(await access.trace(target, name)).toBe('gone');
  });
});
