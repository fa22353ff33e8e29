import { statSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { type ChokidarOptions, watch } from 'chokidar';
import { isIgnoredName, isManifestName } from './manifest-names.ts';
import { errorCode } from './read-failure.ts';
import { directoryId } from './scan-tree.ts';

/** The part of chokidar's watcher that is used. */
export interface TreeWatcher {
  on(event: 'all', listener: () => void): unknown;
  on(event: 'error', listener: (error: unknown) => void): unknown;
  close(): Promise<void>;
}

export interface DirectoryWatch {
  /**
   * Watches anew when the directory is another one than before (deleted and made again). `undefined` says that there
   * is none: then its place is watched.
   */
  refresh(rootId: string | undefined): void;
  stop(): Promise<void>;
}

export interface DirectoryWatchOptions {
  readonly path: string;
  readonly onChange: () => void;
  /** Told once when watching is not possible and only the interval is left. */
  readonly onUnwatchable: (code: string) => void;
  readonly openWatcher?: (path: string, options: ChokidarOptions) => TreeWatcher;
}

/** Hints that something below `path` changed. Hints only: some are spurious, some never come. */
export function watchDirectory(options: DirectoryWatchOptions): DirectoryWatch {
  const openWatcher: (path: string, options: ChokidarOptions) => TreeWatcher =
    options.openWatcher ?? watch;
  const closing: Promise<void>[] = [];
  let watcher: TreeWatcher | undefined;
  let watchedRoot: string | undefined;
  let isStopped = false;

  const close = (): void => {
    if (watcher !== undefined) closing.push(watcher.close());
    watcher = undefined;
  };
  const open = (): void => {
    watchedRoot = identifyDirectory(options.path);
    const opened = openWatcher(options.path, {
      ignoreInitial: true,
      atomic: false,
      // chokidar runs in circles on a link to a parent; what lies behind links is seen by the next scan.
      followSymlinks: false,
      ignorePermissionErrors: true,
      ignored: (path, stats) => isUninteresting(relative(options.path, path), stats?.isFile()),
    });
    opened.on('all', options.onChange);
    opened.on('error', (error) => {
      if (isStopped || opened !== watcher) return;
      // Without watches left in the system (ENOSPC) or descriptors (EMFILE), trying again only burns time.
      isStopped = true;
      close();
      options.onUnwatchable(errorCode(error));
    });
    watcher = opened;
  };

  open();
  return {
    refresh: (rootId) => {
      if (isStopped || watchedRoot === rootId) return;
      close();
      open();
    },
    stop: async () => {
      isStopped = true;
      close();
      await Promise.all(closing);
    },
  };
}

/** In the form a scan has it; `undefined` while there is nothing to watch. */
export function identifyDirectory(path: string): string | undefined {
  try {
    return directoryId(statSync(path, { bigint: true }));
  } catch {
    return undefined;
  }
}

/** `path` is relative to the watched directory, whose own name does not matter, nor that of where it is missing. */
function isUninteresting(path: string, isFile: boolean | undefined): boolean {
  if (path === '' || path === '..') return false;
  const parts = path.split(sep);
  return parts.some(isIgnoredName) || (isFile === true && !isManifestName(parts.at(-1) ?? ''));
}
