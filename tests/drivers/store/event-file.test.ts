import { chmodSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventFile } from '../../../src/drivers/store/event-file.ts';
import { freshPath } from './rows.ts';

const read = (path: string) => readFileSync(path, 'utf8');

test('lines are added at the end of a file only its owner can read', async () => {
  const path = freshPath('events.jsonl');
  const file = eventFile(path);
  await file.append('{"seq":1}\n{"seq":2}\n');
  await file.append('{"seq":3}\n');
  expect(read(path)).toBe('{"seq":1}\n{"seq":2}\n{"seq":3}\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a line cut off by a crash does not spoil the next', async () => {
  const path = freshPath('events.jsonl');
  writeFileSync(path, '{"seq":1}\n{"se', { mode: 0o600 });
  await eventFile(path).append('{"seq":2}\n');
  expect(read(path)).toBe('{"seq":1}\n{"se\n{"seq":2}\n');
});

test('a file that was rotated away is begun anew', async () => {
  const path = freshPath('events.jsonl');
  const file = eventFile(path);
  await file.append('{"seq":1}\n');
  renameSync(path, `${path}.1`);
  await file.append('{"seq":2}\n');
  expect(read(path)).toBe('{"seq":2}\n');
});

test('a file others can read is refused until that is mended', async () => {
  const path = freshPath('events.jsonl');
  writeFileSync(path, '', { mode: 0o600 });
  chmodSync(path, 0o644);
  const file = eventFile(path);
  await expect(file.append('{"seq":1}\n')).rejects.toMatchObject({ code: 'path_unsafe' });
  expect(read(path)).toBe('');
  chmodSync(path, 0o600);
  await file.append('{"seq":1}\n');
  expect(read(path)).toBe('{"seq":1}\n');
});

test('a directory that is missing is told', async () => {
  await expect(eventFile('/nowhere/events.jsonl').append('x\n')).rejects.toThrow('ENOENT');
});

test('a file that would outgrow its bound is rotated between two lines, and only so many are kept', async () => {
  const path = freshPath('events.jsonl');
  const file = eventFile(path, { bytes: 25, files: 3 });
  for (let seq = 1; seq <= 8; seq += 1) await file.append(`{"seq":${seq}}\n`);
  expect(read(path)).toBe('{"seq":7}\n{"seq":8}\n');
  expect(read(`${path}.1`)).toBe('{"seq":5}\n{"seq":6}\n');
  expect(read(`${path}.2`)).toBe('{"seq":3}\n{"seq":4}\n');
  expect(existsSync(`${path}.3`)).toBe(false);
});
