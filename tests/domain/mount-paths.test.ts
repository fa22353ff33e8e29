import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ContainerMount } from '../../src/domain/containers.ts';
import {
  below,
  describeMount,
  mapContainerPath,
  mapHostPath,
} from '../../src/domain/mount-paths.ts';

const bind = (source: string, target: string, isWritable = true): ContainerMount => ({
  type: 'bind',
  source,
  target,
  isWritable,
});

const seenAt = (path: string, mounts: readonly ContainerMount[]): readonly string[] =>
  mapHostPath(path, mounts).map(({ containerPath }) => containerPath);

test('a file of the host is seen below the target of the mount it lies in', () => {
  expect(seenAt('/srv/logs/a.log', [bind('/srv/logs', '/logs')])).toEqual(['/logs/a.log']);
  expect(seenAt('/srv/logs', [bind('/srv/logs/', '/logs/')])).toEqual(['/logs']);
  expect(seenAt('/srv/logs/a.log', [bind('/', '/host')])).toEqual(['/host/srv/logs/a.log']);
  expect(seenAt('/srv/logs/a.log', [])).toEqual([]);
});

test('a directory whose name only begins alike is another one', () => {
  expect(seenAt('/srv/logs2/a.log', [bind('/srv/logs', '/logs')])).toEqual([]);
  expect(below('/srv/logs2', '/srv/logs')).toBeUndefined();
});

test('the deepest mount comes first, and a writable one before all read-only ones', () => {
  const mounts = [
    bind('/srv', '/srv'),
    bind('/srv/logs', '/logs'),
    bind('/srv/logs/a', '/a', false),
  ];
  expect(seenAt('/srv/logs/a/x', mounts)).toEqual(['/logs/a/x', '/srv/logs/a/x', '/a/x']);
});

test('what another mount covers inside the container is not seen there', () => {
  const mounts = [bind('/srv/logs', '/logs'), bind('/srv/other', '/logs/a')];
  expect(seenAt('/srv/logs/a/x', mounts)).toEqual([]);
  expect(seenAt('/srv/logs/b/x', mounts)).toEqual(['/logs/b/x']);
  const tmpfs: ContainerMount = { type: 'tmpfs', source: '', target: '/logs/b', isWritable: true };
  expect(seenAt('/srv/logs/b/x', [...mounts, tmpfs])).toEqual([]);
});

test('a path inside the container means the deepest mount over it, or nothing of the host', () => {
  const mounts = [bind('/home/me', '/root'), bind('/srv/logs', '/root/logs')];
  expect(mapContainerPath('/root/logs/x', mounts)?.hostPath).toBe('/srv/logs/x');
  expect(mapContainerPath('/root/work', mounts)?.hostPath).toBe('/home/me/work');
  expect(mapContainerPath('/etc/passwd', mounts)).toBeUndefined();
});

test.each(['relative', '/a/../b', '/a//b', '/a/.', '/a/', ''])('%j lies nowhere', (path) => {
  const everything = [bind('/', '/'), bind('/a', '/a')];
  expect(mapContainerPath(path, everything)).toBeUndefined();
  expect(mapHostPath(path, everything)).toEqual([]);
});

test('a message shows what is mounted where', () => {
  expect(describeMount(bind('/a', '/b', false))).toBe('/a → /b (read-only)');
  expect(describeMount({ type: 'tmpfs', source: '', target: '/t', isWritable: true })).toBe(
    'tmpfs → /t',
  );
});

const path = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 })
  .map((parts) => `/${parts.join('/')}`);
const mount = fc.record({
  type: fc.constantFrom('bind', 'volume', 'tmpfs'),
  source: fc.oneof(path, fc.constant('/')),
  target: path,
  isWritable: fc.boolean(),
});

test('whatever is mounted, each name found for a file means that file and no other', () => {
  fc.assert(
    fc.property(path, fc.array(mount, { maxLength: 6 }), (hostPath, mounts) => {
      for (const { containerPath } of mapHostPath(hostPath, mounts)) {
        expect(mapContainerPath(containerPath, mounts)?.hostPath).toBe(hostPath);
      }
    }),
  );
});

test('whatever is mounted, the same file is found from inside as from outside', () => {
  fc.assert(
    fc.property(
      path,
      fc.uniqueArray(mount, { maxLength: 6, selector: (one) => one.target }),
      (inside, mounts) => {
        const mapped = mapContainerPath(inside, mounts);
        fc.pre(mapped !== undefined);
        expect(seenAt(mapped.hostPath, mounts)).toContain(inside);
      },
    ),
  );
});
