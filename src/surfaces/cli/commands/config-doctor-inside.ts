import { LOCAL_CONTAINER } from '../../../domain/ids.ts';
import type { Surroundings } from '../../../domain/surroundings.ts';
import type { LayoutView, StatusResult } from '../../api/protocol.ts';
import type { CommandContext } from '../context.ts';
import { callDaemon } from '../daemon-calls.ts';
import type { CliClient, CliWorld } from '../world.ts';
import { type Finding, unasked } from './config-doctor-finding.ts';

/** Rows about where this process is: which container, which tmux pane. */

/** What the daemon takes us for is all that counts; what we can see ourselves only helps to say why. */
export function checkIdentity(
  { kind, container }: StatusResult['caller'],
  { containerIds }: Surroundings,
): Finding {
  const name = 'container_identity';
  if (kind === 'host') {
    return { name, status: 'info', code: 'host_context', detail: 'a process of the host' };
  }
  if (container !== null) {
    return { name, status: 'pass', code: 'unique_match', detail: `container ${container}` };
  }
  const detail = 'the daemon cannot tell which of its containers this is';
  const [first, second] = containerIds;
  if (second !== undefined) {
    const hint = `a container inside a container counts as neither: ${containerIds.join(', ')}`;
    return { name, status: 'fail', code: 'multi_match', detail, hint };
  }
  const hint =
    'on the host: agenttower get containers; the daemon must know this one, and a sandbox inside it does not count as it';
  return first === undefined
    ? { name, status: 'fail', code: 'no_candidate', detail, hint }
    : { name, status: 'fail', code: 'no_match', detail: `${detail} (${first})`, hint };
}

/** Only what the environment says: no program is run. */
export function checkTmux(env: CliWorld['env']): Finding {
  const name = 'tmux_present';
  const { TMUX: tmux = '', TMUX_PANE: pane = '' } = env;
  if (tmux === '') {
    return { name, status: 'info', code: 'not_in_tmux', detail: 'TMUX is not set' };
  }
  const [socket = ''] = tmux.split(',');
  if (socket.startsWith('/') && isPaneId(pane)) {
    return { name, status: 'pass', detail: `${socket}, pane ${pane}` };
  }
  const detail = `TMUX=${tmux} and TMUX_PANE=${pane} are not what tmux sets`;
  return { name, status: 'fail', code: 'output_malformed', detail };
}

interface Asked {
  readonly around: Surroundings;
  readonly client: CliClient | undefined;
  readonly status: StatusResult | undefined;
}

/** Whether we run in one of the daemon's panes: it has our pane's id, and the process it started there is above us. */
export async function checkPane(
  { world }: CommandContext,
  { around, client, status }: Asked,
): Promise<Finding> {
  const name = 'tmux_pane_match';
  const { TMUX_PANE: pane = '' } = world.env;
  if (!isPaneId(pane)) {
    return { name, status: 'info', code: 'not_in_tmux', detail: 'TMUX_PANE names no pane' };
  }
  if (client === undefined || status === undefined) return unasked(name);
  const here = status.caller.container ?? LOCAL_CONTAINER;
  const { items } = await callDaemon(client, 'layout.list', {});
  const found = items
    .filter((layout) => layout.container === here)
    .flatMap((layout) => slotsAt(layout, pane, around));
  const [only, second] = found;
  if (only === undefined) {
    const detail = `no layout has the pane ${pane} this runs in`;
    return { name, status: 'warn', code: 'pane_unknown_to_daemon', detail };
  }
  return second === undefined
    ? { name, status: 'pass', code: 'pane_match', detail: only }
    : { name, status: 'warn', code: 'pane_ambiguous', detail: found.join(', ') };
}

function slotsAt(
  { name, panes }: LayoutView,
  id: string,
  { ancestors }: Surroundings,
): readonly string[] {
  return panes
    .filter(
      ({ tmux_pane_id, pid }) => tmux_pane_id === id && pid !== null && ancestors.includes(pid),
    )
    .map(({ slot }) => `${name}/${slot}`);
}

function isPaneId(text: string): boolean {
  return /^%\d+$/.test(text);
}
