import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  ensurePrivateDirectory,
  openPrivateFile,
  requirePrivateDirectory,
  requirePrivateFileIfPresent,
} from '../../../src/drivers/system/safe-files.ts';
import { modeOf, privateDirectory } from './private-directory.ts';

/** As wide as umask allows for the length of one test. */
function withOpenUmask(): void {
  const before = process.umask(0);
  onTestFinished(() => void process.umask(before));
}

describe('a directory', () => {
  test('is made 0700 with its parents, whatever the umask, and found again', () => {
    withOpenUmask();
    const base = privateDirectory();
    const directory = join(base, 'opensoft', 'agenttower');
    ensurePrivateDirectory(directory);
    ensurePrivateDirectory(directory);
    expect(modeOf(statSync(directory).mode)).toBe('700');
    expect(modeOf(statSync(join(base, 'opensoft')).mode)).toBe('700');
  });

  test('that is wider is refused, told how to mend it, and left as it is', () => {
    const directory = join(privateDirectory(), 'wide');
    mkdirSync(directory);
    chmodSync(directory, 0o750);
    expect(() => ensurePrivateDirectory(directory)).toThrow(
      expect.objectContaining({
        code: 'path_unsafe',
        message: `${directory} has mode 750, wider than 700; run: chmod 700 '${directory}'`,
        details: { path: directory, problem: 'has mode 750, wider than 700' },
      }),
    );
    expect(modeOf(statSync(directory).mode)).toBe('750');
  });

  test('that is narrower is fine', () => {
    const directory = join(privateDirectory(), 'narrow');
    mkdirSync(directory, { mode: 0o500 });
    expect(() => requirePrivateDirectory(directory)).not.toThrow();
  });

  test('is not a symbolic link, not a file, and not missing', () => {
    const base = privateDirectory();
    const [link, file] = [join(base, 'link'), join(base, 'file')];
    symlinkSync(base, link);
    writeFileSync(file, '');
    expect(() => ensurePrivateDirectory(link)).toThrow('is a symbolic link, not a directory');
    expect(() => ensurePrivateDirectory(file)).toThrow('is a regular file, not a directory');
    expect(() => requirePrivateDirectory(join(base, 'no'))).toThrow('run: agenttower config init');
  });

  test("below somebody else's file cannot be made, and says why", () => {
    const base = privateDirectory();
    writeFileSync(join(base, 'file'), '');
    expect(() => ensurePrivateDirectory(join(base, 'file', 'deep'))).toThrow(
      /deep cannot be created: (ENOTDIR|EEXIST)|is a regular file/,
    );
  });

  test('where the file system takes none cannot be made either, and says so at once', () => {
    expect(() => ensurePrivateDirectory('/proc/agenttower/state')).toThrow(
      /^\/proc\/agenttower cannot be created: \w+; check/,
    );
  });

  test('of another user is refused', () => {
    // The root directory's owner and mode both disqualify it; run as root only the mode does.
    expect(() => requirePrivateDirectory('/')).toThrow(
      process.getuid?.() === 0 ? 'wider than 700' : 'belongs to uid 0',
    );
  });
});

describe('a file', () => {
  test('is made 0600 whatever the umask, and appended to when it is there', () => {
    withOpenUmask();
    const file = join(privateDirectory(), 'f');
    for (const text of ['one ', 'two']) {
      const descriptor = openPrivateFile(file);
      writeSync(descriptor, text);
      closeSync(descriptor);
    }
    expect(readFileSync(file, 'utf8')).toBe('one two');
    expect(modeOf(statSync(file).mode)).toBe('600');
  });

  test.each([0o640, 0o604, 0o700])('of mode %o is refused and left as it is', (mode) => {
    const file = join(privateDirectory(), 'f');
    writeFileSync(file, '');
    chmodSync(file, mode);
    expect(() => closeSync(openPrivateFile(file))).toThrow(`run: chmod 600 '${file}'`);
    expect(() => requirePrivateFileIfPresent(file)).toThrow('wider than 600');
    expect(modeOf(statSync(file).mode)).toBe(modeOf(mode));
  });

  test('is not reached through a symbolic link', () => {
    const base = privateDirectory();
    symlinkSync(join(base, 'elsewhere'), join(base, 'f'));
    expect(() => openPrivateFile(join(base, 'f'))).toThrow(
      'is a symbolic link, not a regular file',
    );
    expect(() => statSync(join(base, 'elsewhere'))).toThrow('ENOENT');
  });

  test('is neither a directory nor a pipe, and opening a pipe does not hang', () => {
    const base = privateDirectory();
    const [directory, pipe] = [join(base, 'd'), join(base, 'p')];
    mkdirSync(directory);
    execFileSync('mkfifo', ['-m', '600', pipe]);
    expect(() => openPrivateFile(directory)).toThrow('is a directory, not a regular file');
    expect(() => openPrivateFile(pipe)).toThrow('is a special file, not a regular file');
  });

  test('that is missing is no problem where it may be', () => {
    expect(() => requirePrivateFileIfPresent(join(privateDirectory(), 'no'))).not.toThrow();
  });

  test('in a missing directory cannot be opened, and says so', () => {
    expect(() => openPrivateFile(join(privateDirectory(), 'no', 'f'))).toThrow(
      'cannot be opened: ENOENT',
    );
  });
});
