import { formatTag } from '../../domain/observed.ts';
import { ifShell, targetWords } from './command.ts';
import type { Owner, PaneMarks } from './pane-marks.ts';

const VARIABLE = 'AGENTTOWER_TAG';
const START = `env ${VARIABLE}=`;
const UUID_LENGTH = 36;
const MARK_LENGTH = START.length + UUID_LENGTH + '/'.length + UUID_LENGTH;
/** Value of an override that says that the pane is nobody's. Not '', which says nothing: see `override`. */
const NOBODY = 'nobody';
const OVERRIDE_LINE = /^@agenttower_(%\d+) "?([^"]*)"?$/;

/**
 * Before tmux 3.0 there are no options of panes. The tag begins the command that a pane was started with, so that
 * there is no moment at which it has none, and nothing that happens meanwhile can put it on another pane. For what
 * came to be ours or ceased to be after its start, an option of the server has the last word. Whether dead panes stay
 * is an option of the window there.
 */
export const startCommandMarks: PaneMarks = {
  kind: 'start-command',
  startVariables: (owner) => [`${VARIABLE}=${valueOf(owner)}`],
  afterRespawn: (_owner, pane) => [
    ifShell({ condition: `#{${override(pane)}}` }, [['set-option', '-s', override(pane), '']]),
  ],
  set: ({ installation, owner }, pane) => [
    'set-option',
    '-s',
    override(pane),
    formatTag(installation, owner, pane),
  ],
  clear: (pane) => [
    ['set-option', '-s', override(pane), NOBODY],
    // The others in the window may still be ours.
    ifShell({ condition: '#{==:#{window_panes},1}', target: pane }, [
      ['set-option', '-w', '-u', '-t', pane, 'remain-on-exit'],
    ]),
  ],
  isOn: (pane, owner) => {
    const overridden = `#{==:#{${override(pane)}},${formatTag(owner.installation, owner.owner, pane)}}`;
    const isFree = `#{==:#{${override(pane)}},}`;
    return `#{||:${overridden},#{&&:${isFree},${isStartedFor(owner)}}}`;
  },
  before: [['show-options', '-s']],
  // Cut after the mark: what follows it may hold line breaks.
  format: `#{?#{m:${START}*,#{pane_start_command}},#{=${MARK_LENGTH}:pane_start_command},}`,
  reader: (before) => {
    const overrides = new Map(before.flatMap(parseOverride));
    return (pane, field) => overrides.get(pane) ?? toTag(pane, field);
  },
  keepWhenDead: (target) => ['set-option', '-w', ...targetWords(target), 'remain-on-exit', 'on'],
};

/** The condition that the target was started for the owner. */
export function isStartedFor(owner: Owner): string {
  return `#{==:#{=${MARK_LENGTH}:pane_start_command},${START}${valueOf(owner)}}`;
}

function toTag(pane: string, mark: string): string {
  return mark === '' ? '' : `${mark.slice(START.length)}@${pane}`;
}

function valueOf({ installation, owner }: Owner): string {
  return `${installation}/${owner}`;
}

/** Emptied, never unset: tmux 2.6 dies of that. Ids of panes never come back while the server lives. */
function override(pane: string): string {
  return `@agenttower_${pane}`;
}

function parseOverride(line: string): readonly (readonly [string, string])[] {
  const [, pane, value] = OVERRIDE_LINE.exec(line) ?? [];
  return pane === undefined || value === undefined || value === '' ? [] : [[pane, value]];
}
