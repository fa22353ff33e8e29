import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startRealTmux } from '../../support/real-tmux.ts';
import { created, createOp, seen } from '../../support/tmux-ops.ts';
import { until } from '../../support/until.ts';

/** A driver on a server that is not ours, as in a container: nobody looked at the directory before. */
function start() {
  const real = startRealTmux();
  onTestFinished(() => real.stop());
  return { real, server: real.open({ ownsServer: false }) };
}

test.each([
  ['that does not exist', '/nowhere/at all'],
  ['that is a file', '/etc/passwd'],
])(
  'a process is not started in a directory %s, and its pane says why',
  async (_what, workingDir) => {
    const { real, server } = start();
    const { epoch } = seen(await server.look());
    const op = createOp(epoch, {
      process: { argv: ['sh', '-c', 'echo started; cat'], env: {}, workingDir },
    });
    const { id } = created((await server.run([op]))[0]);
    const pane = await until(async () => seen(await server.look()).panes.find(({ dead }) => dead));
    expect(pane).toMatchObject({ id, exitCode: 200, paneId: op.pane });
    const screen = await real.tmux('capture-pane', '-p', '-J', '-t', id);
    expect(screen).toContain(`the working directory ${workingDir} cannot be entered`);
    expect(screen).not.toContain('started');
  },
);

test.each([
  ['with arguments', ['sh', '-c', 'echo "$PWD|$1|$WORD"; cat', 'sh', '$HOME;"a']],
  ['without', ['cat']],
])('a program %s runs in its directory as it is', async (_what, argv) => {
  const { real, server } = start();
  const workingDir = join(real.directory, "it's a $place");
  mkdirSync(workingDir);
  const { epoch } = seen(await server.look());
  const process = { argv, env: { WORD: 'x y' }, workingDir };
  const { id } = created((await server.run([createOp(epoch, { process })]))[0]);
  const ask = (format: string) => real.tmux('display-message', '-p', '-t', id, format);
  await until(async () => (await ask('#{pane_current_path}')) === workingDir);
  if (argv.length > 1) {
    await until(async () =>
      (await real.tmux('capture-pane', '-p', '-J', '-t', id)).includes(
        `${workingDir}|$HOME;"a|x y`,
      ),
    );
  } else await until(async () => (await ask('#{pane_current_command}')) === 'cat');
});
