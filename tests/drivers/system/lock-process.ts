import { acquireDaemonLock } from '../../../src/drivers/system/lock.ts';

/** `lock-process.ts FILE`: takes the lock and keeps it, or says why not. */
const [file = ''] = process.argv.slice(2);
try {
  acquireDaemonLock(file);
  process.stdout.write('locked\n');
  setInterval(() => {}, 1_000_000);
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  process.stdout.write(`${code}: ${message}\n`);
}
