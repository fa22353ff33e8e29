import { join } from 'node:path';
import type { DirectorySourceConfig, SourceReader } from '../../declare/ports.ts';
import type { Clock } from '../../lib/clock.ts';
import { sha256 } from '../../lib/hash.ts';
import { answerRead } from './read-failure.ts';
import { readStableTree } from './read-stable-tree.ts';
import {
  type DirectoryWatch,
  type DirectoryWatchOptions,
  identifyDirectory,
  watchDirectory,
} from './watch-directory.ts';

export interface DirectorySourceOptions {
  /** `path` is absolute. */
  readonly config: DirectorySourceConfig;
  readonly clock: Clock;
  /** A constant message with its values; called when watching had to be given up. */
  readonly log: (message: string, fields: Readonly<Record<string, unknown>>) => void;
  readonly openWatcher?: DirectoryWatchOptions['openWatcher'];
}

/**
 * A directory of manifests (`*.yaml`, `*.yml`, at any depth). Each read is a full rescan; its revision is
 * `sha256:<hex>` over paths and contents. Files are known by their full path.
 */
export function openDirectorySource(options: DirectorySourceOptions): SourceReader {
  const { config, clock, log } = options;
  const watches = new Set<DirectoryWatch>();
  return {
    read: (signal) =>
      answerRead(async () => {
        const tree = await readStableTree(config.path, { clock, signal }).catch((error) => {
          for (const watch of watches) watch.refresh(identifyDirectory(config.path));
          throw error;
        });
        for (const watch of watches) watch.refresh(tree.rootId);
        return {
          revision: `sha256:${sha256(JSON.stringify(tree.files))}`,
          files: tree.files.map(({ path, text }) => ({ path: join(config.path, path), text })),
        };
      }),
    watch: (onChange) => {
      const watch = watchDirectory({
        path: config.path,
        onChange,
        onUnwatchable: (code) =>
          log('source cannot be watched and is polled by its interval', {
            source: config.name,
            path: config.path,
            code,
            intervalMs: config.intervalMs,
          }),
        ...(options.openWatcher === undefined ? {} : { openWatcher: options.openWatcher }),
      });
      watches.add(watch);
      return async () => {
        watches.delete(watch);
        await watch.stop();
      };
    },
  };
}
