import { describe, expect, test } from 'vitest';
import { failure, run } from './fake-world.ts';
import { layout, source } from './views.ts';

/** The layout web is in three containers, one of which is called like another layout. */
const listed = {
  'layout.list': () => ({
    items: [
      layout('payments'),
      ...['bench-a', 'bench-b', 'payments'].map((container) => layout('web', { container })),
      layout('m1', { container: 'payments' }),
    ],
  }),
};

describe('operator verbs', () => {
  test('stop passes slot, duration and reason on', async () => {
    const outcome = await run(
      ['stop', 'layout/payments/m1', '--for', '24h', '--reason', 'rate limit'],
      { daemon: { ...listed, 'layout.stop': () => ({ layout: 'payments', slots: ['m1'] }) } },
    );
    expect(outcome.calls.slice(1)).toEqual([
      ['layout.stop', { name: 'payments', slot: 'm1', reason: 'rate limit', for_ms: 86_400_000 }],
    ]);
    expect(outcome.out).toBe('payments/m1 stopped and held\n');
  });

  test.each(['start', 'restart'])('%s takes several layouts', async (verb) => {
    const outcome = await run([verb, 'payments', 'layout/web', '--container', 'bench'], {
      daemon: { [`layout.${verb}`]: ({ name }) => ({ layout: name, slots: ['m1'] }) },
    });
    expect(outcome.calls.map(([, params]) => params)).toEqual([
      { name: 'payments', container: 'bench' },
      { name: 'web', container: 'bench' },
    ]);
  });

  test.each(['bench-a/payments/m1', 'layout/bench-a/payments/m1'])(
    '%s names its container',
    async (slot) => {
      const outcome = await run(['restart', slot, 'web'], {
        daemon: { 'layout.restart': ({ name }) => ({ layout: name, slots: ['m1'] }) },
      });
      expect(outcome.calls.map(([, params]) => params)).toEqual([
        { name: 'payments', slot: 'm1', container: 'bench-a' },
        { name: 'web' },
      ]);
      expect((await run(['restart', `${slot}/more`])).exitCode).toBe(3);
      expect((await run(['restart', slot.replace('payments', '')])).exitCode).toBe(3);
    },
  );

  test('suspend and resume act on whole layouts', async () => {
    const daemon = { 'layout.suspend': () => ({ layout: 'payments', slots: [] }) };
    const outcome = await run(['suspend', 'payments', '--reason', 'by hand'], { daemon });
    expect(outcome.calls).toEqual([['layout.suspend', { name: 'payments', reason: 'by hand' }]]);
    expect(outcome.out).toBe('layout/payments suspended\n');
    expect((await run(['resume', 'payments/m1'], { daemon: listed })).exitCode).toBe(3);
  });

  test.each([
    ['bench-a/web', { name: 'web', container: 'bench-a' }],
    ['layout/bench-b/web', { name: 'web', container: 'bench-b' }],
    // A slot comes first: here a layout, a slot of it and a container share their names.
    ['payments/m1', { name: 'payments', slot: 'm1' }],
    ['payments/payments-s1', { name: 'payments', slot: 'payments-s1' }],
    ['payments/web', { name: 'web', container: 'payments' }],
    ['bench-c/web', { name: 'bench-c', slot: 'web' }],
  ])('%s is what there is of that name', async (reference, meant) => {
    const daemon = { ...listed, 'layout.start': () => ({ layout: 'any', slots: ['m1'] }) };
    const outcome = await run(['start', reference], { daemon });
    expect(outcome.calls.slice(1)).toEqual([['layout.start', meant]]);
  });

  test('a container beside the reference leaves a layout and its slot to the two parts', async () => {
    const daemon = { 'layout.start': () => ({ layout: 'payments', slots: ['m1'] }) };
    const outcome = await run(['start', 'payments/web', '--container', 'bench-a'], { daemon });
    expect(outcome.calls).toEqual([
      ['layout.start', { name: 'payments', slot: 'web', container: 'bench-a' }],
    ]);
  });

  test('suspend takes a whole layout of one container', async () => {
    const daemon = { ...listed, 'layout.suspend': () => ({ layout: 'web', slots: [] }) };
    const outcome = await run(['suspend', 'bench-b/web'], { daemon });
    expect(outcome.calls.slice(1)).toEqual([
      ['layout.suspend', { name: 'web', container: 'bench-b' }],
    ]);
  });

  test('a refusal ends with 6', async () => {
    const outcome = await run(['restart', 'payments'], {
      daemon: {
        'layout.restart': () => {
          throw failure('suspended', 'layout payments is suspended by alice; resume it first');
        },
      },
    });
    expect(outcome.exitCode).toBe(6);
  });
});

