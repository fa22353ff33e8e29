import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { run } from './fake-world.ts';
import {
  adoptedAgent,
  condition,
  DAEMON_STATUS,
  detail,
  event,
  layout,
  pane,
  source,
} from './views.ts';

const HELD = {
  by: 'alice',
  reason: 'rate limit',
  since: '2026-01-02T09:00:00.000000Z',
  until: '2026-01-03T09:00:00.000000Z',
};
const payments = layout('payments');
const troubled = layout('web', {
  container: 'bench-api',
  sync: 'OutOfSync',
  health: 'Degraded',
  conditions: [
    condition('Ready', { status: 'False' }),
    condition('Held'),
    condition('CrashLoop', { message: 's1 keeps exiting' }),
  ],
  panes: [
    pane('m1', { status: 'Held', held: HELD, tmux_pane_id: null, pid: null, started_at: null }),
    pane('s1', { status: 'CrashLoop', restarts: 7, label: 'bad\u001b[2Jlabel' }),
  ],
});
const list = {
  'layout.list': () => ({ items: [payments, troubled] }),
  list_agents: () => ({ agents: [adoptedAgent] }),
};

describe('get', () => {
  test('layouts as a table, with what a human put aside first in the status', async () => {
    const outcome = await run(['get', 'layouts'], { daemon: list });
    expect(outcome.out).toMatchInlineSnapshot(`
      "NAME       CONTAINER   READY   SYNC        HEALTH     STATUS           SOURCE   AGE
      payments   local       2/2     Synced      Healthy    Ready            apply    2h
      web        bench-api   0/2     OutOfSync   Degraded   Held,CrashLoop   apply    2h
      "
    `);
    expect(outcome.exitCode).toBe(0);
  });

  test('panes as a table', async () => {
    const outcome = await run(['get', 'panes'], { daemon: list });
    expect(outcome.out).toMatchInlineSnapshot(`
      "CONTAINER   LAYOUT     SLOT   LABEL         ROLE     STATUS      RESTARTS   TMUX   PID    AGE
      local       payments   m1     payments-m1   master   Ready       0          %1     4242   30s
      local       payments   s1     payments-s1   slave    Ready       0          %1     4242   30s
      bench-api   web        m1     payments-m1   master   Held        0          -      -      -
      bench-api   web        s1     badlabel      slave    CrashLoop   7          %1     4242   30s
      "
    `);
  });

  test('panes that are all in one container do without its name', async () => {
    const outcome = await run(['get', 'panes', 'web/s1'], { daemon: list });
    expect(outcome.out).toMatchInlineSnapshot(`
      "LAYOUT   SLOT   LABEL      ROLE    STATUS      RESTARTS   TMUX   PID    AGE
      web      s1     badlabel   slave   CrashLoop   7          %1     4242   30s
      "
    `);
  });

  test.each(['agents', 'sources', 'containers', 'events'])('%s as a table', async (resource) => {
    const outcome = await run(['get', resource, '-o', 'wide'], {
      daemon: {
        ...list,
        'source.list': () => ({ items: [source('cluster')] }),
        'engine.list': () => ({ items: [] }),
        'container.list': () => ({
          items: [
            {
              id: 'local',
              name: 'local',
              engine: 'local',
              state: 'running',
              observed: true,
              message: '',
              layouts: 1,
            },
          ],
        }),
        'events.list': () => ({ items: [event(1), event(2, { pane_id: 'pane-m1' })], last_seq: 2 }),
      },
    });
    expect(outcome.out).toMatchSnapshot();
  });

  test('containers with what is wrong with their engines beside them', async () => {
    const silent = { state: 'failed', code: 'docker_unavailable', unused: false };
    const outcome = await run(['get', 'containers'], {
      daemon: {
        'container.list': () => ({ items: [] }),
        'engine.list': () => ({
          items: [
            { ...silent, name: 'docker', message: 'the daemon is not running' },
            { ...silent, name: 'podman', message: 'nobody uses it', unused: true },
            { name: 'far', state: 'ok', code: null, message: '', unused: false },
          ],
        }),
      },
    });
    expect(outcome.err).toBe('engine docker: the daemon is not running\n');
    expect(outcome.exitCode).toBe(0);
  });

  test('-o json is what came over the wire', async () => {
    const outcome = await run(['get', 'layouts', '-o', 'json'], { daemon: list });
    expect(JSON.parse(outcome.out)).toEqual({ items: [payments, troubled] });
  });

  test('-o json of one layout by name is that layout', async () => {
    const outcome = await run(['get', 'layout', 'payments', '-o', 'json'], {
      daemon: { 'layout.list': () => ({ items: [payments] }) },
    });
    expect(JSON.parse(outcome.out)).toEqual(payments);
    expect(outcome.calls).toEqual([['layout.list', { name: 'payments' }]]);
  });

  test('-o yaml carries the same', async () => {
    const outcome = await run(['get', 'layouts', '-o', 'yaml'], { daemon: list });
    expect(parse(outcome.out)).toEqual({ items: [payments, troubled] });
  });

  test.each([
    [['get', 'layouts', '-o', 'name'], 'layout/payments\nlayout/web\n'],
    [['get', 'panes', 'web', '-o', 'name'], 'layout/web/m1\nlayout/web/s1\n'],
    [['get', 'layouts', '-l', 'team=web', '-o', 'name'], 'layout/web\n'],
    [['get', 'panes', '-l', 'team=web', '-o', 'name'], 'layout/web/m1\nlayout/web/s1\n'],
    [['get', 'agents', '-l', 'team=payments', '-o', 'name'], 'agent/agt_m1\nagent/agt_s1\n'],
  ])('%j', async (argv, out) => {
    const outcome = await run(argv, { daemon: list });
    expect(outcome.out).toBe(out);
  });

  test('layout/NAME and a container are passed on', async () => {
    const outcome = await run(['get', 'layout/web', '--container', 'bench-api', '-o', 'name'], {
      daemon: list,
    });
    expect(outcome.calls).toEqual([['layout.list', { name: 'web', container: 'bench-api' }]]);
    expect(outcome.out).toBe('layout/web\n');
  });

  test.each([
    [['get', 'events', '-l', 'team=a'], '-l selects by the labels of layouts'],
    [['get', 'sources', '-l', 'team=a'], '-l selects by the labels of layouts'],
    [['get', 'layouts', '--since', '3'], '--since is for events only'],
    [['get', 'panes', '--since', '3', '--limit', '2'], '--since and --limit are for events only'],
  ])('%j is refused instead of ignoring an option', async (argv, message) => {
    const outcome = await run(argv);
    expect(outcome).toMatchObject({ exitCode: 3, calls: [] });
    expect(outcome.err).toContain(message);
  });

  test.each([['layouts'], ['panes']])(
    '%s of which none match are not taken for none at all',
    async (what) => {
      const daemon = { 'layout.list': () => ({ items: [] }) };
      const outcome = await run(['get', what, '-l', 'team=a'], { daemon });
      expect(outcome).toMatchObject({ exitCode: 0, out: `no ${what} match\n` });
    },
  );

  test('a name that is not there is an error with the names there are', async () => {
    const outcome = await run(['get', 'layout', 'payment'], {
      daemon: { 'layout.list': ({ name }) => ({ items: name === undefined ? [payments] : [] }) },
    });
    expect(outcome.exitCode).toBe(1);
    expect(outcome.err).toBe('error: there is no layout payment; there are payments\n');
  });

  test.each([
    ['layouts', 'host', null, 'no layouts; declare one: agenttower apply -f FILE'],
    ['panes', 'host', null, 'no panes'],
    ['layouts', 'container', null, 'the daemon cannot tell which container this is'],
    ['panes', 'container', null, 'the daemon cannot tell which container this is'],
    [
      'layouts',
      'container',
      'bench',
      'no layouts in container bench; make some: agenttower managed',
    ],
  ])('an empty list of %s for the %s %s says why, or how to begin', async (...row) => {
    const [what, kind, container, said] = row;
    const outcome = await run(['get', what], {
      daemon: {
        'layout.list': () => ({ items: [] }),
        status: () => ({ caller: { kind, container } }),
      },
    });
    expect(outcome.out).toContain(said);
    expect(outcome.exitCode).toBe(0);
  });

  test('rows are cut to a terminal and coloured there, and NO_COLOR is honoured', async () => {
    const options = { daemon: list, isTTY: true, columns: 38 };
    const plain = await run(['get', 'layouts'], { ...options, env: { NO_COLOR: '1' } });
    expect(plain.out.split('\n')[1]).toBe('payments   local       2/2     Synced');
    const coloured = await run(['get', 'layouts'], options);
    expect(coloured.out).toContain('\u001b[32mSynced');
  });

  test('a terminal that does not know its size cuts nothing', async () => {
    const options = { daemon: list, isTTY: true, columns: 0, rows: 0, env: { NO_COLOR: '1' } };
    const outcome = await run(['get', 'layouts'], options);
    expect(outcome.out).toContain('payments   local       2/2     Synced      Healthy    Ready');
  });

  test('without a daemon it ends with 7 and says how to start one', async () => {
    const outcome = await run(['get', 'layouts', '-o', 'json'], { isRunning: false });
    expect(outcome.exitCode).toBe(7);
    expect(JSON.parse(outcome.out)).toMatchObject({ error: { code: 'daemon_unreachable' } });
    expect(outcome.starts).toBe(0);
  });

  test('-w appends rows that changed, and ends with Ctrl-C', async () => {
    const later = layout('payments', { health: 'Progressing' });
    const outcome = await run(['get', 'layouts', '-w'], {
      interruptAtMs: 2_000,
      daemon: {
        'layout.list': (_, call) => ({ items: [[payments], [payments], [later], []][call] ?? [] }),
        status: () => ({ caller: { kind: 'host', container: null } }),
      },
    });
    const [, first, second, third] = outcome.out.split('\n');
    expect(first).toMatch(/^payments .*Healthy/);
    expect(second).toMatch(/^payments .*Progressing/);
    expect(third).toBe('layout/payments is gone');
    expect(outcome.exitCode).toBe(130);
  });

  test('get events -w goes on where the list ended', async () => {
    const outcome = await run(['get', 'events', '-w'], {
      daemon: { ...list, 'events.list': () => ({ items: [event(7)], last_seq: 7 }) },
      events: [
        event(8, { event_type: 'slot_held', pane_id: 'pane-m1', payload: { by: 'al\u001b[Aice' } }),
      ],
    });
    expect(outcome.calls.at(-1)).toEqual(['events.watch', { since_seq: 7 }]);
    expect(outcome.out).toContain('8  2026-01-02T11:59:00Z  slot_held  web/m1  by=alice\n');
    expect(outcome.exitCode).toBe(130);
  });

  test.each([
    [['get', 'pods'], 'there is no "pods" to get'],
    [['get', 'layouts', '-l', 'team'], 'selects nothing'],
    [['get', 'layouts', '-w', '-o', 'yaml'], '-w shows a table'],
    [['get', 'layouts', '-o', 'xml'], 'Allowed choices are'],
  ])('%j is a usage error', async (argv, message) => {
    const outcome = await run(argv);
    expect(outcome.exitCode).toBe(3);
    expect(outcome.err).toContain(message);
  });
});

