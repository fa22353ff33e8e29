import { describe, expect, test } from 'vitest';
import type {
  CreatedLayout,
  LayoutDetail,
  LayoutItem,
  PaneItem,
} from '../../../src/surfaces/cli/managed/calls.ts';
import { failure, run } from './fake-world.ts';

const CREATED: CreatedLayout = {
  layout_id: 'l1',
  state: 'creating',
  intended_pane_count: 1,
  panes: [{ pane_id: 'p1', role: 'master', label: 'm1', state: 'creating' }],
  replay: false,
};

const ITEM: LayoutItem = {
  layout_id: 'l1',
  container_id: 'local',
  template_name: '1m+2s',
  state: 'ready',
  intended_pane_count: 3,
  ready_pane_count: 3,
  created_at: '2026-01-02T11:59:00.000000Z',
};

function pane(given: Partial<PaneItem> = {}): PaneItem {
  return {
    pane_id: 'p1',
    layout_id: 'l1',
    container_id: 'local',
    role: 'master',
    capability: 'orchestrator',
    label: 'm1',
    state: 'ready',
    tmux_session_name: 'work',
    tmux_pane_index: 0,
    chain_depth: 0,
    agent_id: 'agt_0123456789ab',
    predecessor_id: null,
    log_attached: true,
    ...given,
  };
}

function detail(state: string, panes: readonly PaneItem[]): LayoutDetail {
  const failed_stage = state === 'failed' ? 'pane_create' : null;
  return { ...ITEM, state, failed_stage, panes, updated_at: ITEM.created_at };
}

const CREATE = ['managed', 'layout', 'create', '--template', '1m+2s', '--session', 'work'];

describe('managed layout create', () => {
  test('asks for the host unless told otherwise, and says what it made', async () => {
    const outcome = await run(CREATE, { daemon: { 'managed.layout.create': () => CREATED } });
    expect(outcome.calls).toEqual([
      [
        'managed.layout.create',
        { container_id: 'local', template_name: '1m+2s', tmux_session_name: 'work' },
      ],
    ]);
    expect(outcome.out).toBe(
      'layout l1 created\nPANE   LABEL   ROLE     STATE\np1     m1      master   creating\n',
    );
    expect(outcome.exitCode).toBe(0);
  });

  test('passes launches and key on; what follows the first = is the profile', async () => {
    const more = ['--container', 'c1', '--launch', 'master:m1=a=b', 'slave:s1=c', '--key', 'k'];
    const outcome = await run([...CREATE, ...more], {
      daemon: { 'managed.layout.create': () => ({ ...CREATED, replay: true, state: 'ready' }) },
    });
    expect(outcome.calls[0]?.[1]).toEqual({
      container_id: 'c1',
      template_name: '1m+2s',
      tmux_session_name: 'work',
      launch_command_overrides: { 'master:m1': 'a=b', 'slave:s1': 'c' },
      idempotency_key: 'k',
    });
    expect(outcome.out).toContain('layout l1 was made before with this key and is ready\n');
  });

  test.each(['s1=c', 'slave:s1', 'slave:s1=', '=c', ''])(
    'the launch %j is a mistake, not a request',
    async (launch) => {
      const outcome = await run([...CREATE, '--launch', launch]);
      expect([outcome.exitCode, outcome.calls]).toEqual([3, []]);
      expect(outcome.err).toContain('ROLE:LABEL=PROFILE');
    },
  );

  test('--wait tells each pane as it changes and ends with 0 when all is ready', async () => {
    const outcome = await run([...CREATE, '--wait'], {
      daemon: {
        'managed.layout.create': () => CREATED,
        'managed.layout.detail': (_, call) =>
          call < 2
            ? detail('creating', [pane({ state: 'creating' })])
            : detail('ready', [pane({ state: 'ready' })]),
      },
    });
    expect(outcome.out.split('\n').slice(-3)).toEqual(['m1 creating', 'm1 ready', '']);
    expect([outcome.exitCode, outcome.err]).toEqual([0, '']);
  });

  test('--wait ends with 5 when a pane failed, and names the way out', async () => {
    const panes = [
      pane({ pane_id: 'p0', state: 'failed', failed_stage: 'registration' }),
      pane({ pane_id: 'p1', state: 'failed', failed_stage: 'pane_create', predecessor_id: 'p0' }),
    ];
    const outcome = await run([...CREATE, '--wait'], {
      daemon: {
        'managed.layout.create': () => CREATED,
        'managed.layout.detail': () => detail('failed', panes),
      },
    });
    expect(outcome.exitCode).toBe(5);
    expect(outcome.err).toBe(
      'error: layout l1 is failed at pane_create\nm1 failed; try again with: agenttower managed pane recreate p1\n',
    );
  });

  test('--wait ends with 124 when time is up', async () => {
    const outcome = await run([...CREATE, '--wait', '--timeout', '1s', '--json'], {
      daemon: {
        'managed.layout.create': () => CREATED,
        'managed.layout.detail': () => detail('creating', []),
      },
    });
    expect([outcome.exitCode, outcome.sleptMs]).toEqual([124, 1_000]);
    expect(JSON.parse(outcome.out)).toMatchObject({ layout_id: 'l1', layout: { panes: [] } });
  });

  test('--wait outlasts a restart of the daemon', async () => {
    const outcome = await run([...CREATE, '--wait'], {
      daemon: {
        'managed.layout.create': () => CREATED,
        'managed.layout.detail': (_, call) => {
          if (call === 0) throw failure('daemon_unreachable', 'gone');
          return detail('ready', [pane()]);
        },
      },
    });
    expect(outcome.exitCode).toBe(0);
  });

  test.each([
    ['managed_template_not_found', 3],
    ['managed_launch_command_not_found', 3],
    ['managed_session_name_conflict', 6],
    ['managed_pane_label_conflict', 6],
    ['managed_layout_capacity_exceeded', 6],
    ['container_not_found', 1],
    ['host_only', 6],
  ] as const)('%s ends with %i', async (code, exitCode) => {
    const outcome = await run([...CREATE, '--json'], {
      daemon: {
        'managed.layout.create': () => {
          throw failure(code, 'no', { some: 'thing' });
        },
      },
    });
    expect(outcome.exitCode).toBe(exitCode);
    expect(JSON.parse(outcome.out)).toEqual({
      error: { code, message: 'no', details: { some: 'thing' } },
    });
  });
});

