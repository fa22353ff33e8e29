import { performance } from 'node:perf_hooks';
import { type LayoutId, LOCAL_CONTAINER, type SlotId } from '../src/domain/ids.ts';
import { DEFAULT_POLICY } from '../src/domain/policy.ts';
import { openMemoryStore } from '../src/drivers/store/memory-store.ts';
import { randomIds } from '../src/drivers/system/ids.ts';
import { openTmuxServer } from '../src/drivers/tmux/server.ts';
import { compileManifests } from '../src/manifest/compile.ts';
import { reconcile } from '../src/reconcile/pass.ts';
import { realClock, startRealTmux } from '../tests/support/real-tmux.ts';
import { type Figure, figure, showSummary } from './report.ts';
import { format, summarize } from './statistics.ts';
import { manifestOf } from './tower.ts';

/** A pass over 160 panes that finds everything as it should be: look, plan, compare; nothing written. */
export async function benchNoChangePass(): Promise<{ figures: Figure[]; details: string[] }> {
  const tower = startRealTmux();
  const store = openMemoryStore({ clock: realClock, uuid: () => randomIds.uuid() });
  const compiled = compileManifests([{ path: 'bench.yaml', text: manifestOf(40) }], {
    templates: [],
    profiles: [],
  });
  if (!compiled.ok) throw new Error('the manifest does not compile');
  store.transact((tx) => {
    for (const { spec, path } of compiled.value.layouts) {
      const layout = randomIds.uuid() as LayoutId;
      const source = { kind: 'apply', name: 'apply', path } as const;
      tx.insertLayout({ id: layout, container: LOCAL_CONTAINER, spec, source });
      spec.slots.forEach((slot, position) => {
        tx.insertSlot({
          id: randomIds.uuid() as SlotId,
          layout,
          spec: { ...slot, log: false, settleMs: 0 },
          position,
        });
      });
    }
  });
  // The rows' tags carry this store's installation.
  const server = openTmuxServer({
    host: tower.host,
    installation: store.installation,
    clock: realClock,
    onChange: () => {},
  });
  const deps = {
    store,
    clock: realClock,
    policy: DEFAULT_POLICY,
    ids: randomIds,
    logs: { prepare: () => ({ problem: 'not needed here' }) },
    tmux: { of: () => server },
  };
  for (let pass = 0; pass < 6; pass += 1) await reconcile(LOCAL_CONTAINER, deps);
  const durations: number[] = [];
  let actions = 0;
  for (let round = 0; round < 60; round += 1) {
    const from = performance.now();
    const { plan } = await reconcile(LOCAL_CONTAINER, deps);
    durations.push(performance.now() - from);
    actions += plan.actions.length;
  }
  await server.close();
  await tower.stop();
  if (actions > 0) throw new Error(`the passes were not idle: ${actions} actions`);
  const summary = summarize(durations.slice(10));
  return {
    figures: [
      figure('no-change pass over 160 panes', format(summary.p50), {
        target: '≤ 10 ms',
        met: summary.p50 <= 10,
      }),
    ],
    details: [`no-change pass over 160 panes: ${showSummary(summary)}`],
  };
}
