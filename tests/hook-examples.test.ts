import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { knownHooks } from '../src/agents/state/hook-rules.ts';
import type { CommandContext } from '../src/surfaces/cli/context.ts';
import { buildProgram } from '../src/surfaces/cli/program/build-program.ts';

interface Settings {
  readonly hooks: Readonly<Record<string, readonly { readonly hooks: readonly Handler[] }[]>>;
}

interface Handler {
  readonly type: string;
  readonly command: string;
  readonly timeout: number;
}

const read = (path: string): string => readFileSync(`examples/hooks/${path}`, 'utf8');

/** A command of ours that takes these words. */
async function findCommand(words: readonly string[]): Promise<Command | undefined> {
  const stream = { write: () => true };
  const world = { argv: [], version: '0', stdout: stream, stderr: stream };
  const { command } = await buildProgram({ world } as unknown as CommandContext);
  return command.commands.find((each) => each.name() === words[1]);
}

describe.each([
  ['claude/settings.json', 5],
  ['codex/hooks.json', 5],
  ['gemini/settings.json', 5_000],
])('%s', (path, timeout) => {
  const { hooks } = JSON.parse(read(path)) as Settings;
  const entries = Object.entries(hooks).flatMap(([event, groups]) =>
    groups.flatMap((group) => group.hooks.map((handler) => [event, handler] as const)),
  );

  test('has hooks for a turn from its beginning to its end', () => {
    expect(entries.length).toBeGreaterThan(5);
    expect(new Set(entries.map(([event]) => event)).size).toBe(entries.length);
  });

  test.each(entries)(
    'runs a command we have on %s, and names the hook by its name',
    async (event, handler) => {
      expect(handler).toMatchObject({ type: 'command', timeout });
      const words = handler.command.split(' ');
      expect(words).toEqual(['agenttower', 'hook', event]);
      expect((await findCommand(words))?.name()).toBe('hook');
      expect(knownHooks()).toContain(event);
    },
  );
});

test('codex/config.toml names a command we have', async () => {
  const { notify } = parse(read('codex/config.toml'));
  expect(notify).toEqual(['agenttower', 'hook', 'notify']);
  expect((await findCommand(notify as string[]))?.name()).toBe('hook');
  expect(knownHooks()).toContain('notify');
});
