import { channel } from 'node:diagnostics_channel';
import type { PassTime } from '../reconcile/controller.ts';

const passes = channel('agenttower:pass');

/** Tells whoever was loaded into this process beside us (`node --import`) how long a pass took. */
export function publishPass(pass: PassTime): void {
  if (passes.hasSubscribers) passes.publish(pass);
}
