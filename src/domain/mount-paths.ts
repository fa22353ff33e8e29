import type { ContainerMount } from './containers.ts';

/** One file under both of its names. */
export interface MappedPath {
  readonly hostPath: string;
  readonly containerPath: string;
  readonly mount: ContainerMount;
}

/**
 * Where a file of the host can be seen inside a container, best first: through a writable mount rather than a
 * read-only one, then through the deepest. Empty when no mount shows it. Paths are compared as they are written; no
 * symbolic link is followed, and a path that is not absolute and plain (`..`, `//`) lies nowhere.
 */
export function mapHostPath(
  hostPath: string,
  mounts: readonly ContainerMount[],
): readonly MappedPath[] {
  return mounts
    .flatMap((mount): readonly MappedPath[] => {
      const rest = isShared(mount) ? below(hostPath, mount.source) : undefined;
      if (rest === undefined) return [];
      const containerPath = join(mount.target, rest);
      // Another mount may lie over that place, so that something else is seen there.
      const seen = mapContainerPath(containerPath, mounts);
      return seen?.hostPath === hostPath ? [{ hostPath, containerPath, mount }] : [];
    })
    .toSorted(
      (a, b) =>
        Number(b.mount.isWritable) - Number(a.mount.isWritable) ||
        depth(b.mount.source) - depth(a.mount.source),
    );
}

/** The file of the host that a path inside a container means; `undefined` when it lies in no mount the host can see. */
export function mapContainerPath(
  containerPath: string,
  mounts: readonly ContainerMount[],
): MappedPath | undefined {
  const [mount] = mounts
    .filter(({ target }) => below(containerPath, target) !== undefined)
    .toSorted((a, b) => depth(b.target) - depth(a.target));
  if (mount === undefined || !isShared(mount)) return undefined;
  const rest = below(containerPath, mount.target) ?? '';
  return { hostPath: join(mount.source, rest), containerPath, mount };
}

/** `a/b` for `/root/a/b` below `/root`, empty for the root itself; `undefined` when it lies elsewhere. */
export function below(path: string, root: string): string | undefined {
  if (!isPlain(path) || !isPlain(trimmed(root))) return undefined;
  const base = trimmed(root);
  if (path === base) return '';
  const prefix = base === '/' ? '/' : `${base}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}

/** For messages: `/srv/logs → /logs (read-only)`. */
export function describeMount({ type, source, target, isWritable }: ContainerMount): string {
  const from = source === '' ? type : source;
  return `${from} → ${target}${isWritable ? '' : ' (read-only)'}`;
}

/** A tmpfs or an image belongs to the container alone. */
function isShared({ type, source }: ContainerMount): boolean {
  return (type === 'bind' || type === 'volume') && source !== '';
}

function isPlain(path: string): boolean {
  if (path === '/') return true;
  if (!path.startsWith('/') || path.includes('\0')) return false;
  return path
    .slice(1)
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..');
}

function trimmed(root: string): string {
  return root === '/' ? root : root.replace(/\/+$/, '');
}

function join(root: string, rest: string): string {
  const base = trimmed(root);
  if (rest === '') return base;
  return base === '/' ? `/${rest}` : `${base}/${rest}`;
}

function depth(path: string): number {
  return trimmed(path)
    .split('/')
    .filter((part) => part !== '').length;
}
