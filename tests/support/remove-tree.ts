import { rmSync } from 'node:fs';
import { until } from './until.ts';

/**
 * Removes a directory, though what is just ending may still write into it: the writer of a log opens its file for each
 * block anew. Node's own retries only try to remove the directory again, and not what has come into it.
 */
export async function removeTree(directory: string): Promise<void> {
  await until(
    () => {
      rmSync(directory, { recursive: true, force: true });
      return true;
    },
    { label: `${directory} is removed` },
  );
}
