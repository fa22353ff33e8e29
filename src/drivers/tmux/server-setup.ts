import { type Command, ifShell } from './command.ts';
import { dialectOf } from './dialect.ts';
import type { TmuxHost } from './host.ts';
import { wakeHooks } from './wake.ts';

const MARK = '@agenttower_server';

/**
 * Lines that make a server that is ours pleasant to attach to, once in its life (what a person changes afterwards
 * stays), and its hooks, always. Empty for a server that is somebody else's.
 */
export function setupLines(host: TmuxHost): readonly string[] {
  if (!host.ownsServer) return [];
  const { write, hasChannel } = dialectOf(host);
  const options: readonly Command[] = [
    ['set-option', '-g', MARK, '1'],
    ['set-option', '-g', 'history-limit', '50000'],
    ['set-option', '-g', 'mouse', 'on'],
    ['set-option', '-g', 'set-titles', 'off'],
    ['set-option', '-s', 'escape-time', '10'],
    ...(host.defaultTerminal === undefined
      ? []
      : [['set-option', '-g', 'default-terminal', host.defaultTerminal]]),
    // Whoever ends the last session keeps the options they set. Not known before 2.7, so it comes last.
    ['set-option', '-s', 'exit-empty', 'off'],
  ];
  const once = ifShell({ condition: `#{==:#{${MARK}},}` }, options);
  return [once, ...(hasChannel ? wakeHooks() : [])].map(write);
}
