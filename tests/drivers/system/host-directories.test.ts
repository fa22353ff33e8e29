import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type ContainerId, LOCAL_CONTAINER } from '../../../src/domain/ids.ts';
import { openDirectories } from '../../../src/drivers/system/host-directories.ts';
import { privateDirectory } from './private-directory.ts';

const BENCH = 'bench' as ContainerId;

/** The container `bench`, which has mounted `source` as `/work`. */
function mounted(source: string, isOnThisMachine = true) {
  const mount = { type: 'bind', source, target: '/work', isWritable: true };
  const bench = { id: 'c'.repeat(64), key: BENCH, mounts: [mount], user: '', isOnThisMachine };
  const directories = openDirectories((key) => (key === BENCH ? bench : undefined));
  return (directory: string) => directories.problem(BENCH, directory);
}

it('tells a directory from a file, from nothing, and from what it cannot see', () => {
  const home = privateDirectory();
  const file = join(home, 'file');
  writeFileSync(file, '');
  const directories = openDirectories(() => undefined);
  const problem = (directory: string) => directories.problem(LOCAL_CONTAINER, directory);

  expect(problem(home)).toBeUndefined();
  expect(problem(file)).toMatch(/is not a directory/);
  expect(problem(join(home, 'gone'))).toMatch(/does not exist; make it, or change workingDir/);
  expect(directories.problem('elsewhere' as ContainerId, '/nowhere')).toBeUndefined();
});

it('looks through a mount at what a container sees, and says where that is on the host', () => {
  const home = privateDirectory();
  mkdirSync(join(home, 'api'));
  writeFileSync(join(home, 'api', 'file'), '');
  const problem = mounted(home);

  expect(problem('/work')).toBeUndefined();
  expect(problem('/work/api/')).toBeUndefined();
  expect(problem('/work/api/file')).toMatch(/is not a directory/);
  expect(problem('/work/gone/too')).toBe(
    `its working directory /work/gone/too does not exist (${home}/gone/too on the host); make it, or change workingDir`,
  );
});

it('claims nothing of what lies in the container alone, behind a link, or on another machine', () => {
  const home = privateDirectory();
  symlinkSync('/workspaces', join(home, 'link'));

  expect(mounted(home)('/srv/gone')).toBeUndefined();
  expect(mounted(home)('/work/link/gone')).toBeUndefined();
  expect(mounted(home, false)('/work/gone')).toBeUndefined();
  expect(mounted(join(home, 'unmounted'))('/work/gone')).toBeUndefined();
});
