import { randomUUID } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import type { InstallationId } from '../../../src/domain/ids.ts';
import { acquireInstallation } from '../../../src/drivers/system/installation-lock.ts';

const DATABASE = '/home/me/state/agenttower.sqlite3';
const anInstallation = () => randomUUID() as InstallationId;

async function acquire(installation: InstallationId) {
  const lock = await acquireInstallation(installation, DATABASE);
  onTestFinished(() => lock.release());
  return lock;
}

test.runIf(process.platform === 'linux')(
  'a daemon on a copy of a database in use is refused, until the other one has ended',
  async () => {
    const installation = anInstallation();
    const first = await acquire(installation);
    await expect(acquire(installation)).rejects.toMatchObject({
      code: 'daemon_running',
      message: expect.stringContaining(`a copy of ${DATABASE}`),
      details: { lock: `agenttowerd-${installation}` },
    });
    first.release();
    await acquire(installation);
  },
);

test('daemons of different installations do not meet', async () => {
  await acquire(anInstallation());
  await acquire(anInstallation());
});
