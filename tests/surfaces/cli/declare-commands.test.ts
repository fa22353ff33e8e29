import { describe, expect, test } from 'vitest';
import type { PlanResult } from '../../../src/surfaces/api/protocol.ts';
import { failure, run } from './fake-world.ts';
import { condition, layout, pane } from './views.ts';

const FILES = { '/srv/team.yaml': 'kind: Layout\n' };
const SENT = [{ path: '/srv/team.yaml', text: 'kind: Layout\n' }];
const CREATED = {
  objects: [
    { kind: 'LaunchProfile', name: 'claude', action: 'unchanged' },
    { kind: 'Layout', name: 'payments', container: 'local', action: 'created', generation: 2 },
  ],
};
const PLAN: PlanResult = {
  formatVersion: '1.0',
  plan_id: 'plan-1',
  lineage: 'db-1',
  actions: [
    {
      action: 'create',
      slot: 'payments/m1',
      container: 'local',
      cause: 'Missing',
      changes: [],
      drift: false,
    },
  ],
  unknown: [],
  blocked: [],
  counts: { create: 1, replace: 0, in_place: 0, kill: 0, unchanged: 0, unknown: 0 },
  touched: [],
  routes: [],
  layouts: [{ name: 'payments', container: 'local', action: 'created' }],
  text: '  + payments/m1  create  missing\n\nPlan: 1 create\n',
};
const UNSEEN = { container: 'api', reason: 'Timeout', message: 'exec timed out', slots: ['a/m1'] };

const ready2 = layout('payments', { generation: 2, observed_generation: 2 });
const starting = layout('payments', {
  generation: 2,
  conditions: [
    condition('Ready', { status: 'False', message: 's1 Starting', observed_generation: 2 }),
  ],
  panes: [pane('m1'), pane('s1', { status: 'Starting' })],
});

