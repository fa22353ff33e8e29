import { existsSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
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
