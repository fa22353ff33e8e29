import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { containerIdOf, containerIdsIn } from '../../../src/drivers/system/cgroup.ts';

const A = '0123456789abcdef'.repeat(4);
const B = 'fedcba9876543210'.repeat(4);
const POD = '0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';

describe('the control group of a container names it', () => {
  test.each([
    ['docker, cgroupfs, version 2', `0::/docker/${A}`],
    ['docker, systemd, version 2', `0::/system.slice/docker-${A}.scope`],
    ['docker, a group made inside', `0::/system.slice/docker-${A}.scope/init.scope`],
    ['docker, a parent of the operator’s choice', `0::/benches/${A}`],
    ['docker, rootless', `0::/user.slice/user-1000.slice/user@1000.service/docker-${A}.scope`],
    ['docker, version 1', `12:pids:/docker/${A}\n11:cpu,cpuacct:/docker/${A}\n0::/\n`],
    ['docker, version 1, systemd', `1:name=systemd:/system.slice/docker-${A}.scope`],
    ['podman, systemd', `0::/machine.slice/libpod-${A}.scope/container`],
    ['podman, rootless', `0::/user.slice/user-1000.slice/user@1000.service/libpod-${A}.scope`],
    ['podman, cgroupfs', `0::/libpod_parent/libpod-${A}`],
    ['podman, in the unit that started it', `0::/system.slice/bench.service/libpod-payload-${A}`],
    [
      'kubernetes, containerd, systemd',
      `0::/kubepods.slice/kubepods-pod${POD}.slice/cri-containerd-${A}.scope`,
    ],
    ['kubernetes, cgroupfs', `4:memory:/kubepods/burstable/pod${POD}/${A}`],
    ['kubernetes, cri-o', `0::/kubepods.slice/kubepods-pod${POD}.slice/crio-${A}.scope`],
    [
      'kubernetes, runc told slices it does not use',
      `5:cpuset:/system.slice/kubepods-pod${POD}.slice:cri-containerd:${A}`,
    ],
    ['seen from a namespace of control groups', `0::/../../docker/${A}`],
    ['seen from beside it', `0::/../docker-${A}.scope`],
    ['the short id with the long one', `2:cpu:/docker/${A.slice(0, 12)}\n0::/docker/${A}`],
  ])('%s', (_form, text) => {
    expect(containerIdOf(text)).toBe(A);
  });

  test('by its short id too, where only a container can stand', () => {
    expect(containerIdOf(`0::/docker/${A.slice(0, 12)}`)).toBe(A.slice(0, 12));
    expect(containerIdOf(`0::/system.slice/docker-${A.slice(0, 12)}.scope`)).toBe(A.slice(0, 12));
  });
});

describe('in doubt it names none', () => {
  test.each([
    ['nothing to read', ''],
    ['the root, as from inside', '0::/'],
    ['a session of the host', '0::/user.slice/user-1000.slice/session-3.scope'],
    ['a container in a container', `0::/docker/${A}/docker/${B}`],
    ['a group that a container named after another', `0::/docker/${A}/${B}`],
    ['hierarchies that disagree', `3:cpu:/docker/${A}\n2:pids:/docker/${B}`],
    [
      'the monitor of a container, which is the engine',
      `0::/machine.slice/libpod-conmon-${A}.scope`,
    ],
    ['12 digits that may be anything', `0::/${A.slice(0, 12)}`],
    ['too few digits', `0::/docker/${A.slice(0, 63)}`],
    ['too many digits', `0::/docker/${A}0`],
    ['capital letters', `0::/docker/${A.toUpperCase()}`],
    ['a group that is gone', `0::/docker/${A} (deleted)`],
    ['an id that is part of a name', `0::/docker-${A}.scope.d`],
    ['an id in the name of a controller', `1:name=${A}:/`],
  ])('%s', (_form, text) => {
    expect(containerIdOf(text)).toBeUndefined();
  });
});

const id = fc.stringMatching(/^[0-9a-f]{64}$/);
const plain = fc.stringMatching(/^[a-z][a-z.@-]{0,12}$/);

test('whatever stands around one id, that id or none is found, and of two never one', () => {
  const around = fc.array(plain, { maxLength: 4 });
  fc.assert(
    fc.property(id, id, around, around, (one, other, before, after) => {
      fc.pre(one !== other);
      const path = (...ids: readonly string[]): string =>
        `0::/${[...before, ...ids, ...after].join('/')}`;
      expect(containerIdOf(path(one))).toBe(one);
      expect(containerIdOf(path(one, other))).toBeUndefined();
      expect(containerIdOf(`${path(one)}\n${path(other)}`)).toBeUndefined();
    }),
  );
});

test('any text at all is read without fault, and only ids come of it', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 20 }),
    id,
    fc.constantFrom('/', ':', '\n', 'docker-', '.scope', 'libpod-', '..'),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      for (const found of containerIdsIn(pieces.join(''))) {
        expect(found).toMatch(/^([0-9a-f]{12}|[0-9a-f]{64})$/);
      }
    }),
  );
});
