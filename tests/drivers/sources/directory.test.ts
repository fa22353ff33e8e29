import { execFileSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { chmodSync, linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { SourceReader } from '../../../src/declare/ports.ts';
import {
  type DirectorySourceOptions,
  openDirectorySource,
} from '../../../src/drivers/sources/directory.ts';
import { until } from '../../support/until.ts';
import { makeDirectory, pathsOf, problemOf, realClock, snapshotOf } from './fixtures.ts';

function openAt(path: string, options: Partial<DirectorySourceOptions> = {}): SourceReader {
  return openDirectorySource({
    config: {
      kind: 'directory',
      name: 'desk',
      path,
      prune: true,
      allowEmpty: false,
      intervalMs: 30_000,
      origin: 'config',
    },
    clock: realClock,
    log: () => {},
    ...options,
  });
}

/** Gives up root's right to read everything, until the test ends. */
function beNobody(): void {
  const own = process.getuid?.();
  if (own !== 0) return;
  process.seteuid?.(65_534);
  onTestFinished(() => process.seteuid?.(own));
}

/** Writes files below `root`, making directories on the way. */
function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

describe('what is read', () => {
  test('manifests at any depth come sorted, with their full path and their text', async () => {
    const root = makeDirectory();
    write(root, { 'z.yaml': 'z', 'a/b/c.yml': 'c', 'a.yaml': '', 'README.md': 'no' });
    const { files } = await snapshotOf(openAt(root));
    expect(files).toEqual([
      { path: join(root, 'a.yaml'), text: '' },
      { path: join(root, 'a/b/c.yml'), text: 'c' },
      { path: join(root, 'z.yaml'), text: 'z' },
    ]);
  });

  test('what editors leave behind is ignored, in files and in directories', async () => {
    const root = makeDirectory();
    write(root, {
      'real.yaml': '',
      '.hidden.yaml': '',
      '.git/config.yaml': '',
      'real.yaml~': '',
      '.real.yaml.swp': '',
      '#real.yaml#': '',
      'real.yaml.tmp': '',
      'half.tmp/x.yaml': '',
      '4913': '',
    });
    expect(pathsOf(await snapshotOf(openAt(root)))).toEqual([join(root, 'real.yaml')]);
  });

  test('the directory itself may have a dotted name', async () => {
    const root = join(makeDirectory(), '.agents');
    write(root, { 'a.yaml': '' });
    expect(pathsOf(await snapshotOf(openAt(root)))).toEqual([join(root, 'a.yaml')]);
  });

  test('an empty directory is an empty snapshot', async () => {
    expect((await snapshotOf(openAt(makeDirectory()))).files).toEqual([]);
  });

  test('the revision follows contents and names, and nothing else', async () => {
    const root = makeDirectory();
    const reader = openAt(root);
    write(root, { 'a.yaml': 'one' });
    const first = (await snapshotOf(reader)).revision;
    expect(first).toMatch(/^sha256:[0-9a-f]{64}$/);
    write(root, { 'a.yaml': 'one' });
    expect((await snapshotOf(reader)).revision).toBe(first);
    write(root, { 'a.yaml': 'two' });
    const second = (await snapshotOf(reader)).revision;
    rmSync(join(root, 'a.yaml'));
    write(root, { 'b.yaml': 'two' });
    const third = (await snapshotOf(reader)).revision;
    expect(new Set([first, second, third]).size).toBe(3);
  });

  test('a byte order mark is no part of the text', async () => {
    const root = makeDirectory();
    write(root, { 'a.yaml': '\uFEFFkind: Layout' });
    expect((await snapshotOf(openAt(root))).files[0]?.text).toBe('kind: Layout');
  });

  test('things that are not files are passed over, even when they are named like manifests', async () => {
    const root = makeDirectory();
    execFileSync('mkfifo', [join(root, 'pipe.yaml')]);
    write(root, { 'directory.yaml/a.yaml': '' });
    expect(pathsOf(await snapshotOf(openAt(root)))).toEqual([join(root, 'directory.yaml/a.yaml')]);
  });
});

describe('links', () => {
  test('linked files and directories are read, also from outside', async () => {
    const root = makeDirectory();
    const outside = makeDirectory();
    write(outside, { 'shared.yaml': 'shared', 'team/t.yaml': 'team' });
    symlinkSync(join(outside, 'shared.yaml'), join(root, 'linked.yaml'));
    symlinkSync(join(outside, 'team'), join(root, 'team'));
    const { files } = await snapshotOf(openAt(root));
    expect(files.map((file) => file.text)).toEqual(['shared', 'team']);
  });

  test('links that lead in circles end', async () => {
    const root = makeDirectory();
    write(root, { 'a/x.yaml': '', 'b/y.yaml': '' });
    symlinkSync('..', join(root, 'a/up'));
    symlinkSync('../b', join(root, 'a/side'));
    symlinkSync('../a', join(root, 'b/side'));
    symlinkSync('self', join(root, 'self'));
    const paths = pathsOf(await snapshotOf(openAt(root))).map((path) => relative(root, path));
    expect(paths).toHaveLength(2);
    expect(paths).toContain('a/x.yaml');
  });

  test('a link that leads nowhere fails the read: its target may only be away', async () => {
    const root = makeDirectory();
    symlinkSync('/nowhere/at/all', join(root, 'share'));
    expect(await problemOf(openAt(root))).toContain(`${join(root, 'share')} is a link that leads`);
  });
});

describe('what cannot be read is a failure, never an empty source', () => {
  test('a missing directory', async () => {
    const path = join(makeDirectory(), 'gone');
    expect(await problemOf(openAt(path))).toBe(
      `directory ${path} does not exist; create it, or remove the source`,
    );
  });

  test('a file in the place of the directory', async () => {
    const path = join(makeDirectory(), 'file');
    writeFileSync(path, '');
    expect(await problemOf(openAt(path))).toContain(`${path} is not a directory`);
  });

  test('a file that is not UTF-8 is named', async () => {
    const root = makeDirectory();
    writeFileSync(join(root, 'latin.yaml'), Buffer.from([0x63, 0xe9, 0x0a]));
    expect(await problemOf(openAt(root))).toContain(`${join(root, 'latin.yaml')} is not UTF-8`);
  });

  test('an unreadable file or directory is named', async () => {
    const root = makeDirectory();
    write(root, { 'a.yaml': '', 'd/b.yaml': '' });
    chmodSync(root, 0o755);
    chmodSync(join(root, 'a.yaml'), 0);
    beNobody();
    expect(await problemOf(openAt(root))).toContain(`cannot read ${join(root, 'a.yaml')} (EACCES)`);
    process.seteuid?.(process.getuid?.() ?? 0);
    chmodSync(join(root, 'a.yaml'), 0o644);
    chmodSync(join(root, 'd'), 0);
    beNobody();
    expect(await problemOf(openAt(root))).toContain(`cannot read ${join(root, 'd')} (EACCES)`);
  });

  test('more than 5,000 files, or more than 64 MiB', async () => {
    const root = makeDirectory();
    write(root, { 'a.yaml': 'x' });
    for (let index = 0; index < 5_000; index += 1) {
      linkSync(join(root, 'a.yaml'), join(root, `${index}.yaml`));
    }
    expect(await problemOf(openAt(root))).toContain('more than 5000 manifest files');
    const large = makeDirectory();
    write(large, {
      'a.yaml': 'x'.repeat(33 * 1024 * 1024),
      'b.yaml': 'x'.repeat(33 * 1024 * 1024),
    });
    expect(await problemOf(openAt(large))).toContain('exceed 64 MiB');
  });

  test('a file that never settles', async () => {
    const root = makeDirectory();
    const path = join(root, 'busy.yaml');
    write(root, { 'busy.yaml': '' });
    const timer = setInterval(() => writeFileSync(path, 'x'), 20);
    onTestFinished(() => clearInterval(timer));
    expect(await problemOf(openAt(root))).toContain(`${path} is still being written`);
  });
});

test('a writer that truncates and writes in pieces is never read half-way', async () => {
  const root = makeDirectory();
  const path = join(root, 'layout.yaml');
  const versions = ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) => letter.repeat(50_000));
  write(root, { 'layout.yaml': versions[0] ?? '' });
  const writer = { isDone: false };
  const writing = (async () => {
    for (const version of versions) {
      const file = await open(path, 'w');
      for (let at = 0; at < version.length; at += 10_000) {
        await file.write(version.slice(at, at + 10_000));
        await sleep(40);
      }
      await file.close();
      await sleep(400);
    }
    writer.isDone = true;
  })();
  const reader = openAt(root);
  const seen = new Set<string>();
  while (!writer.isDone) {
    const read = await reader.read(new AbortController().signal);
    if (read.ok) for (const file of read.snapshot.files) seen.add(file.text);
  }
  await writing;
  for (const text of seen) expect(versions).toContain(text);
  expect(seen.size).toBeGreaterThan(1);
});

