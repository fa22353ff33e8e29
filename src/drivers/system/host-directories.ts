import { lstatSync, type Stats, statSync } from 'node:fs';
import { type ContainerId, LOCAL_CONTAINER } from '../../domain/ids.ts';
import { below, mapContainerPath } from '../../domain/mount-paths.ts';
import type { Directories } from '../../reconcile/ports.ts';
import type { LoggedContainer } from './mounted-logs.ts';

/**
 * Directories of this machine, which is the container `local`, and those that a container has mounted from it. Of
 * what lies in the container alone nothing can be told from here.
 */
export function openDirectories(
  containerOf: (container: ContainerId) => LoggedContainer | undefined,
): Directories {
  return {
    problem: (container, directory) => {
      if (container === LOCAL_CONTAINER) return localProblem(directory);
      const known = containerOf(container);
      return known?.isOnThisMachine === true ? mountedProblem(directory, known) : undefined;
    },
  };
}

function localProblem(directory: string): string | undefined {
  try {
    return statSync(directory).isDirectory()
      ? undefined
      : `its working directory ${directory} is not a directory`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT'
      ? `its working directory ${directory} does not exist; make it, or change workingDir`
      : `its working directory ${directory} cannot be entered (${code ?? 'unknown error'})`;
  }
}

/** Only what is certain: a link leads elsewhere inside than it does here, and others may enter what we may not. */
function mountedProblem(directory: string, { mounts }: LoggedContainer): string | undefined {
  const mapped = mapContainerPath(directory.replace(/(?!^)\/+$/, ''), mounts);
  if (mapped === undefined) return undefined;
  const { source } = mapped.mount;
  if (look(source) !== 'directory') return undefined;
  let path = source;
  const names = (below(mapped.hostPath, source) ?? '').split('/').filter((name) => name !== '');
  for (const name of names) {
    path = path === '/' ? `/${name}` : `${path}/${name}`;
    const found = look(path);
    if (found === 'directory') continue;
    if (found === 'unsure') return undefined;
    const fault = found === 'nothing' ? 'does not exist' : 'is not a directory';
    return `its working directory ${directory} ${fault} (${mapped.hostPath} on the host); make it, or change workingDir`;
  }
  return undefined;
}

function look(path: string): 'directory' | 'file' | 'nothing' | 'unsure' {
  let stats: Stats | undefined;
  try {
    stats = lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return 'unsure';
  }
  if (stats === undefined) return 'nothing';
  if (stats.isSymbolicLink()) return 'unsure';
  return stats.isDirectory() ? 'directory' : 'file';
}
