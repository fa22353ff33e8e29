import { describe, expect, test } from 'vitest';
import { type FakeOptions, failure, run } from './fake-world.ts';
import { DAEMON_STATUS, layout, pane } from './views.ts';

const ROWS = [
  'socket_resolved',
  'socket_reachable',
  'daemon_status',
  'container_identity',
  'tmux_present',
  'tmux_pane_match',
];

const IN_A = { ...DAEMON_STATUS, caller: { kind: 'container', container: 'bench-a' } };
const UNKNOWN = { ...DAEMON_STATUS, caller: { kind: 'container', container: null } };

interface Document {
  readonly summary: Readonly<Record<string, number>>;
  readonly checks: Readonly<
    Record<
      string,
      { readonly status: string; readonly sub_code: string | null; readonly detail: string }
    >
  >;
}

/** The rows as `name status sub_code`, the numbers, and the exit code. */
async function examine(options: FakeOptions) {
  const { exitCode, out, err } = await run(['config', 'doctor', '--json'], options);
  expect(err).toBe('');
  const { summary, checks } = JSON.parse(out) as Document;
  expect(Object.keys(checks)).toEqual(ROWS);
  expect(summary['exit_code']).toBe(exitCode);
  const { total, passed = 0, warned = 0, failed = 0, info = 0 } = summary;
  expect([total, passed + warned + failed + info]).toEqual([6, 6]);
  const rows = Object.fromEntries(
    Object.entries(checks).map(([name, { status, sub_code }]) => [
      name,
      sub_code === null ? status : `${status} ${sub_code}`,
    ]),
  );
  return { exitCode, rows };
}

const daemon = (status: unknown = DAEMON_STATUS): NonNullable<FakeOptions['daemon']> => ({
  status: () => status,
  'layout.list': () => ({ items: [] }),
});

test('on a host that is well, it ends with 0', async () => {
  expect(await examine({ daemon: daemon() })).toEqual({
    exitCode: 0,
    rows: {
      socket_resolved: 'pass',
      socket_reachable: 'pass',
      daemon_status: 'pass',
      container_identity: 'info host_context',
      tmux_present: 'info not_in_tmux',
      tmux_pane_match: 'info not_in_tmux',
    },
  });
});

test('for people it is a row for each check, and a sum', async () => {
  const { out } = await run(['config', 'doctor'], {
    daemon: daemon(UNKNOWN),
    surroundings: { isInContainer: true, containerIds: ['bench'] },
    paths: { socket: '/run/agenttower/agenttowerd.sock', socketSource: 'mounted_default' },
  });
  expect(out).toMatchInlineSnapshot(`
    "socket_resolved	pass	/run/agenttower/agenttowerd.sock (mounted_default)
    socket_reachable	pass	/run/agenttower/agenttowerd.sock
    daemon_status	pass	pid 77, version 1.2.3, schema 1
    container_identity	fail	no_match: the daemon cannot tell which of its containers this is (bench)
        on the host: agenttower get containers; the daemon must know this one, and a sandbox inside it does not count as it
    tmux_present	info	not_in_tmux: TMUX is not set
    tmux_pane_match	info	not_in_tmux: TMUX_PANE names no pane
    summary	5	3/6 checks passed
    "
  `);
});

test('a bad AGENTTOWER_SOCKET ends it with 1, and nothing else is tried', async () => {
  const { exitCode, rows } = await examine({
    daemon: daemon(),
    surroundings: { socketProblem: 'does not exist' },
  });
  expect([exitCode, rows['socket_resolved'], rows['socket_reachable']]).toEqual([
    1,
    'fail socket_override_invalid',
    'info daemon_unavailable',
  ]);
});

