import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLocalHost } from '../../../src/drivers/engines/local.ts';
import { openSocketReviver } from '../../../src/drivers/engines/revive-socket.ts';
import { startRealTmux } from '../../support/real-tmux.ts';
import { seen } from '../../support/tmux-ops.ts';

test('whoever finds the socket file gone has it back, though somebody asked just before it went', async () => {
  const real = startRealTmux();
  try {
    seen(await real.server.look());
    const { socketPath } = real.host;
    const revive = openSocketReviver(socketPath);
    const before = revive();
    rmSync(socketPath);
    await Promise.all([revive(), revive()]);
    expect(existsSync(socketPath)).toBe(true);
    await before;
  } finally {
    await real.stop();
  }
});

describe('a server that nobody can reach', () => {
  test('is found again though the directory of its socket went with the file', async () => {
    const real = startRealTmux();
    try {
      seen(await real.server.look());
      const pid = await real.serverPid();
      await real.server.close();
      rmSync(dirname(real.host.socketPath), { recursive: true });
      seen(await real.open().look());
      expect(await real.serverPid()).toBe(pid);
    } finally {
      await real.stop();
    }
  });

  test('is found again though its socket goes right after it was looked at', async () => {
    const real = startRealTmux();
    try {
      seen(await real.server.look());
      const pid = await real.serverPid();
      await real.server.close();
      let removals = 0;
      const prepare = async () => {
        const obstacle = await real.host.prepare?.();
        if (removals === 0) rmSync(real.host.socketPath);
        removals += 1;
        return obstacle;
      };
      seen(await real.open({ prepare }).look());
      expect(removals).toBe(2);
      expect(await real.serverPid()).toBe(pid);
    } finally {
      await real.stop();
    }
  });

  test('is no reason to start another one beside it: what it holds is unknown until it answers', async () => {
    const real = startRealTmux();
    try {
      const { epoch } = seen(await real.server.look());
      const pid = await real.serverPid();
      await real.server.close();
      process.kill(pid, 'SIGSTOP');
      rmSync(real.host.socketPath);
      const later = real.open();
      expect(await later.look()).toMatchObject({
        kind: 'unknown',
        reason: 'TmuxFailed',
        message: expect.stringContaining(`kill -CONT ${pid}`),
      });
      expect(existsSync(real.host.socketPath)).toBe(false);
      process.kill(pid, 'SIGCONT');
      expect(seen(await later.look()).epoch).toBe(epoch);
    } finally {
      await real.stop();
    }
  });
});

test('the socket is named as tmux binds it, whatever link leads there', () => {
  const directory = mkdtempSync(join(tmpdir(), 'agenttower-link-'));
  try {
    mkdirSync(join(directory, 'real'));
    symlinkSync('real', join(directory, 'link'));
    const { uid } = userInfo();
    const env = { TMUX_TMPDIR: join(directory, 'link') };
    const host = openLocalHost({ env, homeDir: directory, uid });
    expect(host.socketPath).toBe(join(directory, 'real', `tmux-${uid}`, 'agenttower'));
  } finally {
    rmSync(directory, { recursive: true });
  }
});