describe('source', () => {
  const added = { 'source.add': () => ({ source: source('agents') }) };

  test('a directory is named from the root', async () => {
    const outcome = await run(
      ['source', 'add', 'dir', 'agents', '--no-prune', '--interval', '10s'],
      {
        daemon: added,
      },
    );
    expect(outcome.calls).toEqual([
      ['source.add', { kind: 'directory', path: '/srv/agents', interval_ms: 10_000, prune: false }],
    ]);
  });

  test.each(['1ms', '25h'])('an interval of %s is refused in the words typed', async (interval) => {
    const outcome = await run(['source', 'add', 'dir', 'agents', '--interval', interval]);
    expect(outcome).toMatchObject({ exitCode: 3, calls: [] });
    expect(outcome.err).toContain('Write a duration between 1s and 24h.');
  });

  test.each([
    ['https://example.com/a.git', 'https://example.com/a.git'],
    ['git@example.com:a/b.git', 'git@example.com:a/b.git'],
    ['./a.git', '/srv/a.git'],
    ['/srv/a.git', '/srv/a.git'],
    ['a.git', '/srv/a.git'],
    ['sub/a.git', '/srv/sub/a.git'],
    ['~/a.git', '/home/ana/a.git'],
    ['file:///srv/a.git', 'file:///srv/a.git'],
    ['[::1]:a.git', '[::1]:a.git'],
  ])('a repository %s is sent as %s', async (typed, url) => {
    const argv = [
      'source',
      'add',
      'git',
      typed,
      '--branch',
      'main',
      '--path',
      'dev',
      '--name',
      'x',
    ];
    const outcome = await run(argv, { daemon: added, env: { HOME: '/home/ana' } });
    expect(outcome.calls).toEqual([
      ['source.add', { kind: 'git', url, branch: 'main', path: 'dev', name: 'x', prune: true }],
    ]);
  });

  const before = source('cluster', {
    last_checked_at: '2026-01-02T11:00:00Z',
    applied_revision: 'main@sha1:ffffffffffffffffffffffffffffffffffffffff',
  });
  const after = source('cluster', { last_checked_at: '2026-01-02T12:00:00Z' });
  const mine = layout('payments', {
    source: { kind: 'git', name: 'cluster', path: 'a.yaml:1', revision: 'r' },
  });

  test('sync --wait ends when the source was read and its layouts are ready', async () => {
    const outcome = await run(['source', 'sync', 'cluster', '--wait', '--confirm-prune', '3'], {
      daemon: {
        'source.list': (_, call) => ({ items: [call < 3 ? before : after] }),
        'source.sync': () => ({ source: before }),
        'layout.list': () => ({ items: [mine, layout('other', { conditions: [] })] }),
      },
    });
    expect(outcome.calls).toContainEqual(['source.sync', { name: 'cluster', confirm_prune: 3 }]);
    expect(outcome.out).toContain('source/cluster synced at main@sha1:0123456789ab\n');
    expect(outcome.exitCode).toBe(0);
  });

  test('sync --wait believes an answer that is new already', async () => {
    const outcome = await run(['source', 'sync', 'cluster', '--wait'], {
      daemon: {
        'source.list': () => ({ items: [before] }),
        'source.sync': () => ({ source: after }),
        'layout.list': () => ({ items: [mine] }),
      },
    });
    expect([outcome.exitCode, outcome.sleptMs]).toEqual([0, 0]);
  });

  test.each([
    [{ last_error: 'repository not found' }, 1, 'repository not found'],
    [
      {
        last_error: 'a.yaml does not parse',
        problems: [{ file: 'a.yaml', line: 1, message: 'bad' }],
      },
      3,
      'a.yaml:1: bad',
    ],
    [{ prune_blocked: 'would remove 9 panes' }, 6, 'would remove 9 panes'],
  ])('sync --wait: %j ends with %i', async (given, exitCode, message) => {
    const outcome = await run(['source', 'sync', 'source/cluster', '--wait'], {
      daemon: {
        'source.list': () => ({ items: [before] }),
        'source.sync': () => ({ source: { ...after, ...given } }),
        'layout.list': () => ({ items: [mine] }),
      },
    });
    expect(outcome.exitCode).toBe(exitCode);
    expect(outcome.err).toContain(message);
  });

  test('remove says what became of its layouts', async () => {
    const outcome = await run(['source', 'remove', 'cluster'], {
      daemon: { 'source.remove': () => ({ name: 'cluster', layouts: 2 }) },
    });
    expect(outcome.out).toBe('source/cluster removed\n');
    expect(outcome.err).toBe(
      'it declared 2 layouts, which run on; to end one: agenttower delete layout/NAME\n',
    );
  });

  test('an unknown source is an error with the names there are', async () => {
    const outcome = await run(['source', 'sync', 'clutser'], {
      daemon: { 'source.list': () => ({ items: [before] }) },
    });
    expect(outcome.exitCode).toBe(1);
    expect(outcome.err).toContain('there are cluster');
  });
});
