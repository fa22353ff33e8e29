import { statSync } from 'node:fs';
import { LOCAL_CONTAINER } from '../../domain/ids.ts';
import type { Directories } from '../../reconcile/ports.ts';

/** Directories of this machine, which is the container `local`; of others nothing is known here. */
export const hostDirectories: Directories = {
  problem(container, directory) {
    if (container !== LOCAL_CONTAINER) return undefined;
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
  },
};