test('files that are being moved about are never missed', async () => {
  const root = makeDirectory();
  write(root, { 'a/layout.yaml': 'same', 'b/keep': '' });
  const mover = { isDone: false };
  const moving = (async () => {
    for (let turn = 0; turn < 60; turn += 1) {
      const [from, to] = turn % 2 === 0 ? ['a', 'b'] : ['b', 'a'];
      execFileSync('mv', [join(root, from, 'layout.yaml'), join(root, to, 'layout.yaml')]);
      await sleep(turn % 10 === 0 ? 400 : 15);
    }
    mover.isDone = true;
  })();
  const reader = openAt(root);
  let reads = 0;
  while (!mover.isDone) {
    const read = await reader.read(new AbortController().signal);
    if (!read.ok) continue;
    reads += 1;
    expect(read.snapshot.files.map((file) => file.text)).toEqual(['same']);
  }
  await moving;
  expect(reads).toBeGreaterThan(0);
});

test('files that are rewritten while they are read are never mixed', async () => {
  const root = makeDirectory();
  let version = 1;
  const rewrite = () => {
    version += 1;
    for (let file = 0; file < 300; file += 1)
      writeFileSync(join(root, `${file}.yaml`), `${version}`);
  };
  rewrite();
  const planned = new Set<NodeJS.Timeout>();
  // The last one must not come once the directory is gone.
  onTestFinished(() => planned.forEach((timer) => clearTimeout(timer)));
  const clock = {
    ...realClock,
    // Half of the pauses are followed by a rewrite somewhere in the reading after them.
    sleep: async (ms: number) => {
      await sleep(ms);
      if (Math.random() < 0.5) planned.add(setTimeout(rewrite, Math.random() * 60));
    },
  };
  const reader = openAt(root, { clock });
  for (let turn = 0; turn < 12; turn += 1) {
    const read = await reader.read(new AbortController().signal);
    if (!read.ok) continue;
    expect(new Set(read.snapshot.files.map((file) => file.text)).size).toBe(1);
  }
});

