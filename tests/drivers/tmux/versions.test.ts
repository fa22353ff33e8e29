import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dialectOf } from '../../../src/drivers/tmux/dialect.ts';

/** As vitest.config.ts finds them, which runs more tests with each. */
function versions(): readonly string[] {
  try {
    return readdirSync(process.env['AGENTTOWER_OLD_TMUX'] ?? '').filter((name) => /^\d/.test(name));
  } catch {
    return [];
  }
}

describe('older versions of tmux', () => {
  test.runIf(versions().length === 0)(
    'are not here: scripts/old-tmux.sh FOLDER says why',
    ({ skip }) => skip('no older tmux: see scripts/old-tmux.sh'),
  );

  test.each(versions())('%s is what it says it is', (version) => {
    const program = join(process.env['AGENTTOWER_OLD_TMUX'] ?? '', version, 'tmux');
    expect(execFileSync(program, ['-V'], { encoding: 'utf8' })).toBe(`tmux ${version}\n`);
  });
});

test.each([
  ['2.6', { readsStdin: false, hasEnvFlags: false, hasChannel: false }, 'start-command'],
  ['2.9a', { readsStdin: false, hasEnvFlags: false, hasChannel: false }, 'start-command'],
  ['3.0a', { readsStdin: false, hasEnvFlags: false, hasChannel: false }, 'pane-option'],
  ['3.1c', { readsStdin: true, hasEnvFlags: false, hasChannel: false }, 'pane-option'],
  ['3.2', { readsStdin: true, hasEnvFlags: true, hasChannel: true }, 'pane-option'],
  ['next-3.6', { readsStdin: true, hasEnvFlags: true, hasChannel: true }, 'pane-option'],
  [undefined, { readsStdin: true, hasEnvFlags: true, hasChannel: true }, 'pane-option'],
])('tmux %s is spoken to as one of its age', (tmuxVersion, abilities, kind) => {
  const dialect = dialectOf({ tmuxVersion });
  expect(dialect).toMatchObject(abilities);
  expect(dialect.marks.kind).toBe(kind);
});

test('no round trip is added where panes have options', () => {
  expect(dialectOf({ tmuxVersion: '3.0' }).marks.before).toEqual([]);
});
