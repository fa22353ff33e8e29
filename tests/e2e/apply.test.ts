import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LayoutView } from '../../src/surfaces/api/protocol.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';
import { startTower, type Tower } from './support/tower.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|\+00:00)$/;
const KEYS = ['a', 'b', 'c', 'd'];

describe('a layout of four panes that was applied with --wait', () => {
  let tower: Tower;
  let file: string;
  beforeAll(async () => {
    tower = await startTower();
    file = writeIn(
      tower.directory,
      'team.yaml',
      layoutText(
        'team',
        KEYS.map((key) => pane(key)),
      ),
    );
    await tower.done('apply', '-f', file, '--wait');
  });
  afterAll(() => tower.stop());

  test('is listed as JSON with every field of its view, Synced and Healthy', async () => {
    const { items } = JSON.parse(await tower.done('get', 'layouts', '-o', 'json')) as {
      items: readonly LayoutView[];
    };
    expect(items).toEqual([
      {
        name: 'team',
        layout_id: expect.stringMatching(UUID),
        container: 'local',
        session: 'team',
        labels: {},
        source: {
          kind: 'apply',
          name: 'apply',
          path: expect.stringMatching(/team\.yaml(:\d+)?$/),
          revision: null,
        },
        generation: 1,
        observed_generation: 1,
        sync: 'Synced',
        health: 'Healthy',
        state: 'ready',
        failed_stage: null,
        desired_panes: 4,
        ready_panes: 4,
        deleting: false,
        conditions: expect.arrayContaining([
          {
            type: 'Ready',
            status: 'True',
            reason: expect.any(String),
            message: expect.any(String),
            last_transition_time: expect.stringMatching(TIMESTAMP),
            observed_generation: 1,
          },
          expect.objectContaining({ type: 'Observed', status: 'True' }),
        ]),
        panes: KEYS.map((key) => ({
          slot: key,
          label: `team-${key}`,
          role: 'slave',
          capability: 'unknown',
          state: 'ready',
          failed_stage: null,
          status: 'Ready',
          pane_id: expect.stringMatching(UUID),
          tmux_pane_id: expect.stringMatching(/^%\d+$/),
          agent_id: expect.any(String),
          pid: expect.any(Number),
          restarts: 0,
          exit_code: null,
          problem: null,
          next_attempt_at: null,
          log_path: expect.any(String),
          started_at: expect.stringMatching(TIMESTAMP),
          held: null,
          update_pending: false,
        })),
        created_at: expect.stringMatching(TIMESTAMP),
        updated_at: expect.stringMatching(TIMESTAMP),
      },
    ]);
  });

  test('has in tmux exactly the declared panes, titled by label and tagged as ours', async () => {
    const panes = await tower.panes();
    const { panes: views } = await tower.layout('team');
    expect(panes.map(({ session, title }) => `${session} ${title}`).toSorted()).toEqual(
      KEYS.map((key) => `team team-${key}`),
    );
    for (const { id, title, tag, pid } of panes) {
      const view = views.find(({ label }) => label === title);
      expect(view).toMatchObject({ tmux_pane_id: id, pid });
      const [installation, carrier] = tag.split('/');
      expect(installation).toMatch(UUID);
      expect(carrier).toBe(`${view?.pane_id}@${id}`);
    }
  });

  test('keeps what its panes print from the first byte on', async () => {
    for (const { slot, log_path } of (await tower.layout('team')).panes) {
      expect(readFileSync(log_path ?? '', 'utf8')).toMatch(new RegExp(`^hello-${slot}\r?\n`));
    }
  });

  test('is unchanged by the same apply again, and by a plan with nothing in it', async () => {
    const before = await tower.panes();
    expect(await tower.done('apply', '-f', file, '--wait')).toContain('layout/team unchanged');
    expect(await tower.done('plan', '-f', file)).toContain('Plan: 0 create, 0 replace');
    expect(await tower.panes()).toEqual(before);
  });

  test('goes away when it is deleted, and its panes with it', async () => {
    expect(await tower.done('delete', 'layout/team', '--wait')).toContain('layout/team deleted');
    expect(await tower.layouts()).toEqual([]);
    expect(await tower.panes()).toEqual([]);
  });
});

test('the demo that ships becomes ready and describes how to attach', async () => {
  const tower = await startTower();
  try {
    const demo = new URL('../../manifests/demo.yaml', import.meta.url).pathname;
    await tower.done('apply', '-f', demo, '--wait');
    const told = await tower.done('describe', 'layout/demo');
    expect(told).toMatch(/Ready:\s+3\/3/);
    expect(told).toContain('tmux -L agenttower attach-session -t');
    expect(await tower.done('get', 'layouts')).toMatch(/demo\s+local\s+3\/3\s+Synced\s+Healthy/);
  } finally {
    await tower.stop();
  }
});
