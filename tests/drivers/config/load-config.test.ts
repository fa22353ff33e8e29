import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../../src/drivers/config/config.ts';
import { loadConfig } from '../../../src/drivers/config/load-config.ts';

function configFile(content?: string | Uint8Array): string {
  const directory = mkdtempSync(join(tmpdir(), 'agt-config-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'config.toml');
  if (content !== undefined) writeFileSync(file, content);
  return file;
}

test('no file means the defaults', () => {
  expect(loadConfig(configFile(), '/home/ada')).toEqual(DEFAULT_CONFIG);
});

test('the file is read, through a symlink too', () => {
  const file = configFile('[limits]\nmanaged_layouts = 3\n');
  symlinkSync(file, `${file}.link`);
  expect(loadConfig(file, '/home/ada').limits).toEqual({ managedLayouts: 3 });
  expect(loadConfig(`${file}.link`, '/home/ada').limits).toEqual({ managedLayouts: 3 });
});

test.each([
  ['not UTF-8', new Uint8Array([0x61, 0xff, 0x0a]), 'cannot be read: it is not UTF-8'],
  ['too large', '#'.repeat(1024 * 1024 + 1), 'cannot be read: it has more than 1048576 bytes'],
  ['broken', 'a = ', ':1:5: not valid TOML: invalid value'],
])('a file that is %s is refused', (_how, content, message) => {
  const file = configFile(content);
  expect(() => loadConfig(file, '/home/ada')).toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      message: expect.stringContaining(message) as string,
      details: expect.objectContaining({ file }) as unknown,
    }),
  );
});

test('a directory in its place is refused', () => {
  const file = configFile();
  mkdirSync(file);
  expect(() => loadConfig(file, '/home/ada')).toThrow('it is not a regular file');
});
