import { expect, onTestFinished, test } from 'vitest';
import type { HostShell, TmuxHost } from '../../../src/drivers/tmux/host.ts';
import { type RealTmux, startRealTmux } from '../../support/real-tmux.ts';
import { created, createOp, seen } from '../../support/tmux-ops.ts';
import { until } from '../../support/until.ts';

interface Counted {
  readonly real: RealTmux;
  readonly server: ReturnType<RealTmux['open']>;
  /** How often a process was asked for: through the shell, and without it. */
  readonly counts: { shell: number; plain: number };
}

/** A driver whose host can start several things in one go. `change` is done to every script. */
function start(change: (script: string) => string = (script) => script): Counted {
  const real = startRealTmux();
  onTestFinished(() => real.stop());
  const counts = { shell: 0, plain: 0 };
  const shell: HostShell = {
    argv: (script) => {
      counts.shell += 1;
      return ['sh', '-c', change(script)];
    },
    tmuxArgv: (args) => real.host.tmuxArgv(args),
  };
  const tmuxArgv: TmuxHost['tmuxArgv'] = (args) => {
    counts.plain += 1;
    return real.host.tmuxArgv(args);
  };
  return { real, server: real.open({ shell, tmuxArgv }), counts };
}

test('a server is started and spoken to with one process', async () => {
  const { server, counts, real } = start();
  const { epoch } = seen(await server.look());
  const { id } = created((await server.run([createOp(epoch)]))[0]);
  expect(seen(await server.look()).panes).toMatchObject([{ id }]);
  expect(counts).toEqual({ shell: 1, plain: 0 });
  const before = real.wakes();
  await real.tmux('new-session', '-d', '-s', 'mine', 'cat');
  await until(() => real.wakes() > before);
});

test('a server that runs already is spoken to with one process', async () => {
  const { server, counts, real } = start();
  seen(await real.server.look());
  seen(await server.look());
  expect(counts).toEqual({ shell: 1, plain: 0 });
});

test('a channel that is lost is opened anew the same way', async () => {
  const { server, counts, real } = start();
  seen(await server.look());
  for (const client of (await real.tmux('list-clients', '-F', '#{client_name}')).split('\n')) {
    await real.tmux('detach-client', '-t', client);
  }
  await until(async () => {
    seen(await server.look());
    return counts.shell === 2;
  });
  expect(counts.plain).toBe(0);
});

test('where that does not work it goes step by step', async () => {
  const { server, counts } = start(() => 'exit 1');
  const { epoch } = seen(await server.look());
  created((await server.run([createOp(epoch)]))[0]);
  expect(counts.shell).toBe(1);
  // Whether a server is there, its start, and the channel.
  expect(counts.plain).toBe(3);
});
