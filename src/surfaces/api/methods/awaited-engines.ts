import type { EngineStatus } from '../../../reconcile/registry.ts';

/** An engine that was only found here and never answered is none that anybody uses, unless there is no other. */
export function awaitedEngines(all: readonly EngineStatus[]): readonly EngineStatus[] {
  const used = all.filter(({ isImplicit, hasAnswered }) => !isImplicit || hasAnswered);
  return used.length > 0 ? used : all;
}
