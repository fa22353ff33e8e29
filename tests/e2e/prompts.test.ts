import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MessageView } from '../../src/surfaces/api/agent-protocol.ts';
import { RECORDER } from '../support/recorder.ts';
import { until } from '../support/until.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';
import { startTower, type Tower } from './support/tower.ts';

/** Prompts for each program, and how often the daemon is killed meanwhile. More in a longer run: E2E_PROMPTS=1000. */
const PROMPTS = Number(process.env['E2E_PROMPTS'] ?? '8');
const KILLS = Math.max(4, Math.floor(PROMPTS / 10));
const BYTES = 48 * 1_024;

interface Program {
  readonly command: readonly string[];
  /** What it shows when it takes input. */
  readonly ready: string;
  /** The prompt that makes the program keep a text, and what stands in its file when it got it exactly. */
  readonly prompt: (text: string, file: string) => string;
  readonly kept: (prompt: string, text: string) => string;
  /** Text the program can take at its prompt. */
  readonly text: (index: number) => string;
}

/** Everything that has ever been mangled on the way into a terminal. */
function nastyText(index: number, end: string): string {
  const line = `"q" 'a' $(touch ran) \`x\` \\n é 😀 #{pane_id} %H ~ ; { } !$`;
  const lines = [`prompt ${index}`, '', `\tindented`];
  for (let size = 0; size < BYTES; size += Buffer.byteLength(lines.at(-1) ?? '') + 1) {
    lines.push(`${lines.length} ${line}${end}`);
  }
  return lines.join('\n');
}

const programs: Readonly<Record<string, Program>> = {
  bash: {
    command: ['bash', '--norc', '--noprofile'],
    ready: 'bash-',
    prompt: (text, file) => `cat >> '${file}' <<'THE_END'\n${text}\nTHE_END`,
    kept: (_prompt, text) => `${text}\n`,
    text: (index) => nastyText(index, '\ttab'),
  },
  python: {
    command: ['python3', '-q'],
    ready: '>>>',
    prompt: (text, file) => `_ = open('${file}', 'a').write(r"""${text}\n""")`,
    kept: (_prompt, text) => `${text}\n`,
    // It wants no brackets: a tab after a word is its completion key.
    text: (index) => nastyText(index, ' \ttab').replaceAll('"', "''"),
  },
  screen: {
    command: ['python3', 'recorder.py', 'screen.kept'],
    ready: 'ready',
    prompt: (text) => text,
    kept: (prompt) => `\u001b[200~${prompt}\u001b[201~\r`,
    text: (index) => nastyText(index, '\ttab'),
  },
};

let tower: Tower;
const fileOf = (name: string): string => join(tower.directory, `${name}.kept`);

beforeAll(async () => {
  tower = await startTower();
  writeFileSync(join(tower.directory, 'recorder.py'), RECORDER);
  const panes = Object.entries(programs).map(([name, { command }]) =>
    pane(name, { command: [...command], workingDir: tower.directory }),
  );
  const file = writeIn(tower.directory, 'programs.yaml', layoutText('programs', panes));
  await tower.done('apply', '-f', file, '--wait');
  for (const [name, { ready }] of Object.entries(programs)) {
    const { tmux_pane_id: id } = await tower.slot(`programs/${name}`);
    const shown = () => tower.tmux('capture-pane', '-p', '-t', String(id));
    await until(async () => (await shown()).includes(ready), { label: `${name} is ready` });
  }
});
afterAll(() => tower.stop());

const count = async (state: string): Promise<number> =>
  (await tower.call<{ rows: readonly MessageView[] }>('queue.list', { state, limit: 1_000 })).rows
    .length;

async function send(target: string, text: string): Promise<void> {
  const body = { body_bytes: Buffer.from(text).toString('base64'), raw: true };
  const asked = { target: `programs-${target}`, as_operator: true, wait: false, ...body };
  await tower.call('queue.send_input', asked);
}

test(`${PROMPTS} prompts of 48 KiB each arrive exactly once and in order in bash, in python and on a full screen, with the daemon killed ${KILLS} times`, {
  timeout: 120_000 + PROMPTS * 10_000,
}, async () => {
  const expected = new Map<string, string[]>();
  const all = Object.entries(programs);
  const feed = async (index: number): Promise<void> => {
    for (const [name, { text, prompt, kept }] of all) {
      const body = text(index);
      const asked = prompt(body, fileOf(name));
      expected.set(name, [...(expected.get(name) ?? []), kept(asked, body)]);
      await send(name, asked);
    }
  };
  for (let index = 0, kills = 0; index < PROMPTS || kills < KILLS; ) {
    // A few at a time, so that the kills fall among all of them.
    const end = Math.min(PROMPTS, index + Math.ceil(PROMPTS / KILLS));
    for (; index < end; index += 1) await feed(index);
    await sleep(Math.random() * 400);
    await tower.restartDaemon('SIGKILL');
    kills += 1;
  }
  await until(async () => (await count('queued')) === 0, {
    timeoutMs: 60_000 + PROMPTS * 8_000,
    label: 'every prompt is delivered',
  });
  expect({ failed: await count('failed'), blocked: await count('blocked') }).toEqual({
    failed: 0,
    blocked: 0,
  });
  for (const [name, texts] of expected) {
    const wanted = texts.join('');
    const size = Buffer.byteLength(wanted);
    const hasAll = () => existsSync(fileOf(name)) && statSync(fileOf(name)).size >= size;
    // What is missing is told by the comparison.
    await until(hasAll, { timeoutMs: 60_000 }).catch(() => undefined);
    const kept = readFileSync(fileOf(name), 'utf8');
    expect(`${name}: ${kept === wanted ? 'exact' : firstDifference(kept, wanted)}`).toBe(
      `${name}: exact`,
    );
  }
  expect(existsSync(join(tower.directory, 'ran'))).toBe(false);
});

function firstDifference(kept: string, wanted: string): string {
  let at = 0;
  while (at < kept.length && kept[at] === wanted[at]) at += 1;
  const around = (text: string): string =>
    JSON.stringify(text.slice(Math.max(0, at - 40), at + 40));
  return `${kept.length} instead of ${wanted.length}; at ${at} ${around(kept)}, not ${around(wanted)}`;
}
