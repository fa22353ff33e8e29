import type { FoundPane } from '../../src/domain/found-pane.ts';
import { makeEpoch, type TmuxPaneId } from '../../src/domain/ids.ts';

/** A pane as a look finds it, on the container's own server unless the changes say otherwise. */
export function aFoundPane(pane: string, changes: Partial<FoundPane> = {}): FoundPane {
  return {
    epoch: makeEpoch('local', '1:1'),
    pane: pane as TmuxPaneId,
    pid: 1,
    tty: '/dev/pts/1',
    session: 'work',
    windowIndex: 0,
    paneIndex: 0,
    workingDir: '/',
    title: '',
    command: 'sh',
    dead: false,
    focused: false,
    ...changes,
  };
}