describe('describe', () => {
  test('a layout, holds first', async () => {
    const web = detail('web', {
      ...troubled,
      unmanaged: [{ tmux_pane_id: '%9', title: 'mine\u0007' }],
      events: [event(3)],
    });
    const outcome = await run(['describe', 'layout/web'], { daemon: { 'layout.get': () => web } });
    expect(outcome.out).toMatchSnapshot();
    expect(outcome.out.split('\n')[0]).toBe(
      'Held: web/m1 by alice since 3h (rate limit), ends in 21h',
    );
  });

  test.each(['web/m1', 'layout/web/m1', 'pane/web/m1'])('%s is one pane', async (reference) => {
    const outcome = await run(['describe', reference], {
      daemon: {
        'layout.list': () => ({ items: [layout('web')] }),
        'layout.get': () => detail('web'),
      },
    });
    expect(outcome.err).toBe('');
    expect(outcome.out).toMatch(/^Slot: +web\/m1\n/);
  });

  test('a suspended layout says so before everything else', async () => {
    const conditions = [condition('Suspended', { message: 'suspended by bob: by hand' })];
    const outcome = await run(['describe', 'web'], {
      daemon: { 'layout.get': () => detail('web', { conditions }) },
    });
    expect(outcome.out.split('\n')[0]).toBe('Suspended: web by bob: by hand');
  });

  test('a slot, by key or label', async () => {
    const daemon = {
      'layout.list': () => ({ items: [layout('web', troubled)] }),
      'layout.get': () => detail('web', troubled),
    };
    const outcome = await run(['describe', 'web/s1'], { daemon });
    expect(outcome.out).toMatchSnapshot();
    const missing = await run(['describe', 'web/s9'], { daemon });
    expect(missing.err).toBe('error: layout web has no slot s9; there are m1, s1\n');
  });

  test('an agent by its label, with all that is said of its state', async () => {
    const state_evidence = [
      {
        source: 'log',
        state: 'working',
        at: '2026-01-02T11:59:55Z',
        detail: 'activity.fallback.v1',
      },
      { source: 'hook', state: 'working', at: '2026-01-02T11:59:00Z', detail: 'PreToolUse Bash' },
    ];
    const daemon = { 'agent.describe': () => ({ ...adoptedAgent, state_evidence }) };
    const outcome = await run(['describe', 'agent/reviewer'], { daemon });
    expect(outcome.calls).toEqual([['agent.describe', { target: 'reviewer', look: true }]]);
    expect(outcome.out).toMatchSnapshot();
  });

  test('a source, its error and mistakes with their lines', async () => {
    const broken = source('cluster', {
      last_error: 'team.yaml does not parse',
      problems: [
        { file: 'team.yaml', line: 2, column: 1, text: 'nmae: x', message: 'unknown key' },
      ],
    });
    const outcome = await run(['describe', 'source/cluster'], {
      daemon: { 'source.list': () => ({ items: [broken] }) },
    });
    expect(outcome.out).toMatchSnapshot();
  });
});

