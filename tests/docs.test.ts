import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import type { ErrorCode } from '../src/domain/errors.ts';
import { CONDITION_TYPES } from '../src/domain/status.ts';
import { renderDefaultConfig } from '../src/drivers/config/default-config.ts';
import { HEALTH_OF } from '../src/plan/slot-status.ts';
import { allMethods } from '../src/surfaces/api/methods/all-methods.ts';
import type { Services } from '../src/surfaces/api/methods/services.ts';
import type { CommandContext } from '../src/surfaces/cli/context.ts';
import { EXIT, exitCodeOf } from '../src/surfaces/cli/exit-codes.ts';
import { buildProgram } from '../src/surfaces/cli/program/build-program.ts';

const DOCUMENTS = ['.', 'docs', 'specs', 'examples/config-repo', 'examples/devcontainer'].flatMap(
  (directory) =>
    readdirSync(directory)
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(directory, name)),
);
const read = (path: string): string => readFileSync(path, 'utf8');

/** Cells of all rows of a document's tables whose first cell is `code` or a plain word. */
function rowsOf(path: string): ReadonlyMap<string, readonly string[]> {
  const rows = read(path)
    .split('\n')
    .filter((line) => /^\| .* \|$/.test(line))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()));
  return new Map(rows.map(([, first = '', ...rest]) => [first.replaceAll('`', ''), rest]));
}

/** Keys of an interface, read from its source: types leave nothing behind to ask. */
function keysOf(path: string, name: string): readonly string[] {
  const [, body = ''] = new RegExp(`interface ${name} \\{\\n([^]*?)\\n\\}`).exec(read(path)) ?? [];
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+):/gm)].flatMap(([, key]) => key ?? []);
}

describe('the specs list what the program has', () => {
  const api = rowsOf('specs/api.md');
  const codes = keysOf('src/domain/errors.ts', 'ErrorDetails') as readonly ErrorCode[];
  const types = keysOf('src/domain/events.ts', 'EventPayloads');

  test('there are codes and types to look for', () => {
    expect(codes.length).toBeGreaterThan(30);
    expect(types.length).toBeGreaterThan(20);
  });

  test.each(codes)('the error %s with its exit code', (code) => {
    expect(api.get(code)?.[0]).toBe(String(exitCodeOf(code)));
  });

  test.each([...allMethods({} as Services).keys()])('the method %s', (method) => {
    expect([...api.keys()].flatMap((cell) => cell.split(', '))).toContain(method);
  });

  test.each([
    ['StatusResult', '| `status` |'],
    ['ContainerView', '| `container.list` |'],
    ['LayoutView', 'A layout has'],
    ['PaneView', 'A pane has'],
    ['SourceView', 'A source has'],
  ])('every field of %s', (view, opening) => {
    const fields = keysOf('src/surfaces/api/protocol.ts', view);
    const text = read('specs/api.md');
    const end = opening.startsWith('|') ? '\n' : '\n\n';
    const paragraph = text.slice(text.indexOf(opening)).split(end)[0] ?? '';
    expect(fields.length).toBeGreaterThan(5);
    expect(fields.filter((field) => !paragraph.includes(`\`${field}\``))).toEqual([]);
  });

  test.each(types)('the event %s with its payload', (type) => {
    const [, payload = ''] =
      new RegExp(`^  ${type}: \\{([^}]*)\\}`, 'm').exec(read('src/domain/events.ts')) ?? [];
    const fields = [...payload.matchAll(/(\w+\??):/g)].flatMap(([, field]) => field ?? []);
    const cell = rowsOf('specs/events.md').get(type)?.[0] ?? '';
    expect(cell.replaceAll(/\([^)]*\)/g, '').match(/\w+\??/g)).toEqual(fields);
  });
});

describe('the operations manual lists what the program says', () => {
  const rows = rowsOf('docs/operations.md');

  test('every exit code, and no other', () => {
    const listed = [...rows.keys()].filter((cell) => /^\d+$/.test(cell)).map(Number);
    expect(listed).toEqual(Object.values(EXIT).toSorted((a, b) => a - b));
  });

  test.each([...CONDITION_TYPES, ...Object.keys(HEALTH_OF)])('the status word %s', (word) => {
    expect(rows.has(word)).toBe(true);
  });

  const written = renderDefaultConfig().matchAll(/^# (\w+) = /gm);
  test.each([...written].flatMap(([, key]) => key ?? []))('the configuration key %s', (key) => {
    expect([...rows.keys()].some((cell) => new RegExp(`\\] ${key}\\b`).test(cell))).toBe(true);
  });
});

describe('docs/cli.md has every command with all its options', async () => {
  const stream = { write: () => true };
  const world = { argv: [], version: '0', stdout: stream, stderr: stream };
  const context = { world } as unknown as CommandContext;
  const sections = new Map(
    read('docs/cli.md')
      .split(/^###? /m)
      .map((section) => [section.slice(0, section.indexOf('\n')), section]),
  );

  test.each(leavesOf((await buildProgram(context)).command))('%s', (name, command) => {
    const section = sections.get(name) ?? '';
    expect(section).toContain(`agenttower ${name}`);
    for (const { long } of command.options) expect(section).toContain(long);
  });
});

describe('links lead somewhere', () => {
  test.each(DOCUMENTS)('in %s', (document) => {
    const targets = [...read(document).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, to]) => to ?? []);
    const broken = targets.filter((target) => {
      if (/^https?:/.test(target)) return false;
      const [file = '', anchor] = target.split('#');
      const path = file === '' ? document : join(dirname(document), file);
      return !existsSync(path) || (anchor !== undefined && !anchorsOf(path).includes(anchor));
    });
    expect(broken).toEqual([]);
  });
});

function anchorsOf(path: string): readonly string[] {
  return [...read(path).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function leavesOf(command: Command, path: readonly string[] = []): readonly [string, Command][] {
  return command.commands
    .filter((each) => each.name() !== 'help' && each.name() !== '__complete')
    .flatMap((each) => {
      const words = [...path, each.name()];
      const own: [string, Command] = [words.join(' '), each];
      return each.commands.length > 0 ? leavesOf(each, words) : [own];
    });
}
