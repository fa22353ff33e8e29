import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Builds dist/ once before the end-to-end tests, which run what is shipped. E2E_NO_BUILD=1 tests what is there. */
export function setup(): void {
  if (process.env['E2E_NO_BUILD'] === '1') return;
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  execFileSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
}