describe('wait', () => {
  test('tells layouts of one name apart by their containers', async () => {
    const pending = { panes: [pane('m1', { status: 'Pending' })] };
    const conditions = [condition('Ready', { status: 'False', message: 'm1 Pending (1 slot)' })];
    const twins = ['bench-a', 'bench-b'].map((container) =>
      layout('web', { container, conditions, ...pending }),
    );
    const outcome = await run(['wait', 'web', '--timeout', '1s'], {
      daemon: { 'layout.list': () => ({ items: twins }) },
    });
    expect(outcome.out).toBe('bench-a/web/m1 Pending\nbench-b/web/m1 Pending\n');
    expect(outcome.err).toContain('layout/bench-a/web: m1 Pending (1 slot)');
    expect(outcome.err).toContain('layout/bench-b/web: m1 Pending (1 slot)');
  });

  test('ends with 0 when reached and names what was', async () => {
    const outcome = await run(['wait', 'layout/payments', '--for', 'synced'], { daemon: list });
    expect(outcome.out).toContain('layout/payments is synced\n');
    expect(outcome.exitCode).toBe(0);
  });

  test('leaves it to the daemon what a container is called', async () => {
    const items = [layout('web', { container: 'bench-a' })];
    const outcome = await run(['wait', 'web', '--container', 'docker:bench-a'], {
      daemon: { 'layout.list': () => ({ items }) },
    });
    expect(outcome.calls[0]).toEqual(['layout.list', { name: 'web', container: 'docker:bench-a' }]);
    expect(outcome.exitCode).toBe(0);
  });

  test('a layout that is not there is absent already, and an error otherwise', async () => {
    const gone = await run(['wait', 'ghost', '--for', 'absent'], { daemon: list });
    expect(gone.exitCode).toBe(0);
    const missing = await run(['wait', 'ghost'], { daemon: list });
    expect(missing.exitCode).toBe(1);
    expect(missing.err).toContain('there are payments, web');
  });

  test('fails fast with 5', async () => {
    const outcome = await run(['wait', 'web', '--json'], { daemon: list });
    expect(outcome.exitCode).toBe(5);
    expect(JSON.parse(outcome.out)).toMatchObject({ wait: { outcome: 'hopeless' } });
  });
});

