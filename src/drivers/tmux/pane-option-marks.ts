import { formatTag } from '../../domain/observed.ts';
import { type Command, targetWords } from './command.ts';
import type { PaneMarks } from './pane-marks.ts';

const TAG = '@agenttower';

/** From tmux 3.0 on: the tag is an option of the pane, and so is that it stays when its program ends. */
export const paneOptionMarks: PaneMarks = {
  kind: 'pane-option',
  startVariables: () => [],
  afterRespawn: (owner, pane) => [paneOptionMarks.set(owner, pane)],
  set: ({ installation, owner }, pane) => setTag(formatTag(installation, owner, pane), pane),
  clear: (pane) => [
    ['set-option', '-p', '-u', '-t', pane, TAG],
    ['set-option', '-p', '-u', '-t', pane, 'remain-on-exit'],
  ],
  isOn: (pane, { installation, owner }) =>
    `#{==:#{${TAG}},${formatTag(installation, owner, pane)}}`,
  before: [],
  format: `#{${TAG}}`,
  reader: () => (_pane, field) => field,
  keepWhenDead: (target) => ['set-option', '-p', ...targetWords(target), 'remain-on-exit', 'on'],
};

/** The tag may name its carrier as `#{pane_id}`, which is expanded here. The current pane when there is no target. */
export function setTag(tag: string, target?: string): Command {
  return ['set-option', '-p', ...targetWords(target), '-F', TAG, tag];
}
