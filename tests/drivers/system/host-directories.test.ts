import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type ContainerId, LOCAL_CONTAINER } from '../../../src/domain/ids.ts';
import { hostDirectories } from '../../../src/drivers/system/host-directories.ts';

const problem = (directory: string) => hostDirectories.problem(LOCAL_CONTAINER, directory);

it('tells a directory from a file, from nothing, and from what it cannot see', () => {
  const home = mkdtempSync(join(tmpdir(), 'agenttower-dirs-'));
  const file = join(home, 'file');
  writeFileSync(file, '');

  expect(problem(home)).toBeUndefined();
  expect(problem(file)).toMatch(/is not a directory/);
  expect(problem(join(home, 'gone'))).toMatch(/does not exist; make it, or change workingDir/);
  expect(hostDirectories.problem('elsewhere' as ContainerId, '/nowhere')).toBeUndefined();
  rmSync(home, { recursive: true });
});