describe('apply', () => {
  test('of what declares nothing says so', async () => {
    const outcome = await run(['apply', '-f', '-'], {
      stdin: '',
      daemon: { 'manifest.apply': () => ({ objects: [] }) },
    });
    expect(outcome).toMatchObject({ exitCode: 0, out: '', err: 'these files declare nothing\n' });
  });

  test('prints one line per object and says nothing else', async () => {
    const outcome = await run(['apply', '-f', 'team.yaml'], {
      files: FILES,
      daemon: { 'manifest.apply': () => CREATED },
    });
    expect(outcome.out).toBe('launchprofile/claude unchanged\nlayout/payments created\n');
    expect(outcome.exitCode).toBe(0);
    expect(outcome.calls).toEqual([['manifest.apply', { files: SENT }]]);
  });

  test('on a terminal it tells how to look inside', async () => {
    const outcome = await run(['apply', '-f', 'team.yaml'], {
      files: FILES,
      isTTY: true,
      env: { NO_COLOR: '1' },
      daemon: { 'manifest.apply': () => CREATED },
    });
    expect(outcome.out).toContain('look inside: agenttower attach payments\n');
  });

  test('a prune reaches only below the paths that were typed', async () => {
    const outcome = await run(
      ['apply', '-f', 'agents', '--prune', '--confirm-prune', '4', '--take-ownership'],
      { files: { '/srv/agents/a.yaml': 'a' }, daemon: { 'manifest.apply': () => CREATED } },
    );
    expect(outcome.calls[0]?.[1]).toEqual({
      files: [{ path: '/srv/agents/a.yaml', text: 'a' }],
      prune: true,
      scope: ['/srv/agents'],
      confirm_prune: 4,
      take_ownership: true,
    });
  });

  test('- reads standard input', async () => {
    const outcome = await run(['apply', '-f', '-'], {
      stdin: 'kind: Layout\n',
      daemon: { 'manifest.apply': () => CREATED },
    });
    expect(outcome.calls[0]?.[1]).toEqual({ files: [{ path: '<stdin>', text: 'kind: Layout\n' }] });
  });

  test('--wait ends when the generation it made is ready', async () => {
    const outcome = await run(['apply', '-f', 'team.yaml', '--wait'], {
      files: FILES,
      daemon: {
        'manifest.apply': () => CREATED,
        'layout.list': (_, call) => ({ items: [[layout('payments'), starting, ready2][call]] }),
      },
    });
    expect(outcome.exitCode).toBe(0);
    expect(outcome.out).toBe(
      [
        'launchprofile/claude unchanged',
        'layout/payments created',
        'payments/m1 Ready',
        'payments/s1 Ready',
        'payments/s1 Starting',
        'payments/s1 Ready',
        '',
      ].join('\n'),
    );
    expect(outcome.sleptMs).toBe(100);
  });

  test('--wait redraws a small table in place on a terminal', async () => {
    const outcome = await run(['apply', '-f', 'team.yaml', '--wait'], {
      files: FILES,
      isTTY: true,
      env: { NO_COLOR: '1' },
      daemon: {
        'manifest.apply': () => CREATED,
        'layout.list': (_, call) => ({ items: [[starting, ready2][call]] }),
      },
    });
    expect(outcome.out).toContain(
      [
        '\u001b[?25lSLOT          LABEL         STATUS',
        'payments/m1   payments-m1   Ready',
        'payments/s1   payments-s1   Starting',
        '1/2 ready, 0s',
        '\u001b[4A\r\u001b[JSLOT          LABEL         STATUS',
        'payments/m1   payments-m1   Ready',
        'payments/s1   payments-s1   Ready',
        '2/2 ready, 0s',
        '\u001b[?25h',
      ].join('\n'),
    );
  });

  test('--wait fails at once with 5 and the reason when it cannot become ready', async () => {
    const stuck = layout('payments', {
      generation: 2,
      conditions: [
        condition('Ready', { status: 'False', observed_generation: 2 }),
        condition('CrashLoop', { message: 's1 keeps exiting', observed_generation: 2 }),
      ],
    });
    const outcome = await run(['apply', '-f', 'team.yaml', '--wait'], {
      files: FILES,
      daemon: { 'manifest.apply': () => CREATED, 'layout.list': () => ({ items: [stuck] }) },
    });
    expect(outcome.exitCode).toBe(5);
    expect(outcome.err).toContain('layout/payments: CrashLoop: s1 keeps exiting');
    expect(outcome.sleptMs).toBe(0);
  });

  test('--wait ends with 124 and what is still missing when time is up', async () => {
    const outcome = await run(['apply', '-f', 'team.yaml', '--wait', '--timeout', '3s'], {
      files: FILES,
      daemon: { 'manifest.apply': () => CREATED, 'layout.list': () => ({ items: [starting] }) },
    });
    expect(outcome.exitCode).toBe(124);
    expect(outcome.err).toContain('not there after 3s');
    expect(outcome.err).toContain('layout/payments: s1 Starting');
    // 40 looks in the first two seconds, 5 in the third, and one at the end.
    expect(outcome.calls.filter(([method]) => method === 'layout.list')).toHaveLength(46);
    expect(outcome.sleptMs).toBe(3_000);
  });

  test('Ctrl-C while waiting ends with 130 and says that the work goes on', async () => {
    const outcome = await run(['apply', '-f', 'team.yaml', '--wait'], {
      files: FILES,
      interruptAtMs: 500,
      daemon: { 'manifest.apply': () => CREATED, 'layout.list': () => ({ items: [starting] }) },
    });
    expect(outcome.exitCode).toBe(130);
    expect(outcome.err).toContain('agenttowerd goes on with it');
  });

  test('--wait outlasts a restart of the daemon', async () => {
    const outcome = await run(['apply', '-f', 'team.yaml', '--wait'], {
      files: FILES,
      daemon: {
        'manifest.apply': () => CREATED,
        'layout.list': (_, call) => {
          if (call < 3) throw failure('daemon_unreachable', 'the connection broke');
          return { items: [ready2] };
        },
      },
    });
    expect(outcome.exitCode).toBe(0);
  });

  test('--wait leaves held slots out and says so once', async () => {
    const held = layout('payments', {
      generation: 2,
      conditions: [condition('Ready', { status: 'False', observed_generation: 2 })],
      panes: [
        pane('m1', {
          status: 'Held',
          held: { by: 'alice', reason: '', since: '2026-01-02T11:00:00Z', until: null },
        }),
        pane('s1'),
      ],
    });
    const outcome = await run(['apply', '-f', 'team.yaml', '--wait'], {
      files: FILES,
      daemon: {
        'manifest.apply': () => CREATED,
        'layout.list': (_, call) => ({ items: [call === 0 ? starting : held] }),
      },
    });
    expect(outcome.exitCode).toBe(0);
    expect(outcome.out.match(/payments\/m1 is held by alice: not waited for/g)).toHaveLength(1);
  });

  test('-o json with --wait is one document', async () => {
    const outcome = await run(['apply', '-f', 'team.yaml', '--wait', '-o', 'json'], {
      files: FILES,
      daemon: { 'manifest.apply': () => CREATED, 'layout.list': () => ({ items: [ready2] }) },
    });
    expect(JSON.parse(outcome.out)).toEqual({
      ...CREATED,
      wait: { outcome: 'reached', reasons: [] },
      layouts: [ready2],
    });
  });

  test('a saved plan travels back as it was, and a stale one ends with 4', async () => {
    const saved = { plan: PLAN, files: SENT, prune: false, take_ownership: false };
    const files = { '/srv/next.plan': JSON.stringify(saved) };
    const outcome = await run(['apply', 'next.plan'], {
      files,
      daemon: { 'manifest.apply': () => CREATED },
    });
    expect(outcome.calls).toEqual([['manifest.apply', { plan: saved }]]);

    const stale = await run(['apply', 'next.plan'], {
      files,
      daemon: {
        'manifest.apply': () => {
          throw failure('plan_stale', 'the plan is stale: payments changed since it was made');
        },
      },
    });
    expect(stale.exitCode).toBe(4);
    expect(stale.err).toBe('error: the plan is stale: payments changed since it was made\n');
  });

  test.each([
    [['apply'], 'name what to apply'],
    [['apply', 'x.plan', '-f', 'team.yaml'], 'name what to apply'],
    [['apply', 'team.yaml'], 'is not a saved plan'],
    [['apply', 'half.plan'], 'is not a saved plan'],
    [['apply', 'whole.plan', '--dry-run'], '--dry-run cannot be combined with a saved plan'],
    [
      ['apply', 'whole.plan', '--prune', '--confirm-prune', '2'],
      '--prune and --confirm-prune cannot',
    ],
    [['apply', '-f', ''], 'an empty path'],
    [['apply', '-f', 'nowhere.yaml'], 'there is no such file or directory'],
    [['apply', '-f', 'team.yaml', '--timeout', 'soon'], 'Write a duration'],
    [['apply', '-f', 'team.yaml', '--wiat'], 'Did you mean --wait?'],
  ])('%j is a usage error', async (argv, message) => {
    const files = {
      ...FILES,
      '/srv/half.plan': '{"plan": {"plan_id": "x"}, "files": []}',
      '/srv/whole.plan': JSON.stringify({ plan: PLAN, files: SENT, prune: false }),
    };
    const outcome = await run(argv, { files });
    expect(outcome.err).toContain(message);
    expect(outcome.exitCode).toBe(3);
    expect(outcome.calls).toEqual([]);
  });

  test('mistakes in a manifest are shown where they stand', async () => {
    const problems = [
      {
        file: '/srv/team.yaml',
        line: 3,
        column: 3,
        text: '  nmae: x',
        message: 'unknown key nmae',
        hint: 'did you mean name?',
      },
    ];
    const daemon = {
      'manifest.apply': () => {
        throw failure('manifest_invalid', 'nothing was applied\n(the same again)', { problems });
      },
    };
    const outcome = await run(['apply', '-f', 'team.yaml'], { files: FILES, daemon });
    expect(outcome.exitCode).toBe(3);
    expect(outcome.err).toBe(
      [
        'error: nothing was applied',
        'team.yaml:3:3: unknown key nmae; did you mean name?',
        '    3 |   nmae: x',
        '      |   ^^^^',
        '',
      ].join('\n'),
    );
    const json = await run(['apply', '-f', 'team.yaml', '-o', 'json'], { files: FILES, daemon });
    expect(JSON.parse(json.out)).toMatchObject({
      error: { code: 'manifest_invalid', details: { problems } },
    });
  });

  test('--dry-run shows objects and plan, and waits for nothing', async () => {
    const outcome = await run(['apply', '-f', 'team.yaml', '--dry-run', '--wait'], {
      files: FILES,
      daemon: { 'manifest.apply': () => ({ ...CREATED, plan: PLAN }) },
    });
    expect(outcome.out).toContain('layout/payments created (dry run)\n');
    expect(outcome.out).toContain('+ payments/m1  create  missing');
    expect(outcome.calls).toHaveLength(1);
  });
});

