import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ApplyResult } from '../../src/surfaces/api/protocol.ts';
import { until } from '../support/until.ts';
import { layoutText, pane, writeIn } from './support/manifests.ts';
import { startTower, type Tower } from './support/tower.ts';

const ROUNDS = Number(process.env['E2E_KILL_ROUNDS'] ?? '5');
const LAYOUTS = Array.from({ length: 20 }, (_, index) => `team${String(index).padStart(2, '0')}`);
/** An apply of 20 layouts takes about so long until its last pane runs. */
const SPAN_MS = 1_500;

let tower: Tower;
beforeAll(async () => {
  tower = await startTower();
});
afterAll(() => tower.stop());

/** Twenty layouts of two panes; in odd rounds some panes are different, others are gone. */
function manifests(round: number): string {
  const texts = LAYOUTS.map((name, index) => {
    const edited = pane('a', { env: { ROUND: String((index + round) % 3 === 0 ? round : 0) } });
    const second = (index + round) % 4 === 0 ? [] : [pane('b')];
    return layoutText(name, [edited, ...second]);
  });
  return texts.join('\n---\n');
}

test(`a daemon killed ${ROUNDS} times at a random moment of an apply of 20 layouts always gets there`, {
  timeout: 60_000 + ROUNDS * 20_000,
}, async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const delay = Math.random() * SPAN_MS;
    const label = `round ${round}, killed after ${Math.round(delay)} ms`;
    const file = writeIn(tower.directory, 'all.yaml', manifests(round));
    const applying = tower.cli(['apply', '-f', file, '-o', 'json']);
    // The moment is what is varied here, not something that is waited for.
    await pause(delay);
    await tower.killDaemon('SIGKILL');
    const applied = await applying;
    await tower.startDaemon();
    await expectNoTwins(label);
    expect([0, 7], `${label}: ${applied.stderr}`).toContain(applied.code);
    if (applied.code === 0) await expectKept(applied.stdout, label);
    else await tower.done('apply', '-f', file, '--wait');
    await expectExactlyDeclared(label);
  }
});

/** What was answered before the kill is there after it, with no second apply. */
async function expectKept(answer: string, label: string): Promise<void> {
  const { objects } = JSON.parse(answer) as ApplyResult;
  const layouts = new Map((await tower.layouts()).map((layout) => [layout.name, layout]));
  for (const { name, generation = 0 } of objects) {
    expect(layouts.get(name)?.generation, `${label}: ${name}`).toBe(generation);
  }
  await until(
    async () =>
      (await tower.layouts()).every(
        ({ sync, health, generation, observed_generation }) =>
          sync === 'Synced' && health === 'Healthy' && generation === observed_generation,
      ),
    { timeoutMs: 30_000, label: `${label}: the acknowledged layouts become healthy by themselves` },
  );
}

/** A pane that is not ready yet has a marker before its label. */
async function expectNoTwins(label: string): Promise<void> {
  const panes = await tower.panes().catch(() => []);
  const labels = panes.map(({ title }) => title.replace(/^@MANAGED:[^:]*:/, '')).toSorted();
  expect(labels, label).toEqual([...new Set(labels)].toSorted());
}

async function expectExactlyDeclared(label: string): Promise<void> {
  const declared = (await tower.layouts()).flatMap(({ panes }) => panes);
  const seen = await tower.panes();
  expect(seen.map(({ id, title, pid }) => `${id} ${title} ${pid}`).toSorted(), label).toEqual(
    declared.map((one) => `${one.tmux_pane_id} ${one.label} ${one.pid}`).toSorted(),
  );
  expect(new Set(seen.map(({ title }) => title)).size, label).toBe(seen.length);
}
