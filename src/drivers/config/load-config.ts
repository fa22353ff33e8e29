import { readFileSync, statSync } from 'node:fs';
import type { Config } from './config.ts';
import { DEFAULT_CONFIG } from './config.ts';
import { configInvalid, parseConfig } from './parse-config.ts';

const MAX_BYTES = 1024 * 1024;

/**
 * Reads and checks config.toml; a missing file means all defaults. `home` is what `~` stands for.
 * Throws `config_invalid` with every mistake, or with the reason why the file cannot be read.
 */
export function loadConfig(file: string, home: string): Config {
  const text = readText(file);
  return text === undefined ? DEFAULT_CONFIG : parseConfig({ file, text, home });
}

function readText(file: string): string | undefined {
  try {
    const stats = statSync(file);
    if (!stats.isFile()) throw new Error('it is not a regular file');
    if (stats.size > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    const reason = code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'it is not UTF-8' : message;
    throw configInvalid(file, [{ file, message: `cannot be read: ${reason}` }], error);
  }
}
