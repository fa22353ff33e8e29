import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../support/until.ts';
import { isAlive } from './processes.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** A dockerd of one test, which may be stopped and killed without harm to anybody else's containers. */
export interface PrivateEngine {
  /** For every client of it. */
  readonly env: { readonly DOCKER_HOST: string };
  /** Starts it again, on the same containers. */
  launch(): void;
  /** Resolves once the process has ended. */
  end(signal: NodeJS.Signals): Promise<void>;
  stop(): void;
}

/** Starts dockerd with the test images, in a folder of its own. Needs root. */
export function startPrivateEngine(...flags: readonly string[]): PrivateEngine {
  const folder = mkdtempSync(join(tmpdir(), 'att-engine-'));
  const env = { DOCKER_HOST: `unix://${folder}/docker.sock` };
  const script = (name: string, ...args: readonly string[]): void => {
    execFileSync('bash', [join(ROOT, 'scripts', name), ...args], {
      env: { ...process.env, ...env },
      stdio: 'ignore',
      timeout: 60_000,
    });
  };
  const launch = (): void => script('test-engine.sh', 'launch', folder, ...flags);
  launch();
  script('bench-image.sh', 'docker');
  return {
    env,
    launch,
    end: async (signal) => {
      const pid = Number(readFileSync(join(folder, 'dockerd.pid'), 'utf8'));
      process.kill(pid, signal);
      await until(() => !isAlive(pid), { timeoutMs: 40_000, label: 'dockerd has ended' });
    },
    stop: () => script('test-engine.sh', 'stop', folder),
  };
}