describe('plan', () => {
  test('saved with --prune remembers below which paths it prunes', async () => {
    const outcome = await run(['plan', '-f', 'team.yaml', '--prune', '--out', 'next.plan'], {
      files: FILES,
      daemon: { 'manifest.plan': () => PLAN },
    });
    const saved: unknown = JSON.parse(outcome.written.get('next.plan') ?? 'null');
    expect(saved).toMatchObject({ prune: true, scope: ['/srv/team.yaml'] });
  });

  test('takes a file once, however often it is named', async () => {
    const outcome = await run(['plan', '-f', 'team.yaml', './team.yaml', '/srv/team.yaml'], {
      files: FILES,
      daemon: { 'manifest.plan': () => PLAN },
    });
    expect(outcome.calls).toMatchObject([['manifest.plan', { files: SENT }]]);
  });

  test.each([
    [PLAN, [], 0],
    [PLAN, ['--detailed-exitcode'], 2],
    [{ ...PLAN, actions: [], layouts: [] }, ['--detailed-exitcode'], 0],
    [{ ...PLAN, actions: [] }, ['--detailed-exitcode'], 2],
    [{ ...PLAN, unknown: [UNSEEN] }, ['--detailed-exitcode'], 1],
    [{ ...PLAN, unknown: [UNSEEN] }, ['--detailed-exitcode', '--allow-unknown'], 2],
    [{ ...PLAN, unknown: [UNSEEN] }, ['--allow-unknown'], 0],
  ])('exit code of case %#', async (plan, flags, exitCode) => {
    const outcome = await run(['plan', '-f', 'team.yaml', ...flags], {
      files: FILES,
      daemon: { 'manifest.plan': () => plan },
    });
    expect(outcome.exitCode).toBe(exitCode);
    expect(outcome.out).toBe(PLAN.text);
  });

  test('without files it asks what the loop would do now', async () => {
    const outcome = await run(['plan', '-o', 'json'], { daemon: { 'manifest.plan': () => PLAN } });
    expect(outcome.calls).toEqual([
      ['manifest.plan', { files: [], prune: false, take_ownership: false }],
    ]);
    expect(JSON.parse(outcome.out)).toEqual(PLAN);
  });

  test('--out saves what apply takes back', async () => {
    const outcome = await run(['plan', '-f', 'team.yaml', '--out', 'next.plan'], {
      files: FILES,
      daemon: { 'manifest.plan': () => PLAN },
    });
    expect(JSON.parse(outcome.written.get('next.plan') ?? '')).toEqual({
      plan: PLAN,
      files: SENT,
      prune: false,
      take_ownership: false,
    });
    expect(outcome.err).toContain('agenttower apply next.plan');
  });

  test('--out says in a word why the file cannot be written', async () => {
    const fault = Object.assign(new Error("ENOENT: open '/none/x.1.tmp'"), { code: 'ENOENT' });
    const outcome = await run(['plan', '-f', 'team.yaml', '--out', '/none/x'], {
      files: FILES,
      daemon: { 'manifest.plan': () => PLAN },
      writeFile: () => Promise.reject(fault),
    });
    expect(outcome.err).toBe('error: cannot write /none/x: there is no such file or directory\n');
    expect(outcome.exitCode).toBe(3);
  });

  test('signs are coloured on a terminal only', async () => {
    const daemon = { 'manifest.plan': () => PLAN };
    const outcome = await run(['plan', '-f', 'team.yaml'], { files: FILES, isTTY: true, daemon });
    expect(outcome.out).toContain('\u001b[32m  + payments/m1  create  missing\u001b[0m');
  });
});

