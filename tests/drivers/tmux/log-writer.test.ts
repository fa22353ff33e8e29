import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { logWriterCommand } from '../../../src/drivers/tmux/log-writer.ts';

const MIB = 1_024 * 1_024;

function openFile(): string {
  const directory = mkdtempSync(join(tmpdir(), "agenttower writer's "));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'pane 1.log');
}

/** Runs the writer over `pieces`, each written on its own. */
async function write(file: string, pieces: Iterable<Buffer>, rotation = { bytes: MIB, files: 3 }) {
  const child = spawn('sh', ['-c', logWriterCommand(file, rotation)], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  for (const piece of pieces) {
    if (!child.stdin.write(piece))
      await new Promise((resolve) => child.stdin.once('drain', resolve));
  }
  child.stdin.end();
  await new Promise((resolve) => child.once('close', resolve));
}

function* numbers(bytes: number): Iterable<Buffer> {
  for (let at = 0, line = 0; at < bytes; line += 1) {
    const piece = Buffer.from(`${line} ${'x'.repeat((line * 7919) % 3_000)}\n`);
    at += piece.length;
    yield piece;
  }
}

test('every byte is in one of the files, once and in order', async () => {
  const file = openFile();
  await write(file, numbers(2_000_000));
  const written = Buffer.concat([`${file}.2`, `${file}.1`, file].map((name) => readFileSync(name)));
  expect(written.equals(Buffer.concat([...numbers(2_000_000)]))).toBe(true);
});

test('no file outgrows its bound, and no more than so many are kept', async () => {
  const file = openFile();
  await write(file, numbers(9_000_000));
  for (const name of [file, `${file}.1`, `${file}.2`]) {
    expect(statSync(name).size).toBeLessThanOrEqual(MIB);
    expect(statSync(name).mode & 0o777).toBe(0o600);
  }
  expect(existsSync(`${file}.3`)).toBe(false);
  const kept = Buffer.concat([`${file}.2`, `${file}.1`, file].map((name) => readFileSync(name)));
  expect(
    Buffer.concat([...numbers(9_000_000)])
      .subarray(-kept.length)
      .equals(kept),
  ).toBe(true);
});

test('a file that was there is written on, and counts', async () => {
  const file = openFile();
  writeFileSync(file, Buffer.alloc(MIB - 10, 'a'), { mode: 0o600 });
  await write(file, [Buffer.from('first\n')]);
  await write(file, [Buffer.from('second\n')]);
  expect(readFileSync(`${file}.1`, 'utf8')).toMatch(/^a+first\n$/);
  expect(readFileSync(file, 'utf8')).toBe('second\n');
});
