import type { ReadStream } from 'node:tty';

/** More than this of it is not kept, but taken, so that whoever writes does not fail. */
const MAX_BYTES = 8 * 1_024 * 1_024;

/** What a stream gives until its end, or within `ms`; the stream is closed then. Never rejects. A terminal gives nothing. */
export function readWithin(
  stream: NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY' | 'destroy'>>,
  ms: number,
): Promise<string> {
  if (stream.isTTY === true) return Promise.resolve('');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (): void => {
      clearTimeout(timer);
      stream.removeListener('data', take);
      stream.destroy?.();
      resolve(Buffer.concat(chunks).toString('utf8'));
    };
    const take = (chunk: Buffer): void => {
      if (size < MAX_BYTES) chunks.push(chunk);
      size += chunk.length;
    };
    // What has come while this process did not get to run is taken first.
    const timer = setTimeout(() => setImmediate(finish), ms);
    stream.on('data', take);
    stream.on('end', finish);
    stream.on('error', finish);
  });
}
