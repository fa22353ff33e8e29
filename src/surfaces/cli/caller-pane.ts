import { refuse } from '../../domain/errors.ts';
import type { PaneKeyView } from '../api/agent-protocol.ts';
import type { CliWorld } from './world.ts';

/** The tmux pane this command runs in, as tmux tells every program in it; `undefined` outside of tmux. */
export function callerPane({ env }: Pick<CliWorld, 'env'>): PaneKeyView | undefined {
  const [socket = ''] = (env['TMUX'] ?? '').split(',');
  const pane = env['TMUX_PANE'] ?? '';
  if (socket === '' || !/^%\d+$/.test(pane)) return undefined;
  return { tmux_socket_path: socket, tmux_pane_id: pane };
}

/** The same, for commands that make no sense elsewhere. Throws `not_in_tmux`. */
export function requireCallerPane(world: Pick<CliWorld, 'env'>): PaneKeyView {
  const pane = callerPane(world);
  if (pane !== undefined) return pane;
  throw refuse(
    'not_in_tmux',
    'this is no tmux pane; from outside, use: agenttower adopt CONTAINER %N',
    {},
  );
}
