import { callDaemon } from '../daemon-calls.ts';
import type { CliClient } from '../world.ts';

/**
 * What to say instead of an empty table of `what`. A caller inside is shown its own container only, and one whose
 * container cannot be told is shown nothing at all; `onHost` is for everybody else,
 * unless only some were asked for.
 */
export async function whyNothing(
  client: CliClient,
  {
    what,
    onHost,
    isNarrowed,
  }: { readonly what: string; readonly onHost: string; readonly isNarrowed: boolean },
): Promise<string> {
  if (isNarrowed) return `no ${what} match`;
  const { caller } = await callDaemon(client, 'status', {});
  if (caller.kind === 'host') return onHost;
  return caller.container === null
    ? `no ${what} to be seen: the daemon cannot tell which container this is (agenttower config doctor says more)`
    : `no ${what} in container ${caller.container}; make some: agenttower managed layout create --template 1m+2s --session NAME`;
}