describe('managed lists', () => {
  test('are fetched to their end, page by page', async () => {
    const outcome = await run(['managed', 'layout', 'list', '--state', 'ready', '--json'], {
      daemon: {
        'managed.layout.list': ({ after }) => ({
          items: [{ ...ITEM, layout_id: after ?? 'first' }],
          next: after === undefined ? 'second' : null,
        }),
      },
    });
    expect(outcome.calls.map(([, params]) => params)).toEqual([
      { state: 'ready', limit: 200 },
      { state: 'ready', limit: 200, after: 'second' },
    ]);
    expect(JSON.parse(outcome.out)).toMatchObject({
      items: [{ layout_id: 'first' }, { layout_id: 'second' }],
      next: null,
    });
  });

  test('are one page when one is asked for, which says how to go on', async () => {
    const words = ['managed', 'pane', 'list', '--layout', 'l1', '--limit', '1', '--after', 'p0'];
    const outcome = await run(words, {
      daemon: { 'managed.pane.list': () => ({ items: [pane()], next: 'p1' }) },
    });
    expect(outcome.calls).toEqual([
      ['managed.pane.list', { layout_id: 'l1', limit: 1, after: 'p0' }],
    ]);
    expect(outcome.out).toContain('p1     m1      master   ready');
    expect(outcome.out).toContain('more with --after p1\n');
  });

  test('show layouts with how many panes are ready', async () => {
    const outcome = await run(['managed', 'layout', 'list'], {
      daemon: { 'managed.layout.list': () => ({ items: [ITEM], next: null }) },
    });
    expect(outcome.out).toMatch(/l1\s+local\s+1m\+2s\s+3\/3\s+ready\s+1m/);
  });

  test('a state that does not exist is a mistake', async () => {
    expect((await run(['managed', 'pane', 'list', '--state', 'gone'])).exitCode).toBe(3);
  });
});

