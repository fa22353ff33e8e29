import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { EXIT, exitCodeOf } from '../../../src/surfaces/cli/exit-codes.ts';
import { run } from './fake-world.ts';
import { layout, source } from './views.ts';

const daemon = {
  'layout.list': () => ({ items: [layout('payments'), layout('web')] }),
  'source.list': () => ({ items: [source('cluster')] }),
};

async function candidates(words: readonly string[], isRunning = true): Promise<readonly string[]> {
  const outcome = await run(['__complete', ...words], { daemon, isRunning });
  expect([outcome.exitCode, outcome.err]).toEqual([0, '']);
  return outcome.out.split('\n').slice(0, -1);
}

describe('completion', () => {
  test.each([
    [['des'], ['describe']],
    [['source', 'a'], ['add']],
    [
      ['source', 'add', ''],
      ['dir', 'git'],
    ],
    [['get', 'lay'], ['layouts']],
    [['get', 'layouts', 'p'], ['payments']],
    [['get', 'sources', ''], ['cluster']],
    [['get', 'layouts', '-o', 'y'], ['yaml']],
    [
      ['wait', 'payments', '--for', 'h'],
      ['healthy', 'held'],
    ],
    [
      ['wait', 'payments', ''],
      ['payments', 'web'],
    ],
    [
      ['stop', 'layout/'],
      ['layout/payments', 'layout/web'],
    ],
    [
      ['stop', 'payments/'],
      ['payments/m1', 'payments/s1'],
    ],
    [['describe', 'source/'], ['source/cluster']],
    [['describe', 'layout/web/m'], ['layout/web/m1']],
    [['source', 'sync', ''], ['cluster']],
    [['apply', '--wa'], ['--wait']],
    [['apply', '-f', ''], []],
    [['completion', 'f'], ['fish']],
    [
      ['schema', 'Layout'],
      ['Layout', 'LayoutTemplate'],
    ],
  ])('after %j come %j', async (words, expected) => {
    expect(await candidates(words)).toEqual(expected);
  });

  test('names are left out without a word when no daemon answers', async () => {
    expect(await candidates(['wait', ''], false)).toEqual([]);
    expect(await candidates(['sta'], false)).toEqual(['start', 'status']);
  });

  test('the bash script is one that bash takes, and asks with the words before the cursor', async () => {
    const { out } = await run(['completion', 'bash']);
    const script = `${out}
      agenttower() { printf '%s\\n' "$@"; }
      COMP_WORDS=(agenttower get lay); COMP_CWORD=2
      _agenttower; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const reply = execFileSync('bash', ['-c', script], { encoding: 'utf8' });
    expect(reply).toBe('__complete\nget\nlay\n');
  });

  test.each(['zsh', 'fish'])('there is a script for %s', async (shell) => {
    const outcome = await run(['completion', shell]);
    expect(outcome.out).toContain('agenttower __complete');
  });
});

describe('help', () => {
  test('agenttower alone prints its help', async () => {
    const outcome = await run([]);
    expect(outcome.exitCode).toBe(0);
    expect(outcome.out).toContain('Exit codes: 0 done');
  });

  test('every command has a description and an example', async () => {
    const { out } = await run(['--help']);
    const names = [...out.matchAll(/^ {2}([a-z]+(?:-[a-z]+)?) .*/gm)].map(([, name]) => name ?? '');
    expect(names).toContain('describe');
    for (const name of names.filter((each) => each !== 'help')) {
      const help = await run([name, '--help']);
      expect(help.exitCode, name).toBe(0);
      expect(help.out, name).toContain('Example:\n  $ ');
    }
  });

  test('help of a command is what --help of it prints, at any depth', async () => {
    expect((await run(['help', 'apply'])).out).toBe((await run(['apply', '--help'])).out);
    const deep = await run(['help', 'source', 'add', 'git']);
    expect(deep).toMatchObject({ exitCode: 0, err: '' });
    expect(deep.out).toContain('agenttower source add git [options] <url>');
  });

  test('help of a word that is no command names it, with the nearest', async () => {
    const { exitCode, err } = await run(['help', 'aply']);
    expect(exitCode).toBe(3);
    expect(err).toBe("error: unknown command 'aply'\n(Did you mean apply?)\n");
  });

  test('a group without a command shows its help and is a usage error', async () => {
    const outcome = await run(['source']);
    expect(outcome.exitCode).toBe(3);
    expect(outcome.err).toContain('Usage: agenttower source');
    expect(outcome.err).not.toContain('error:');
  });

  test('--version prints the version', async () => {
    expect((await run(['--version'])).out).toBe('1.2.3\n');
  });
});

describe('schema and explain', () => {
  test('a schema is JSON Schema, whatever the case of the kind', async () => {
    const outcome = await run(['schema', 'layout']);
    expect(JSON.parse(outcome.out)).toMatchObject({ title: 'Layout' });
    expect((await run(['schema', 'Pod'])).err).toContain('choose one of Layout');
  });

  test('a field is explained, and a wrong one is a usage error', async () => {
    const outcome = await run(['explain', 'layout.spec.restartPolicy']);
    expect(outcome.out).toContain('Layout.spec.restartPolicy <string>');
    expect(outcome.out).toContain('One of: Always, OnFailure, Never');
    expect((await run(['explain', 'layout.spec.nope'])).exitCode).toBe(3);
  });
});

describe('usage errors', () => {
  test('are one JSON object when JSON was asked for', async () => {
    const outcome = await run(['status', '--json', '--nope']);
    expect(outcome.exitCode).toBe(3);
    expect(outcome.err).toBe('');
    expect(JSON.parse(outcome.out)).toMatchObject({ error: { code: 'usage' } });
  });

  test('propose the nearest command', async () => {
    const outcome = await run(['aply']);
    expect(outcome.err).toContain('Did you mean apply?');
    expect(outcome.exitCode).toBe(3);
  });
});

describe('exit codes', () => {
  test.each([
    ['manifest_invalid', 3],
    ['plan_stale', 4],
    ['ownership_conflict', 6],
    ['prune_blocked', 6],
    ['daemon_unreachable', 7],
    ['internal_error', 1],
  ] as const)('%s ends with %i', (code, exitCode) => {
    expect(exitCodeOf(code)).toBe(exitCode);
  });

  test('a code of a newer daemon is an error like any other', () => {
    expect(exitCodeOf('invented_later' as never)).toBe(EXIT.failed);
  });
});