const script = (pause: number): string =>
  `${'printf x; '.repeat(20)}sleep ${pause}; ${'date; '.repeat(20)}`;

describe('diff', () => {
  const items = [
    {
      kind: 'Layout',
      name: 'payments',
      changes: [{ field: 'm1.command', old: ['claude'], new: ['claude', '--resume'] }],
    },
  ];

  test('shows the fields that differ', async () => {
    const outcome = await run(['diff', '-f', 'team.yaml'], {
      files: FILES,
      daemon: { 'manifest.diff': () => ({ items }) },
    });
    expect(outcome.out).toBe(
      'layout/payments\n  - m1.command: ["claude"]\n  + m1.command: ["claude","--resume"]\n',
    );
    expect(outcome.exitCode).toBe(0);
  });

  test('of long values only what differs is shown', async () => {
    const change = {
      field: 'm1.command',
      old: ['sh', '-c', script(15)],
      new: ['sh', '-c', script(160)],
    };
    const outcome = await run(['diff', '-f', 'team.yaml'], {
      files: FILES,
      daemon: {
        'manifest.diff': () => ({
          items: [{ kind: 'Layout', name: 'payments', changes: [change] }],
        }),
      },
    });
    expect(outcome.out).toBe(
      [
        'layout/payments',
        '  - m1.command: …x; printf x; printf x; sleep 15; date; date; date; date; date…',
        '  + m1.command: …x; printf x; printf x; sleep 160; date; date; date; date; date…',
        '',
      ].join('\n'),
    );
  });

  test('--detailed-exitcode tells by the exit code', async () => {
    const argv = ['diff', '-f', 'team.yaml', '--detailed-exitcode'];
    const differs = await run(argv, {
      files: FILES,
      daemon: { 'manifest.diff': () => ({ items }) },
    });
    expect(differs.exitCode).toBe(2);
    const same = await run(argv, {
      files: FILES,
      daemon: { 'manifest.diff': () => ({ items: [] }) },
    });
    expect([same.exitCode, same.out]).toEqual([0, '']);
  });
});

