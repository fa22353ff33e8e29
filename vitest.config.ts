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

const tmuxTests = (names: string) => `tests/drivers/tmux/{${names}}.test.ts`;

/** The tests that older versions are put through, by their major version. */
const testsOf: Readonly<Record<string, readonly string[]>> = {
  2: [
    tmuxTests('arrangement,connection,find-panes,input,late-create,look,ops'),
    tmuxTests('pane-access,pane-pipe,quote,working-directory'),
  ],
  3: [tmuxTests('connection,find-panes,look,ops,pane-pipe,quote')],
};
const endToEndTestsOf: typeof testsOf = { 2: ['tests/e2e/{apply,repair,verbs}.test.ts'] };

const endToEnd = {
  globalSetup: 'tests/e2e/support/build.ts',
  pool: 'forks',
  fileParallelism: false,
  testTimeout: 120_000,
  hookTimeout: 60_000,
} as const;

const oldProjects = oldVersions.flatMap((version) => {
  const [major = ''] = version;
  const env = {
    PATH: `${join(oldTmux, version)}:${process.env['PATH']}`,
    AGENTTOWER_TMUX: version,
  };
  const name = `tmux ${version}`;
  const include = [...(testsOf[major] ?? [])];
  const projects = [{ name, include, env, pool: 'forks' as const, testTimeout: 60_000 }];
  const whole = endToEndTestsOf[major];
  if (whole === undefined) return projects;
  return [...projects, { ...endToEnd, name: `${name}, end to end`, include: [...whole], env }];
});

export default defineConfig({
  test: {
    restoreMocks: true,
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