describe('a daemon that is not reached ends it with 2', () => {
  test.each([
    ['missing', 'socket_missing'],
    ['other', 'socket_not_unix'],
  ] as const)('%s', async (kind, code) => {
    const { exitCode, rows } = await examine({ surroundings: { kindOf: () => kind } });
    expect([exitCode, rows['socket_reachable']]).toEqual([2, `fail ${code}`]);
    expect(rows['container_identity']).toBe('info daemon_unavailable');
  });

  test('nobody listens', async () => {
    const { exitCode, rows } = await examine({ isRunning: false });
    expect([exitCode, rows['socket_reachable']]).toEqual([2, 'fail connection_refused']);
  });

  test.each([
    ['internal_error', 'permission_denied'],
    ['daemon_unreachable', 'protocol_error'],
  ] as const)('what answers says %s', async (given, code) => {
    const ping = (): never => {
      throw failure(given, 'no');
    };
    const { exitCode, rows } = await examine({ daemon: { ping } });
    expect([exitCode, rows['socket_reachable']]).toEqual([2, `fail ${code}`]);
  });
});

describe('a daemon that answers and does not fit', () => {
  test('fails on its own status: 3', async () => {
    const { exitCode, rows } = await examine({ daemon: { status: broken } });
    expect([exitCode, rows['daemon_status']]).toEqual([3, 'fail daemon_error']);
  });

  test.each([
    [2, 3, 'fail schema_version_newer'],
    [0, 0, 'warn schema_version_older'],
  ])('has schema %i: %i', async (schema_version, exit, row) => {
    const { exitCode, rows } = await examine({
      daemon: daemon({ ...DAEMON_STATUS, schema_version }),
    });
    expect([exitCode, rows['daemon_status']]).toEqual([exit, row]);
  });
});

describe('which container this is', () => {
  test('is what the daemon says', async () => {
    const { exitCode, rows } = await examine({ daemon: daemon(IN_A) });
    expect([exitCode, rows['container_identity']]).toEqual([0, 'pass unique_match']);
  });

  test.each([
    [[], 'no_candidate'],
    [['bench'], 'no_match'],
    [['a'.repeat(64), 'b'.repeat(64)], 'multi_match'],
  ])('is not told by %j: 5', async (containerIds, code) => {
    const { exitCode, rows } = await examine({
      daemon: daemon(UNKNOWN),
      surroundings: { containerIds },
    });
    expect([exitCode, rows['container_identity']]).toEqual([5, `fail ${code}`]);
  });
});

describe('which pane this is', () => {
  const env = { TMUX: '/tmp/tmux-1000/default,7,0', TMUX_PANE: '%4' };
  const panes = [pane('m1', { tmux_pane_id: '%4', pid: 9 })];
  const examineIn = (layouts: readonly unknown[], over: FakeOptions = {}) =>
    examine({
      env,
      daemon: { status: () => IN_A, 'layout.list': () => ({ items: layouts }) },
      surroundings: { ancestors: [30, 20, 9, 1] },
      ...over,
    });
  const there = layout('team', { container: 'bench-a', panes });

  test('is the one whose process is above this one', async () => {
    const { rows } = await examineIn([there]);
    expect([rows['tmux_present'], rows['tmux_pane_match']]).toEqual(['pass', 'pass pane_match']);
  });

  test.each([
    ['another process has the pane', [there], { surroundings: { ancestors: [30, 1] } }],
    ['the pane is in another container', [layout('team', { container: 'local', panes })], {}],
    ['nobody has the pane', [], {}],
  ])('is not known: %s', async (_why, layouts, over) => {
    const { exitCode, rows } = await examineIn(layouts, over);
    expect([exitCode, rows['tmux_pane_match']]).toEqual([0, 'warn pane_unknown_to_daemon']);
  });

  test('is ambiguous where two layouts claim it', async () => {
    const { rows } = await examineIn([there, layout('other', { container: 'bench-a', panes })]);
    expect(rows['tmux_pane_match']).toBe('warn pane_ambiguous');
  });

  test('cannot be told from what tmux never sets', async () => {
    const { exitCode, rows } = await examineIn([], { env: { TMUX: 'x', TMUX_PANE: '4' } });
    expect([exitCode, rows['tmux_present']]).toEqual([5, 'fail output_malformed']);
  });
});

function broken(): never {
  throw failure('internal_error', 'broken');
}
