import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SeenObservation } from '../../../src/domain/observed.ts';
import { escapeFormat, quote } from '../../../src/drivers/tmux/quote.ts';
import { type RealTmux, startRealTmux } from '../../support/real-tmux.ts';
import { created, createOp, seen } from '../../support/tmux-ops.ts';
import { until } from '../../support/until.ts';

/** Grouped by what makes them dangerous: syntax, quotes, formats, strftime, bytes, Unicode. */
const NASTY = [
  ['', ' ', '-', '--', '-t', ';', 'foo;', '\\;', ';;', '{', '}', '{ }', '} ; kill-server ; {'],
  ["'", '"', "'\\''", '`id`', '$HOME', '$HOME;', '${HOME}', '$(id)', '~', '~root', '\\', '\\\\'],
  ['#', '##', '#[', '##[', '###[fg=red]', '#{pane_id}', '#{q:x', '#(id)', '#S', '#,', '#}', 'a#'],
  ['%', '%%', '%H', '%H:%M', '%if', '%%H', '#%H', '%0', '@1', '=x', 'A=b', '!', '\u241e'],
  ['\n', 'a\nb', '\n\n', '\t', '\r', '\r\n', '\u001b[31m', '\u001b]2;x\u0007', '\u007f', '\u0001'],
  [
    'é',
    '\u0085',
    '𝕊',
    '👩‍👩‍👧',
    '\ufeff',
    'e\u0301',
    '\\012',
    '\\n',
    '\\$',
    '\\u0041',
    '^',
    '&&',
    '||',
    '>x',
  ],
].flat();

/** Any text a word can be: no NUL, no lone surrogate. */
const word = fc
  .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 8 })), {
    maxLength: 5,
  })
  .map((parts) => parts.join('').replaceAll('\0', ''));

/** Anything a directory or a file can be called. */
const fileName = word
  .map((text) => text.replaceAll('/', '|'))
  .filter((text) => !['', '.', '..'].includes(text) && Buffer.byteLength(text) < 240);

describe('words on their way through a real tmux', () => {
  let real: RealTmux;
  let observed: SeenObservation;

  beforeAll(async () => {
    real = startRealTmux();
    observed = seen(await real.server.look());
  });
  afterAll(() => real.stop());

  /** Starts a pane that writes what it was given into its directory, and answers that. */
  async function arrive(given: { argv: string[]; value: string; directory: string; log: string }) {
    const base = join(real.directory, randomUUID());
    const workingDir = join(base, given.directory);
    const logFile = join(base, given.log);
    mkdirSync(workingDir, { recursive: true });
    const script = 'printf "%s\\0" "$V" "$@" > got.part; mv got.part got; echo said; sleep 1000';
    const [outcome] = await real.server.run([
      createOp(observed.epoch, {
        place: { kind: 'new-session', session: randomUUID(), width: 80, height: 24 },
        process: {
          argv: ['sh', '-c', script, 'sh', ...given.argv],
          env: { V: given.value },
          workingDir,
          logFile,
        },
      }),
    ]);
    const pane = created(outcome);
    const got = await until(() => readFileSync(join(workingDir, 'got'), 'utf8'));
    const log = await until(() => readFileSync(logFile, 'utf8'));
    await real.tmux('kill-session', '-t', pane.session);
    const [value, ...argv] = got.split('\0').slice(0, -1);
    return { argv, value, log };
  }

  test('every argument, environment value, directory and log file arrives byte for byte', async () => {
    const log = fileName.filter((name) => name !== 'got');
    await fc.assert(
      fc.asyncProperty(
        fc.record({ argv: fc.array(word), value: word, directory: fileName, log }),
        async (given) => {
          fc.pre(given.directory !== given.log);
          expect(await arrive(given)).toEqual({
            argv: given.argv,
            value: given.value,
            log: 'said\r\n',
          });
        },
      ),
      { numRuns: 60 },
    );
  }, 120_000);

  test('the known troublemakers arrive, each alone and all at once', async () => {
    for (const value of [...NASTY, NASTY.join('')]) {
      const given = { argv: [value, ...NASTY, value], value };
      const name = value.replaceAll('/', '|').slice(0, 100);
      const arrived = await arrive({ ...given, directory: `d${name}`, log: `l${name}` });
      expect(arrived).toEqual({ ...given, log: 'said\r\n' });
    }
  }, 120_000);

  test('a program that is one word stays one word', async () => {
    const program = join(real.directory, 'a program; $HOME #{pid}');
    await real.tmux('run-shell', `printf '#!/bin/sh\\nsleep 1000' > ${shell(program)}`);
    await real.tmux('run-shell', `chmod +x ${shell(program)}`);
    const [outcome] = await real.server.run([
      createOp(observed.epoch, { process: { argv: [program], env: {} } }),
    ]);
    const { pid } = created(outcome);
    await until(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[1] === program);
  });

  test('a title is text, whatever it looks like', async () => {
    const titles = NASTY.filter((text) => !/[\u0000-\u001f\u007f-\u009f]/.test(text));
    const [outcome] = await real.server.run([
      createOp(observed.epoch, {
        place: { kind: 'new-session', session: 'titles', width: 80, height: 24 },
      }),
    ]);
    const { id } = created(outcome);
    for (const title of titles) {
      const owner = seen(await real.server.look()).panes.find((pane) => pane.id === id)?.paneId;
      const guard = { epoch: observed.epoch, pane: id, owner: owner! };
      await real.server.run([{ kind: 'retitle', guard, title }]);
      const after = seen(await real.server.look()).panes.find((pane) => pane.id === id);
      expect(after?.title).toBe(title);
    }
  });
});

test('a NUL byte is refused, because no argument can hold one', () => {
  expect(() => quote('a\0b')).toThrow('NUL');
});

test('runs of # that tmux would take for a style are left alone, all others are doubled', () => {
  expect(escapeFormat('# ## #[ ##[x #{a} a#')).toBe('## #### #[ ##[x ##{a} a##');
});

const shell = (text: string) => `'${text.replaceAll('#', '##')}'`;
