import {
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openLifecycleLog } from '../../../src/drivers/system/lifecycle-log.ts';
import { modeOf, privateDirectory } from './private-directory.ts';

const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 678) };

const numbers = (path: string): string[] => readFileSync(path, 'utf8').match(/(?<=n=)\d+/g) ?? [];

function open(file: string, maxBytes?: number) {
  const log = openLifecycleLog({ file, clock, ...(maxBytes === undefined ? {} : { maxBytes }) });
  onTestFinished(() => log.close());
  return log;
}

test('a line is time, level, event and fields, separated by tabs, in a file of 0600', () => {
  const file = join(privateDirectory(), 'd.log');
  open(file).write('warn', 'socket_peer_uid_mismatch', { peer_uid: 7, peer_pid: undefined });
  expect(readFileSync(file, 'utf8')).toBe(
    '2026-01-02T03:04:05.678000Z\tlevel=warn\tevent=socket_peer_uid_mismatch\tpeer_uid=7\n',
  );
  expect(modeOf(statSync(file).mode)).toBe('600');
});

test('no value breaks out of its line or reaches a terminal raw', () => {
  const file = join(privateDirectory(), 'd.log');
  open(file).write('error', 'method_failed', { error: 'a\tb\nc\r\\d\u001b[31m\u009b\0\u2028ü' });
  const [line, ...rest] = readFileSync(file, 'utf8').split('\n');
  expect(rest).toEqual(['']);
  expect(line?.split('\t').at(-1)).toBe(
    String.raw`error=a\tb\nc\r\\d\u001b[31m\u009b\u0000\u2028ü`,
  );
});

test('an existing log goes on where it ended', () => {
  const file = join(privateDirectory(), 'd.log');
  open(file).write('info', 'daemon_starting');
  open(file).write('info', 'daemon_ready');
  expect(readFileSync(file, 'utf8').match(/event=\w+/g)).toEqual([
    'event=daemon_starting',
    'event=daemon_ready',
  ]);
});

test('a full log moves aside, and three old ones are kept', () => {
  const file = join(privateDirectory(), 'd.log');
  const log = open(file, 100);
  for (let n = 1; n <= 12; n += 1) log.write('info', 'tick', { n });
  expect([file, `${file}.1`, `${file}.2`, `${file}.3`].map(numbers)).toEqual([
    ['11', '12'],
    ['9', '10'],
    ['7', '8'],
    ['5', '6'],
  ]);
  expect(existsSync(`${file}.4`)).toBe(false);
  expect(modeOf(statSync(file).mode)).toBe('600');
});

test('when it cannot move aside it goes on in the same file', () => {
  const file = join(privateDirectory(), 'd.log');
  writeFileSync(`${file}.2`, '');
  mkdirSync(join(`${file}.3`, 'full'), { recursive: true });
  const log = open(file, 100);
  for (let n = 1; n <= 4; n += 1) log.write('info', 'tick', { n });
  expect(readFileSync(file, 'utf8').match(/(?<=\tn=)\d+/g)).toEqual(['1', '2', '3', '4']);
});

test('a disk that is full stops nobody, and the lost lines are counted', () => {
  const file = join(privateDirectory(), 'd.log');
  let isFull = true;
  const append = (descriptor: number, line: string): number => {
    if (isFull) throw new Error('ENOSPC');
    return writeSync(descriptor, line);
  };
  const log = openLifecycleLog({ file, clock, append });
  onTestFinished(() => log.close());
  log.write('info', 'lost');
  log.write('info', 'lost');
  isFull = false;
  log.write('info', 'back');
  log.write('info', 'on');
  expect(readFileSync(file, 'utf8').match(/event=.*/g)).toEqual([
    'event=back\tlines_lost_before=2',
    'event=on',
  ]);
});

test('a closed log takes nothing more and harms nobody', () => {
  const file = join(privateDirectory(), 'd.log');
  const log = open(file);
  log.close();
  log.write('info', 'late');
  log.close();
  expect(readFileSync(file, 'utf8')).toBe('');
});

test('a log that is a symlink is refused', () => {
  const file = join(privateDirectory(), 'd.log');
  symlinkSync('/dev/null', file);
  expect(() => openLifecycleLog({ file, clock })).toThrow('is a symbolic link');
});
