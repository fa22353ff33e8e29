import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Epoch, PaneId, TmuxPaneId, TmuxWindowId } from '../../../src/domain/ids.ts';
import type { ObservedPane, SeenObservation } from '../../../src/domain/observed.ts';
import type {
  ArrangeOp,
  CreateOp,
  PaneGuard,
  TmuxOp,
  WindowPlace,
} from '../../../src/domain/tmux-ops.ts';
import { type RealTmux, startRealTmux } from '../../support/real-tmux.ts';
import { tmuxDialect, tmuxSince } from '../../support/this-tmux.ts';
import {
  created,
  createOp,
  newLayoutId,
  newPaneId,
  newSlotId,
  seen,
} from '../../support/tmux-ops.ts';
import { until } from '../../support/until.ts';

let real: RealTmux;
let epoch: Epoch;

beforeEach(async () => {
  real = startRealTmux();
  epoch = (await look()).epoch;
});
afterEach(() => real.stop());

describe('create', () => {
  test('a layout of four panes stands in the order it was sent, with the first pane active', async () => {
    const ops = fourPanes();
    const outcomes = await real.server.run(ops);
    const { panes, sessions } = await look();
    expect(sessions).toEqual([{ id: '$1', name: 'work', layoutId: ops[0].layout }]);
    expect(panes.map(({ title, paneId, index }) => ({ title, paneId, index }))).toEqual(
      ops.map((op, index) => ({ title: op.title, paneId: op.pane, index })),
    );
    expect(panes.map((pane) => [pane.id, pane.pid])).toEqual(
      outcomes.map((outcome) => [created(outcome).id, created(outcome).pid]),
    );
    expect(await real.tmux('display-message', '-p', '-t', '=work:', '#{pane_id}')).toBe(
      panes[0]?.id,
    );
  });

  test('what a pane prints is in its log from the first byte', async () => {
    const ops = fourPanes().map((op, i) => ({
      ...op,
      process: { ...op.process, logFile: join(real.directory, `log ${i}`) },
    }));
    await real.server.run(ops);
    for (const op of ops) {
      await until(() => readFileSync(op.process.logFile, 'utf8') === `${op.title}\r\n`);
    }
    expect((await look()).panes.every((pane) => pane.piped)).toBe(true);
  });

  test('the environment of one pane is not inherited by its siblings or by later windows', async () => {
    const [first, second] = fourPanes();
    const file = join(real.directory, 'env');
    const script = `echo "[$SECRET]" > '${file}'; sleep 1000`;
    await real.server.run([
      { ...first, process: { argv: ['sleep', '1000'], env: { SECRET: 'first only' } } },
      { ...second, process: { argv: ['sh', '-c', script], env: {} } },
    ]);
    expect(await until(() => readFileSync(file, 'utf8'))).toBe('[]\n');
    expect(await real.tmux('show-environment', '-t', '=work:')).not.toContain('SECRET');
  });

  test('a program named by its path starts whatever PATH is declared for it', async () => {
    const [first] = fourPanes();
    const process = { argv: ['/bin/sleep', '1000'], env: { PATH: '/nowhere' } };
    const { pid } = created((await real.server.run([{ ...first, process }]))[0]);
    await until(() => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n');
  });

  test('a process that names no directory starts at home', async () => {
    const [outcome] = await real.server.run([createOp(epoch)]);
    const ask = ['display-message', '-p', '-t', created(outcome).id, '#{pane_current_path}'];
    await until(async () => (await real.tmux(...ask)) === real.host.homeDir);
  });

  test('sent again it does nothing, and tells the value of the fence', async () => {
    const ops = fourPanes();
    await real.server.run(ops);
    const before = await look();
    const again = await real.server.run(ops);
    expect(again).toEqual(
      ops.map((op) => ({ kind: 'refused', server: epoch.slice('local#'.length), fence: op.pane })),
    );
    expect(await look()).toEqual(before);
  });

  test('of sixty clients that send the same create, one makes the pane', async () => {
    const op = createOp(epoch);
    const servers = Array.from({ length: 8 }, () => real.open());
    const outcomes = await Promise.all(
      servers.flatMap((server) => Array.from({ length: 8 }, () => server.run([op]))),
    );
    const kinds = outcomes.flat().map((outcome) => outcome.kind);
    expect(kinds.filter((kind) => kind === 'done')).toHaveLength(1);
    expect((await look()).panes.filter((pane) => pane.paneId === op.pane)).toHaveLength(1);
  });

  test('meant for another life of the server it is refused', async () => {
    const [outcome] = await real.server.run([createOp('local#1:1' as Epoch)]);
    expect(outcome).toMatchObject({ kind: 'refused', server: epoch.slice('local#'.length) });
    expect((await look()).panes).toEqual([]);
  });

  test('a session of that name that somebody else made is an error, and its panes stay alone', async () => {
    await real.tmux('new-session', '-d', '-s', 'work');
    const [first, second] = fourPanes();
    const outcomes = await real.server.run([first, second]);
    expect(outcomes[0]).toEqual({ kind: 'error', message: 'duplicate session: work' });
    expect(outcomes[1]).toMatchObject({ kind: 'refused' });
    expect((await look()).panes).toHaveLength(1);
    const [again] = await real.server.run([first]);
    expect(again).toMatchObject({ kind: 'refused', fence: first.pane });
  });

  test('an arrangement tmux does not know costs the arrangement, not the pane', async () => {
    const [first, second] = fourPanes();
    const [, outcome] = await real.server.run([
      first,
      { ...second, arrangement: 'no-such-layout' },
    ]);
    expect(created(outcome).id).toBe('%2');
    expect((await look()).panes[1]).toMatchObject({ paneId: second.pane, title: second.title });
  });

  test('a program that ends at once leaves its exit status to look at', async () => {
    const [first, second] = fourPanes();
    await real.server.run([
      { ...first, process: { argv: ['sh', '-c', 'exit 7'], env: {} } },
      { ...second, process: { argv: ['sh', '-c', 'kill -TERM $$'], env: {} } },
    ]);
    const [exited, killed] = await until(async () => {
      const { panes } = await look();
      return panes.every((pane) => pane.dead) ? panes : undefined;
    });
    expect(exited).toMatchObject({ dead: true, exitCode: 7, paneId: first.pane });
    expect(exited).not.toHaveProperty('exitSignal');
    expect(killed?.exitSignal).toBe(tmuxSince('3.3') ? 'SIGTERM' : undefined);
    expect(killed).not.toHaveProperty('exitCode');
  });

  test('a pane is never seen dead without what it died of, however soon it died', async () => {
    const process = { argv: ['no-such-agent'], env: {} };
    const codes: (number | undefined)[] = [];
    for (let i = 0; i < 60; i += 1) {
      const place = { kind: 'new-session', session: `s${i}`, width: 80, height: 24 } as const;
      await real.server.run([createOp(epoch, { place, process })]);
      const dead = await until(async () => {
        const { panes } = await look();
        return panes.find((pane) => pane.sessionName === `s${i}` && pane.dead);
      });
      codes.push(dead.exitCode);
    }
    expect(codes).toEqual(codes.map(() => 127));
  });

  test.each([[['no-such-agent']], [['no-such-agent', '--model', 'x']]])(
    'a missing program is a pane that died with 127, not an error of tmux: %j',
    async (argv) => {
      const [outcome] = await real.server.run([createOp(epoch, { process: { argv, env: {} } })]);
      expect(outcome?.kind).toBe('done');
      const dead = await until(async () => (await look()).panes.find((pane) => pane.dead));
      expect(dead.exitCode).toBe(127);
    },
  );
});

describe('create in an existing window', () => {
  test('leaves focus, zoom and current window as the people in it had them', async () => {
    const ops = fourPanes();
    await real.server.run(ops.slice(0, 2));
    await real.tmux('new-window', '-t', '=work:', '-n', 'mine');
    const [first, second] = (await look()).panes;
    await real.tmux('select-pane', '-t', second!.id);
    await real.tmux('resize-pane', '-Z', '-t', second!.id);

    const place = placeOf(first!);
    const outcomes = await real.server.run(ops.slice(2).map((op) => ({ ...op, place })));
    expect(outcomes.map((outcome) => created(outcome).window)).toEqual([
      first?.windowId,
      first?.windowId,
    ]);
    const format =
      '#{window_name} #{window_active} #{window_zoomed_flag} #{window_panes} #{pane_id}';
    const state = await real.tmux('list-windows', '-t', '=work:', '-F', format);
    expect(state.split('\n')).toEqual([
      `agenttower 0 1 4 ${second?.id}`,
      expect.stringMatching(/^mine 1 0 1 %\d+$/),
    ]);
  });

  test('is made though a person links the window into a session of theirs, or groups them', async () => {
    const ops = fourPanes();
    await real.server.run(ops.slice(0, 2));
    const [first] = (await look()).panes;
    await real.tmux('new-session', '-d', '-s', 'theirs');
    await real.tmux('link-window', '-s', '=work:0', '-t', '=theirs:9');
    await real.tmux('new-session', '-d', '-s', 'group', '-t', '=work');
    const place = placeOf(first!);
    const [third, fourth] = ops.slice(2).map((op) => ({ ...op, place }));
    expect((await real.server.run([third!])).map(created)).toMatchObject([
      { window: place.window },
    ]);
    await real.tmux('kill-session', '-t', '=group');
    expect((await real.server.run([fourth!])).map(created)).toMatchObject([
      { window: place.window },
    ]);
    const { layout } = ops[0];
    const arrangement = 'even-vertical';
    expect(await real.server.run([{ kind: 'arrange', epoch, layout, place, arrangement }])).toEqual(
      [{ kind: 'done' }],
    );
  });

  test('of a session that is not the layout’s is refused', async () => {
    await real.tmux('new-session', '-d', '-s', 'theirs');
    const [pane] = (await look()).panes;
    const op = createOp(epoch, { place: placeOf(pane!) });
    expect((await real.server.run([op]))[0]).toMatchObject({ kind: 'refused' });
    const gone = createOp(epoch, {
      place: { ...placeOf(pane!), window: '@99' as TmuxWindowId },
    });
    expect((await real.server.run([gone]))[0]).toMatchObject({ kind: 'refused' });
    expect((await look()).panes).toHaveLength(1);
  });
});

describe('respawn', () => {
  test('keeps place and id, takes the new tag, and logs the new process from its first byte', async () => {
    const ops = fourPanes();
    const oldLog = join(real.directory, 'old');
    const newLog = join(real.directory, 'new');
    await real.server.run([
      { ...ops[0], process: { ...ops[0].process, logFile: oldLog } },
      ...ops.slice(1),
    ]);
    const before = (await look()).panes;
    await until(() => readFileSync(oldLog, 'utf8') !== '');
    const pane = newPaneId();
    const op: TmuxOp = {
      kind: 'respawn',
      guard: guardOf(before[0]!),
      fence: { ...ops[0].fence, expect: ops[0].pane, next: pane },
      pane,
      process: { argv: ['sh', '-c', 'echo again; sleep 1000'], env: { A: 'b' }, logFile: newLog },
      title: 'second life',
    };
    const [outcome] = await real.server.run([op]);
    await until(() => readFileSync(newLog, 'utf8') === 'again\r\n');
    expect(readFileSync(oldLog, 'utf8')).toBe('pane 0\r\n');

    const after = (await look()).panes;
    expect(after.slice(1)).toEqual(before.slice(1));
    expect(after[0]).toEqual({
      ...before[0],
      paneId: pane,
      title: 'second life',
      pid: created(outcome).pid,
      piped: true,
    });
    expect(after[0]?.pid).not.toBe(before[0]?.pid);
    expect((await real.server.run([op]))[0]).toMatchObject({ kind: 'refused', fence: pane });
  });

  test('of a dead pane brings it back in place, without a log when it has none', async () => {
    const op = createOp(epoch, {
      process: { argv: ['sh', '-c', 'exit 1'], env: {}, logFile: join(real.directory, 'log') },
    });
    await real.server.run([op]);
    const dead = await until(async () => (await look()).panes.find((one) => one.dead));
    const pane = newPaneId();
    const [outcome] = await real.server.run([
      {
        kind: 'respawn',
        guard: guardOf(dead),
        fence: { ...op.fence, expect: op.pane, next: pane },
        pane,
        process: { argv: ['sleep', '1000'], env: {} },
        title: 'back',
      },
    ]);
    const { id } = created(outcome);
    // Without options of panes another one takes its place.
    expect(id === dead.id).toBe(hasPaneOptions);
    const { sessionId, windowId, index } = dead;
    const place = { id, sessionId, windowId, index };
    expect((await look()).panes).toMatchObject([
      { ...place, dead: false, piped: false, paneId: pane, title: 'back' },
    ]);
  });
});

const hasPaneOptions = tmuxDialect.marks.kind === 'pane-option';

/** A pane that does not exist. */
const GONE = '%9999' as TmuxPaneId;

describe('guards', () => {
  const changes: readonly [string, (guard: PaneGuard) => TmuxOp][] = [
    ['kill', (guard) => ({ kind: 'kill', guard })],
    ['retitle', (guard) => ({ kind: 'retitle', guard, title: 'changed' })],
    ['pipe', (guard) => ({ kind: 'pipe', guard, logFile: '/tmp/never-written' })],
    ['release', (guard) => ({ kind: 'release', guard })],
    [
      'respawn',
      (guard) => ({
        kind: 'respawn',
        guard,
        fence: { slot: newSlotId(), expect: '', next: 'x' },
        pane: newPaneId(),
        process: { argv: ['true'], env: {} },
        title: 'changed',
      }),
    ],
  ];

  test.each(changes)('%s touches only the very pane it means', async (_kind, toOp) => {
    await real.tmux('new-session', '-d', '-s', 'theirs', 'sleep', '1000');
    await real.server.run(fourPanes().slice(0, 2));
    const before = await look();
    const [foreign, ours] = before.panes;
    const guard = guardOf(ours!);
    // Even a copy of the tag, or one that falls through from the session, does not make a pane ours.
    await (hasPaneOptions
      ? real.tmux('set-option', '-p', '-t', foreign!.id, '@agenttower', tagOf(ours!))
      : real.tmux('set-option', '-s', `@agenttower_${foreign!.id}`, tagOf(ours!)));
    await real.tmux('set-option', '-g', '@agenttower', tagOf({ ...ours!, id: GONE }));
    const outcomes = await real.server.run([
      toOp({ ...guard, pane: foreign!.id }),
      toOp({ ...guard, pane: GONE }),
      toOp({ ...guard, owner: newPaneId() }),
      toOp({ ...guard, epoch: 'local#1:1' as Epoch }),
    ]);
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(Array(4).fill('refused'));
    expect(await look()).toEqual(before);
  });
});

describe('other ops', () => {
  test('kill ends the pane and no other', async () => {
    await real.server.run(fourPanes());
    const before = (await look()).panes;
    const outcomes = await real.server.run([{ kind: 'kill', guard: guardOf(before[1]!) }]);
    expect(outcomes).toEqual([{ kind: 'done' }]);
    const left = (await look()).panes.map((pane) => pane.paneId);
    expect(left).toEqual([before[0], before[2], before[3]].map((pane) => pane?.paneId));
  });

  test('kill of the last pane ends the session, and the server stays', async () => {
    await real.server.run([createOp(epoch)]);
    const [pane] = (await look()).panes;
    expect(await real.server.run([{ kind: 'kill', guard: guardOf(pane!) }])).toEqual([
      { kind: 'done' },
    ]);
    expect(await look()).toEqual({
      kind: 'seen',
      container: 'local',
      epoch,
      sessions: [],
      panes: [],
    });
  });

  test('retag marks a pane known by its process, and only that process', async () => {
    await real.tmux('new-session', '-d', '-s', 'x', 'sleep', '1000');
    const [pane] = (await look()).panes;
    const owner = newPaneId();
    const op = { kind: 'retag', epoch, pane: pane!.id, owner, title: 'found again' } as const;
    expect((await real.server.run([{ ...op, pid: pane!.pid + 1 }]))[0]?.kind).toBe('refused');
    expect(await real.server.run([{ ...op, pid: pane!.pid }])).toEqual([{ kind: 'done' }]);
    expect((await look()).panes[0]).toMatchObject({ paneId: owner, title: 'found again' });
  });

  test('pipe starts and stops a log', async () => {
    await real.server.run([createOp(epoch, { process: { argv: ['cat', '-'], env: {} } })]);
    const [pane] = (await look()).panes;
    const guard = guardOf(pane!);
    const logFile = join(real.directory, 'later');
    expect(await real.server.run([{ kind: 'pipe', guard, logFile }])).toEqual([{ kind: 'done' }]);
    await real.tmux('send-keys', '-t', pane!.id, 'hello', 'Enter');
    await until(() => existsSync(logFile) && readFileSync(logFile, 'utf8').includes('hello'));
    expect(await real.server.run([{ kind: 'pipe', guard }])).toEqual([{ kind: 'done' }]);
    expect((await look()).panes[0]?.piped).toBe(false);
  });

  test('arrange lays the window out anew and leaves it zoomed when it was', async () => {
    const ops = fourPanes();
    await real.server.run(ops);
    const [pane] = (await look()).panes;
    const op: ArrangeOp = {
      kind: 'arrange',
      epoch,
      layout: ops[0].layout,
      place: placeOf(pane!),
      arrangement: 'even-vertical',
    };
    expect(await real.server.run([op])).toEqual([{ kind: 'done' }]);
    const lefts = () => real.tmux('list-panes', '-t', '=work:', '-F', '#{pane_left}');
    expect(await lefts()).toBe('0\n0\n0\n0');

    await real.tmux('resize-pane', '-Z', '-t', pane!.id);
    await real.server.run([{ ...op, arrangement: 'even-horizontal' }]);
    const zoomed = ['display-message', '-p', '-t', '=work:', '#{window_zoomed_flag} #{pane_id}'];
    expect(await real.tmux(...zoomed)).toBe(`1 ${pane!.id}`);
    await real.tmux('resize-pane', '-Z', '-t', pane!.id);
    expect(new Set((await lefts()).split('\n')).size).toBe(4);

    const [bad] = await real.server.run([{ ...op, arrangement: 'no-such-layout' }]);
    expect(bad).toMatchObject({ kind: 'error', message: expect.stringContaining('tiled') });
    const [torn] = await real.server.run([{ ...op, arrangement: 'b25d,80x24,0,0,0' }]);
    expect(torn).toEqual({
      kind: 'error',
      message: expect.stringMatching(
        /^(have 4 panes but need 1|can't set layout): b25d,80x24,0,0,0$/,
      ),
    });
    const [foreign] = await real.server.run([{ ...op, layout: newLayoutId() }]);
    expect(foreign).toMatchObject({ kind: 'refused' });
  });

  test('release leaves the pane running as anybody’s', async () => {
    await real.server.run([createOp(epoch)]);
    const [pane] = (await look()).panes;
    const release: TmuxOp = { kind: 'release', guard: guardOf(pane!) };
    expect(await real.server.run([release])).toEqual([{ kind: 'done' }]);
    const [left] = (await look()).panes;
    expect(left?.pid).toBe(pane?.pid);
    expect(left).not.toHaveProperty('paneId');
    const scope = hasPaneOptions ? '-p' : '-w';
    const options = await real.tmux('show-options', scope, '-t', pane!.id);
    expect(options).not.toMatch(/@agenttower|remain-on-exit/);
  });

  test('burning the fence keeps a late create from landing', async () => {
    const late = createOp(epoch);
    const fence = { ...late.fence, next: 'burnt' };
    const outcomes = await real.server.run([{ kind: 'burn-fence', epoch, fence }, late]);
    expect(outcomes).toEqual([
      { kind: 'done' },
      { kind: 'refused', server: epoch.slice('local#'.length), fence: 'burnt' },
    ]);
  });

  test('an op with a NUL byte fails alone', async () => {
    const op = createOp(epoch);
    const broken = createOp(epoch, { process: { argv: ['a', 'b\0c'], env: {} } });
    const outcomes = await real.server.run([broken, op]);
    expect(outcomes.map((outcome) => outcome.kind)).toEqual(['error', 'done']);
  });
});

async function look(): Promise<SeenObservation> {
  return seen(await real.server.look());
}

/** A session and three splits of one layout; each pane prints its title. */
function fourPanes(): [CreateOp, CreateOp, ...CreateOp[]] {
  const layout = newLayoutId();
  const make = (i: number) => {
    const title = `pane ${i}`;
    const process = { argv: ['sh', '-c', `echo '${title}'; sleep 1000`], env: {} };
    const session = createOp(epoch, { layout, title, process });
    return i === 0
      ? session
      : createOp(epoch, { layout, title, process, place: { kind: 'session', session: 'work' } });
  };
  return [make(0), make(1), make(2), make(3)];
}

function guardOf(pane: ObservedPane): PaneGuard {
  return { epoch, pane: pane.id, owner: pane.paneId as PaneId };
}

function placeOf({ sessionId: session, windowId: window }: ObservedPane): WindowPlace {
  return { kind: 'window', session, window };
}

function tagOf(pane: ObservedPane): string {
  return `${real.installation}/${pane.paneId}@${pane.id}`;
}
