import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const oldTmux =
  process.env['AGENTTOWER_OLD_TMUX'] ??
  join(import.meta.dirname, 'node_modules/.cache/agenttower/old-tmux');

/** What `scripts/old-tmux.sh` made there; see tests/drivers/tmux/versions.test.ts. */
const oldVersions = (() => {
  try {
    return readdirSync(oldTmux).filter((name) => /^\d/.test(name));
  } catch {
    return [];
  }
})();

const tmuxTests = (names: string) =>
  names.split(' ').map((name) => `tests/drivers/tmux/${name}.test.ts`);

/** Every version through every test that suits it takes six minutes: that is for changes of what is said to tmux. */
const isThorough = process.env['AGENTTOWER_OLD_TMUX_TESTS'] === 'all';

/** The tests that an older version is put through. */
function testsOf(version: string): readonly string[] {
  const isOldest = version.startsWith('2.');
  const basic = 'find-panes look ops pane-pipe';
  const marked = 'connection input pane-access start-command-marks';
  if (!isThorough) return tmuxTests(isOldest ? `${basic} ${marked}` : 'ops');
  if (isOldest)
    return tmuxTests(`${basic} ${marked} arrangement late-create quote working-directory`);
  return tmuxTests(/^3\.[01]/.test(version) ? `${basic} quote` : `${basic} quote connection`);
}

const endToEnd = {
  globalSetup: 'tests/e2e/support/build.ts',
  pool: 'forks',
  fileParallelism: false,
  testTimeout: 120_000,
  hookTimeout: 60_000,
} as const;

const oldProjects = oldVersions.flatMap((version) => {
  const env = {
    PATH: `${join(oldTmux, version)}:${process.env['PATH']}`,
    AGENTTOWER_TMUX: version,
  };
  const name = `tmux ${version}`;
  const include = [...testsOf(version)];
  const driver = { name, include, env, pool: 'forks' as const, testTimeout: 60_000 };
  if (!version.startsWith('2.')) return [driver];
  const whole = [isThorough ? 'tests/e2e/{apply,repair,verbs}.test.ts' : 'tests/e2e/apply.test.ts'];
  return [driver, { ...endToEnd, name: `${name}, end to end`, include: whole, env }];
});

export default defineConfig({
  test: {
    restoreMocks: true,
    // By default one processor is kept free: on two of them, everything would come one after the other.
    maxWorkers: '100%',
    env: { AGENTTOWER_OLD_TMUX: oldTmux },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'tests/{compose,lib,domain,manifest,plan,reconcile,declare}/**/*.test.ts',
            'tests/*.test.ts',
          ],
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'drivers',
          include: ['tests/{agents,drivers,surfaces}/**/*.test.ts'],
          pool: 'forks',
          testTimeout: 30_000,
        },
      },
      ...oldProjects.map((project) => ({ extends: true as const, test: project })),
      {
        extends: true,
        test: {
          name: 'simulator',
          include: ['tests/simulator/**/*.test.ts'],
          pool: 'forks',
          testTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          ...endToEnd,
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
        },
      },
    ],
  },
});
