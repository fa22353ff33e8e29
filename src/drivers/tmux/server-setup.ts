import type { TmuxHost } from './host.ts';
import { quote } from './quote.ts';
import { wakeHooks } from './wake.ts';

const MARK = '@agenttower_server';

/**
 * Lines that make a server that is ours pleasant to attach to, once in its life (what a person changes afterwards
 * stays), and its hooks, always. Empty for a server that is somebody else's.
 */
export function setupLines(host: TmuxHost): readonly string[] {
  if (!host.ownsServer) return [];
  const options = [
    `set-option -g ${MARK} 1`,
    'set-option -g history-limit 50000',
    'set-option -g mouse on',
    'set-option -g set-titles off',
    'set-option -s escape-time 10',
    // Whoever ends the last session keeps the options they set.
    'set-option -s exit-empty off',
    ...(host.defaultTerminal === undefined
      ? []
      : [`set-option -g default-terminal ${quote(host.defaultTerminal)}`]),
  ];
  const once = `if-shell -F '#{==:#{${MARK}},}' { ${options.join(' ; ')} }`;
  return [once, ...wakeHooks()];
}
