import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';
import { startTower, type Tower } from './support/tower.ts';

let tower: Tower;
beforeAll(async () => {
  tower = await startTower();
});
afterAll(() => tower.stop());

const write = (name: string, text: string) => writeIn(tower.directory, name, text);

describe('a layout that two sources declare', () => {
  test('stays with the first, is refused with 6, and both places are named', async () => {
    mkdirSync(join(tower.directory, 'agents'));
    const first = write('agents/team.yaml', layoutText('team', [pane('a')]));
    await tower.done('source', 'add', 'dir', 'agents');
    await tower.done('source', 'sync', 'agents', '--wait');
    const before = await tower.panes();

    const second = write('mine.yaml', layoutText('team', [pane('b')]));
    const refused = await tower.cli(['apply', '-f', second]);
    expect(refused.code).toBe(6);
    expect(refused.stderr).toContain(first);
    expect(refused.stderr).toContain(second);
    expect(refused.stderr).toContain('--take-ownership');
    expect(await tower.panes()).toEqual(before);
    expect(await tower.cli(['plan', '-f', second])).toMatchObject({ code: 6 });
  });

  test('is not deleted from under its source, and the ways out are named', async () => {
    const refused = await tower.cli(['delete', 'layout/team']);
    expect(refused).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('agenttower stop layout/team'),
    });
  });

  test('moves with --take-ownership, and the loser says OwnershipConflict', async () => {
    const path = join(tower.directory, 'mine.yaml');
    await tower.done('apply', '-f', path, '--take-ownership', '--wait');
    expect((await tower.layout('team')).source.kind).toBe('apply');
    await tower.done('source', 'sync', 'agents', '--wait');
    await until(async () =>
      (await tower.layout('team')).conditions.some(({ type }) => type === 'OwnershipConflict'),
    );
    expect((await tower.panes()).map(({ title }) => title)).toEqual(['team-b']);
  });

  test('comes back to the source that still declares it when the winner withdraws it', async () => {
    await tower.done('delete', 'layout/team', '--wait');
    await tower.done('source', 'sync', 'agents', '--wait');
    expect((await tower.layout('team')).source.kind).toBe('directory');
    expect((await tower.panes()).map(({ title }) => title)).toEqual(['team-a']);
  });
});

describe('a manifest with mistakes', () => {
  test('is refused with 3, each mistake with file, line, column, the line and the nearest key', async () => {
    const file = write(
      'wrong.yaml',
      [
        'apiVersion: agenttower/v1',
        'kind: Layout',
        'metadata: { name: wrong }',
        'spec:',
        '  sesion: somewhere',
        '  panes:',
        '    - label: a',
        '      comand: [sleep, "1"]',
        '      restartPolicy: Allways',
      ].join('\n'),
    );
    const refused = await tower.cli(['apply', '-f', file]);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toMatch(/wrong\.yaml:5:3: .*session[\s\S]*sesion: somewhere/);
    expect(refused.stderr).toMatch(/wrong\.yaml:8:7: .*command/);
    expect(refused.stderr).toMatch(/wrong\.yaml:9:22: .*Always/);
    expect(await tower.cli(['plan', '-f', file])).toMatchObject({ code: 3 });
  });

  test('keeps the good documents beside it from being applied', async () => {
    write('set/good.yaml', layoutText('good', [pane('a')]));
    write('set/bad.yaml', 'kind: Layout\n');
    const refused = await tower.cli(['apply', '-f', 'set']);
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('bad.yaml:1') });
    expect((await tower.layouts()).map(({ name }) => name)).not.toContain('good');
  });

  test('that is an alias bomb is refused', async () => {
    const levels = Array.from({ length: 9 }, (_, level) => {
      const next = Array.from({ length: 9 }, () => `*l${level}`).join(', ');
      return `l${level + 1}: &l${level + 1} [${next}]`;
    });
    const file = write('bomb.yaml', ['l0: &l0 [x, x]', ...levels].join('\n'));
    expect(await tower.cli(['apply', '-f', file])).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/alias/i),
    });
  });

  test('comes on stdin and is told by that name', async () => {
    const refused = await tower.cli(['apply', '-f', '-'], 'kind: Nothing\n');
    expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining('stdin') });
  });

  test('is told as JSON when JSON was asked for', async () => {
    const refused = await tower.cli(['apply', '-f', 'wrong.yaml', '-o', 'json']);
    expect(refused.code).toBe(3);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      error: { code: 'manifest_invalid', details: { problems: expect.any(Array) } },
    });
  });
});

test('usage errors end with 3', async () => {
  for (const args of [
    ['apply'],
    ['get', 'nonsense'],
    ['frobnicate'],
    ['apply', '-f', 'absent.yaml'],
  ]) {
    const refused = await tower.cli(args);
    expect(refused, args.join(' ')).toMatchObject({ code: 3 });
    expect(refused.stderr, args.join(' ')).not.toBe('');
  }
});

test('a wait that runs out of time ends with 124 and says what is missing', async () => {
  const text = layoutText('slow', [pane('a'), pane('b', { settle: '10m', after: ['a'] })]);
  const waited = await tower.cli([
    'apply',
    '-f',
    write('slow.yaml', text),
    '--wait',
    '--timeout',
    '1s',
  ]);
  expect(waited.code).toBe(124);
  expect(waited.stderr).toContain('layout/slow: b Starting');
  await tower.done('delete', 'slow', '--wait');
});

test('a layout that cannot become ready by itself ends a wait with 5', async () => {
  const panes = [pane('a', { command: ['/no/such/program'], restartPolicy: 'Never' })];
  const file = write('hopeless.yaml', layoutText('hopeless', panes));
  const waited = await tower.cli(['apply', '-f', file, '--wait', '--timeout', '60s']);
  expect(waited).toMatchObject({ code: 5, stderr: expect.stringContaining('hopeless') });
  await tower.done('delete', 'hopeless', '--wait');
});

test('without a daemon every command that needs one ends with 7 and says how to start it', async () => {
  await tower.killDaemon('SIGTERM');
  for (const args of [['get', 'layouts'], ['apply', '-f', 'mine.yaml'], ['plan'], ['status']]) {
    const refused = await tower.cli(args);
    expect(refused, args.join(' ')).toMatchObject({
      code: 7,
      stderr: expect.stringContaining('agenttower ensure-daemon'),
    });
  }
  await tower.startDaemon();
});