describe('delete', () => {
  const deleted = {
    objects: [{ kind: 'Layout', name: 'payments', container: 'local', action: 'deleted' }],
  };

  test('takes names in both forms', async () => {
    const outcome = await run(['delete', 'layout/payments', 'web'], {
      daemon: { 'manifest.delete': () => deleted },
    });
    expect(outcome.calls[0]?.[1]).toEqual({ layouts: [{ name: 'payments' }, { name: 'web' }] });
    expect(outcome.out).toBe('layout/payments deleted\n');
  });

  test('--wait ends when the layout is gone', async () => {
    const outcome = await run(['delete', 'payments', '--wait'], {
      daemon: {
        'manifest.delete': () => deleted,
        'layout.list': (_, call) => ({ items: call < 2 ? [starting] : [] }),
      },
    });
    expect([outcome.exitCode, outcome.sleptMs]).toEqual([0, 100]);
  });

  test('--wait does not wait for a layout of that name in another container', async () => {
    const elsewhere = layout('payments', { container: 'bench-a' });
    const outcome = await run(['delete', 'payments', '--container', 'local', '--wait'], {
      daemon: {
        'manifest.delete': () => deleted,
        'layout.list': () => ({ items: [elsewhere] }),
      },
    });
    expect([outcome.exitCode, outcome.out]).toEqual([0, 'layout/payments deleted\n']);
  });

  test('what another source declares is refused with 6', async () => {
    const outcome = await run(['delete', 'payments'], {
      daemon: {
        'manifest.delete': () => {
          throw failure('owned_by_source', 'layout payments is declared by agents');
        },
      },
    });
    expect(outcome.exitCode).toBe(6);
  });

  test('a slot is no layout', async () => {
    const daemon = { 'layout.list': () => ({ items: [layout('payments')] }) };
    const outcome = await run(['delete', 'payments/m1'], { daemon });
    expect(outcome.exitCode).toBe(3);
    expect(outcome.err).toContain('this command takes a whole layout: layout/payments');
  });
});
