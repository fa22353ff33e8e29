import { describe, expect, test } from 'vitest';
import { openLookParser, parseLook } from '../../../src/drivers/tmux/look.ts';
import type { PaneList } from '../../../src/drivers/tmux/pane-rows.ts';
import { startRealTmux, TEST_INSTALLATION } from '../../support/real-tmux.ts';
import { tmuxSince } from '../../support/this-tmux.ts';
import { created, createOp, newLayoutId, newPaneId, seen } from '../../support/tmux-ops.ts';

const OWN = '77:1700000000␞$0␞@0␞%0␞0␞80␞0␞␞␞0␞␞␞11␞_agenttower␞vm';

function row(changes: Partial<Record<'tag' | 'layout' | 'name' | 'title' | 'ids', string>> = {}) {
  const { tag = '', layout = '', name = 'work', title = 'agent', ids = '$1␞@1␞%1' } = changes;
  const bytes = Buffer.byteLength(name);
  return `77:1700000000␞${ids}␞0␞81␞0␞␞␞1␞${tag}␞${layout}␞${bytes}␞${name}␞${title}`;
}

function listOf(...rows: string[]): PaneList {
  return { rows, said: rows, tagOf: (_pane, tag) => tag, titleOf: (title) => title };
}

function parse(...lines: string[]) {
  return parseLook(listOf(...lines), TEST_INSTALLATION);
}

describe('rows of list-panes', () => {
  test('become sessions and panes; the session of the channel is hidden', () => {
    expect(parse(OWN, row())).toEqual({
      ok: true,
      value: {
        server: '77:1700000000',
        sessions: [{ id: '$1', name: 'work' }],
        panes: [
          {
            id: '%1',
            sessionId: '$1',
            sessionName: 'work',
            windowId: '@1',
            index: 0,
            title: 'agent',
            pid: 81,
            dead: false,
            piped: true,
          },
        ],
        hasOwnSession: true,
      },
    });
    expect(parse(row())).toMatchObject({ value: { hasOwnSession: false } });
  });

  test('that are the same again are not parsed again; others are', () => {
    const parseNext = openLookParser(TEST_INSTALLATION);
    const first = parseNext(listOf(row()));
    expect(parseNext(listOf(row()))).toBe(first);
    expect(parseNext(listOf(row({ title: 'other' })))).toMatchObject({
      value: { panes: [{ title: 'other' }] },
    });
    expect(parseNext(listOf(row(), row({ ids: '$1␞@1␞%2' })))).toMatchObject({
      value: { panes: [{ id: '%1' }, { id: '%2' }] },
    });
  });

  test('name their owner only by a tag of this installation that names its carrier', () => {
    const owner = newPaneId();
    const layout = newLayoutId();
    const other = '22222222-2222-4222-8222-222222222222';
    const owners = [
      `${TEST_INSTALLATION}/${owner}@%1`,
      `${TEST_INSTALLATION}/${owner}@%2`,
      `${other}/${owner}@%1`,
      `${TEST_INSTALLATION}/nonsense@%1`,
    ].map((tag) => {
      const look = parse(row({ tag, layout: `${TEST_INSTALLATION}/${layout}@$1` }));
      return look.ok && [look.value.panes[0]?.paneId, look.value.sessions[0]?.layoutId];
    });
    expect(owners).toEqual([
      [owner, layout],
      [undefined, layout],
      [undefined, layout],
      [undefined, layout],
    ]);
  });

  test('may hold the separator in the session’s name and in the title', () => {
    const look = parse(row({ name: 'a␞é␞', title: '␞b␞' }));
    expect(look.ok && look.value.panes[0]).toMatchObject({ sessionName: 'a␞é␞', title: '␞b␞' });
  });

  test.each([
    ['none', []],
    ['one cut short', [OWN, row().slice(0, 20)]],
    ['one of another server', [OWN, row().replace('77:', '78:')]],
    ['one with a number that is none', [OWN, row({ ids: '$1␞@1␞%x' })]],
    ['a message of tmux', ['no server running']],
    ['a name longer than the row', [row().replace('␞4␞work', '␞99␞work')]],
  ])('are all void when one is not sound: %s', (_name, lines) => {
    expect(parse(...lines).ok).toBe(false);
  });

  test('of a window linked into two sessions count once, for the session of its layout', () => {
    const layout = `${TEST_INSTALLATION}/${newLayoutId()}@$2`;
    const look = parse(OWN, row(), row({ ids: '$2␞@1␞%1', name: 'mine', layout }));
    expect(look.ok && look.value.panes).toMatchObject([{ sessionName: 'mine', alsoIn: ['$1'] }]);
    expect(look.ok && look.value.sessions).toHaveLength(2);
  });
});

// Where tmux tells no lengths, a separator in the session's name is taken for the end of it.
const SESSION = tmuxSince('3.2') ? 'a␞b' : 'ab';

test('a real pane with separators in its title and session is seen as it is', async () => {
  const real = startRealTmux();
  try {
    const { epoch } = seen(await real.server.look());
    const session = SESSION;
    const op = createOp(epoch, {
      place: { kind: 'new-session', session, width: 80, height: 24 },
      title: '␞ x ␞␞',
    });
    created((await real.server.run([op]))[0]);
    const observed = seen(await real.server.look());
    expect(observed.panes).toMatchObject([
      { sessionName: session, title: '␞ x ␞␞', paneId: op.pane },
    ]);
  } finally {
    await real.stop();
  }
});
