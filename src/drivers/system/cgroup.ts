/**
 * Which container a process is in, by the path of its control group. Engines name that group after the container,
 * and a process without rights over the machine cannot leave it: unlike a hostname or a file, it proves something.
 */

const FULL_ID = /^[0-9a-f]{64}$/;
const ANY_ID = /^(?:[0-9a-f]{12}|[0-9a-f]{64})$/;
/** `docker-<id>.scope` of the systemd driver, `libpod-<id>` of the other one. Not `libpod-conmon-<id>`: that is the engine's. */
const PREFIXED =
  /^(?:docker|libpod|libpod-payload|cri-containerd|crio|nerdctl)-([0-9a-f]{12}|[0-9a-f]{64})(?:\.scope)?$/;
/** Groups whose children are containers, so that a short id can be told from a name that looks like one. */
const PARENTS = new Set(['docker', 'podman', 'libpod', 'libpod_parent', 'containerd']);

/** The one container that the text of `/proc/<pid>/cgroup` names; `undefined` when it names none or several. */
export function containerIdOf(cgroup: string): string | undefined {
  const ids = containerIdsIn(cgroup);
  return ids.length === 1 ? ids[0] : undefined;
}

/**
 * Every container the text names, in versions 1 and 2. A group inside another container's names both. A short id and
 * the long one it abbreviates are one.
 */
export function containerIdsIn(cgroup: string): readonly string[] {
  const found = new Set(cgroup.split('\n').flatMap((line) => idsOfPath(pathOf(line))));
  const ids = [...found];
  return ids.filter((id) => !ids.some((other) => other !== id && other.startsWith(id)));
}

/** `5:devices:/docker/…` and `0::/…`: the path may have colons of its own. */
function pathOf(line: string): string {
  return line.split(':').slice(2).join(':');
}

/** Seen from a control group namespace, a path may begin with `/../..`: those parts name nothing. */
function idsOfPath(path: string): readonly string[] {
  // runc without systemd writes `…slice:cri-containerd:<id>`.
  const parts = path.split(/[/:]/);
  return parts.flatMap((part, at) => {
    if (FULL_ID.test(part)) return [part];
    const prefixed = PREFIXED.exec(part)?.[1];
    if (prefixed !== undefined) return [prefixed];
    return ANY_ID.test(part) && PARENTS.has(parts[at - 1] ?? '') ? [part] : [];
  });
}