describe('one managed object', () => {
  test('a layout is shown with its panes', async () => {
    const outcome = await run(['managed', 'layout', 'detail', 'l1', '--all'], {
      daemon: { 'managed.layout.detail': () => detail('ready', [pane()]) },
    });
    expect(outcome.calls[0]?.[1]).toEqual({ layout_id: 'l1', include_terminal_panes: true });
    expect(outcome.out).toMatch(/Template:?\s+1m\+2s/);
    expect(outcome.out).toContain('agt_0123456789ab');
  });

  test('a pane is shown with those it came from', async () => {
    const predecessor_chain = [
      { pane_id: 'p0', state: 'removed', chain_depth: 0, predecessor_id: null },
    ];
    const outcome = await run(['managed', 'pane', 'detail', 'p1', '--chain'], {
      daemon: {
        'managed.pane.detail': () => ({
          ...pane({ predecessor_id: 'p0', chain_depth: 1 }),
          predecessor_chain,
        }),
      },
    });
    expect(outcome.calls[0]?.[1]).toEqual({ pane_id: 'p1', include_predecessor_chain: true });
    expect(outcome.out).toMatch(/Came from:?\s+p0 removed/);
  });

  test('removals are told one by one', async () => {
    const daemon = {
      'managed.layout.remove': () => ({ layout_id: 'l1', state: 'removed' }),
      'managed.pane.remove': ({ pane_id }: Readonly<Record<string, unknown>>) => ({
        pane_id,
        state: 'removed',
      }),
    };
    expect((await run(['managed', 'layout', 'remove', 'l1'], { daemon })).out).toBe(
      'layout l1 removed\n',
    );
    expect((await run(['managed', 'pane', 'remove', 'p1', 'p2'], { daemon })).out).toBe(
      'pane p1 removed\npane p2 removed\n',
    );
  });

  test('a recreate passes profile and key on and waits for the whole layout', async () => {
    const recreated = { pane_id: 'p2', predecessor_id: 'p1', chain_depth: 1, state: 'creating' };
    const words = ['managed', 'pane', 'recreate', 'p1', '--launch', 'x', '--key', 'k', '--wait'];
    const outcome = await run(words, {
      daemon: {
        'managed.pane.recreate': () => ({ ...recreated, replay: false }),
        'managed.pane.detail': () => pane({ pane_id: 'p2' }),
        'managed.layout.detail': () => detail('ready', [pane({ pane_id: 'p2' })]),
      },
    });
    expect(outcome.calls).toEqual([
      [
        'managed.pane.recreate',
        { predecessor_pane_id: 'p1', launch_command_override: 'x', idempotency_key: 'k' },
      ],
      ['managed.pane.detail', { pane_id: 'p2' }],
      ['managed.layout.detail', { layout_id: 'l1' }],
    ]);
    expect(outcome.out).toBe('pane p2 takes the place of p1\nm1 ready\n');
  });
});

describe('export', () => {
  test('prints the manifest and nothing else', async () => {
    const outcome = await run(['export', 'layout/payments', '--container', 'bench'], {
      daemon: { 'layout.export': () => ({ manifest: 'kind: Layout\n' }) },
    });
    expect(outcome.calls).toEqual([['layout.export', { name: 'payments', container: 'bench' }]]);
    expect([outcome.out, outcome.err]).toEqual(['kind: Layout\n', '']);
  });

  test('its help warns of the secrets in it', async () => {
    expect((await run(['export', '--help'])).out).toContain('environment values in clear');
  });
});

test.each([
  [[]],
  [['layout']],
  [['layout', 'create']],
  [['layout', 'list']],
  [['layout', 'detail']],
  [['layout', 'remove']],
  [['pane']],
  [['pane', 'list']],
  [['pane', 'detail']],
  [['pane', 'remove']],
  [['pane', 'recreate']],
])('the help of managed %j ends with an example', async (words) => {
  const outcome = await run(['managed', ...words, '--help']);
  expect(outcome.out).toContain('\nExample:\n  $ agenttower managed ');
});