describe('attach', () => {
  const daemon = {
    'layout.get': () => detail('payments', { panes: [pane('m1', { tmux_pane_id: '%3' })] }),
  };

  test("runs the daemon's argv on this terminal", async () => {
    const outcome = await run(['attach', 'payments'], { daemon, isTTY: true });
    expect(outcome.attached).toEqual([
      ['tmux', '-L', 'agenttower', 'attach-session', '-t', '=payments'],
    ]);
  });

  test('chooses a pane by slot or label', async () => {
    const listed = { ...daemon, 'layout.list': () => ({ items: [layout('payments')] }) };
    const outcome = await run(['attach', 'payments/payments-m1', '--print'], { daemon: listed });
    expect(outcome.out).toBe(
      "tmux -L agenttower attach-session -t '=payments' ';' select-window -t %3 ';' select-pane -t %3\n",
    );
  });

  test('without a terminal it says what to run in one', async () => {
    const outcome = await run(['attach', 'payments'], { daemon });
    expect(outcome.exitCode).toBe(3);
    expect(outcome.err).toContain('tmux -L agenttower attach-session');
  });
});

describe('status', () => {
  const WELL = {
    'container.list': () => ({ items: [] }),
    'source.list': () => ({ items: [source('cluster')] }),
  };

  test('names places where nothing is repaired now, and sources that are not followed', async () => {
    const place = { id: 'local', name: 'local', engine: 'local', image: '', state: 'running' };
    const blind = { ...place, observed: false, message: 'the disk is full', layouts: 1 };
    const outcome = await run(['status'], {
      daemon: {
        status: () => ({
          ...DAEMON_STATUS,
          left_out: [{ layout: 'each', container: 'bench-b', message: 'layout each: no room' }],
        }),
        'layout.list': () => ({ items: [] }),
        'container.list': () => ({ items: [blind, { ...blind, name: 'idle', layouts: 0 }] }),
        'source.list': () => ({
          items: [
            source('cluster'),
            source('desk', { last_error: 'a.yaml:3:1: a list does not end' }),
            source('lab', { prune_blocked: 'confirm with --confirm-prune 6' }),
          ],
        }),
      },
    });
    expect(outcome.out.split('Trouble:\n')[1]?.split('\n')).toEqual([
      '  container bench-b: layout each: no room',
      '  container local: the disk is full',
      '  source desk: a.yaml:3:1: a list does not end',
      '  source lab: confirm with --confirm-prune 6',
      '',
    ]);
  });

  test('puts holds on top and lists what is not as it should be', async () => {
    const outcome = await run(['status'], {
      daemon: { ...list, ...WELL, status: () => DAEMON_STATUS },
    });
    expect(outcome.out).toMatchInlineSnapshot(`
      "Held: web/m1 by alice since 3h (rate limit), ends in 21h
      Daemon:   running, pid 77, for 2h
      Version:  1.2.3 (schema 1)
      Socket:   /state/agenttowerd.sock
      State:    /state/agenttower.sqlite3
      Layouts:  2, 1 ready
      Panes:    2
      Logs:     0 attached
      Routing:  enabled
      Routes:   0, 0 enabled

      Not as they should be:
        NAME   CONTAINER   READY   SYNC        HEALTH     STATUS           SOURCE   AGE
        web    bench-api   0/2     OutOfSync   Degraded   Held,CrashLoop   apply    2h
      "
    `);
  });

  test('--json is what the daemon says', async () => {
    const outcome = await run(['status', '--json'], { daemon: { status: () => DAEMON_STATUS } });
    expect(JSON.parse(outcome.out)).toEqual(DAEMON_STATUS);
  });
});
