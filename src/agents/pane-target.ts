import type { InputTarget, RegisteredAgent } from './ports.ts';

/** The pane of an agent, with the proof that it is still the same at the moment of typing. */
export function toTarget(
  agent: Pick<RegisteredAgent, 'container' | 'socket' | 'epoch' | 'tmuxPaneId' | 'paneId' | 'pid'>,
): InputTarget | undefined {
  const { container, socket, epoch, tmuxPaneId: pane, paneId, pid } = agent;
  if (epoch === undefined || pane === undefined) return undefined;
  const place = { container, ...(socket !== undefined && { socket }), epoch, pane };
  if (paneId !== undefined) return { ...place, proof: { owner: paneId } };
  return pid === undefined ? undefined : { ...place, proof: { pid } };
}