/** Counts hints until the test ends. */
function watchHints(reader: SourceReader): { readonly onChange: ReturnType<typeof vi.fn> } {
  const onChange = vi.fn();
  const stop = reader.watch(onChange);
  onTestFinished(stop);
  return { onChange };
}

describe('hints', () => {
  test('come when a file is added, changed or removed', async () => {
    const root = makeDirectory();
    write(root, { 'a.yaml': 'one' });
    const { onChange } = watchHints(openAt(root));
    for (const change of [
      () => write(root, { 'sub/new.yaml': `${Math.random()}` }),
      () => write(root, { 'a.yaml': `${Math.random()}` }),
    ]) {
      onChange.mockClear();
      // The watcher needs a moment to start, so the change is made until it is seen.
      await until(() => {
        change();
        return onChange.mock.calls.length > 0;
      });
    }
    onChange.mockClear();
    rmSync(join(root, 'a.yaml'));
    await until(() => onChange.mock.calls.length > 0);
  });

  test('go on after the directory was deleted and made again', async () => {
    const root = join(makeDirectory(), 'agents');
    write(root, { 'a.yaml': 'one' });
    const reader = openAt(root);
    const { onChange } = watchHints(reader);
    await snapshotOf(reader);
    for (let turn = 0; turn < 3; turn += 1) {
      rmSync(root, { recursive: true });
      expect(await problemOf(reader)).toContain('does not exist');
      write(root, { 'a.yaml': `${turn}` });
      await snapshotOf(reader);
      onChange.mockClear();
      await until(() => {
        write(root, { 'a.yaml': `${Math.random()}` });
        return onChange.mock.calls.length > 0;
      });
    }
  });

  test('come when a directory that was missing is made', async () => {
    const root = join(makeDirectory(), 'agents');
    const { onChange } = watchHints(openAt(root));
    // Whether the watch of its place stands already nobody tells: it is made anew now and then until it is noticed.
    let looks = 0;
    await until(() => {
      if (looks % 50 === 0) {
        rmSync(root, { recursive: true, force: true });
        write(root, { 'a.yaml': 'one' });
      }
      looks += 1;
      return onChange.mock.calls.length > 0;
    });
  });

  test('are waited for at the place of a directory that is found missing, once', async () => {
    const root = join(makeDirectory(), 'agents');
    write(root, { 'a.yaml': 'one' });
    const openWatcher = vi.fn(() => Object.assign(new EventEmitter(), { close: async () => {} }));
    const reader = openAt(root, { openWatcher });
    watchHints(reader);
    await snapshotOf(reader);
    expect(openWatcher).toHaveBeenCalledTimes(1);
    rmSync(root, { recursive: true });
    for (let read = 0; read < 2; read += 1) {
      expect(await problemOf(reader)).toContain('does not exist');
      expect(openWatcher).toHaveBeenCalledTimes(2);
    }
  });

  test('start by themselves for a directory that did not exist at first', async () => {
    const root = join(makeDirectory(), 'later');
    const reader = openAt(root);
    const { onChange } = watchHints(reader);
    await problemOf(reader);
    write(root, { 'a.yaml': '' });
    await snapshotOf(reader);
    onChange.mockClear();
    await until(() => {
      write(root, { 'a.yaml': `${Math.random()}` });
      return onChange.mock.calls.length > 0;
    });
  });

  test('that the system has no room for are given up, with one report, and reading goes on', async () => {
    const root = makeDirectory();
    write(root, { 'a.yaml': 'one' });
    const watchers: EventEmitter[] = [];
    const log = vi.fn();
    const reader = openAt(root, {
      log,
      openWatcher: () => {
        const watcher = Object.assign(new EventEmitter(), { close: vi.fn(async () => {}) });
        watchers.push(watcher);
        return watcher;
      },
    });
    watchHints(reader);
    const limit = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    watchers[0]?.emit('error', limit);
    watchers[0]?.emit('error', limit);
    await snapshotOf(reader);
    expect(log).toHaveBeenCalledExactlyOnceWith(
      'source cannot be watched and is polled by its interval',
      { source: 'desk', path: root, code: 'ENOSPC', intervalMs: 30_000 },
    );
    expect(watchers).toHaveLength(1);
  });
});

test('reading ends soon when it is called off', async () => {
  const root = makeDirectory();
  const calledOff = new AbortController();
  const read = openAt(root).read(calledOff.signal);
  calledOff.abort();
  expect(await read).toEqual({ ok: false, problem: 'reading was called off' });
});
