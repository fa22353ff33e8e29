import { chmodSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { AgentId, ContainerId } from '../../../src/domain/ids.ts';
import { LOCAL_CONTAINER } from '../../../src/domain/ids.ts';
import { randomIds } from '../../../src/drivers/system/ids.ts';
import { createPaneLogs } from '../../../src/drivers/system/pane-logs.ts';
import { modeOf, privateDirectory } from './private-directory.ts';

const agent = 'agt_0123456789ab' as AgentId;

test('the file is 0600 in a 0700 directory named after the container, and preparing again is fine', () => {
  const logsDir = privateDirectory();
  const logs = createPaneLogs({ logsDir, containerOf: () => undefined });
  const path = join(logsDir, 'local', 'agt_0123456789ab.log');
  expect(logs.prepare(LOCAL_CONTAINER, agent)).toEqual({ path });
  writeFileSync(path, 'output', { flag: 'a' });
  expect(logs.prepare(LOCAL_CONTAINER, agent)).toEqual({ path });
  expect(statSync(path).size).toBe(6);
  expect(modeOf(statSync(path).mode)).toBe('600');
  expect(modeOf(statSync(join(logsDir, 'local')).mode)).toBe('700');
});

test('a directory that was removed in between is made again', () => {
  const logsDir = privateDirectory();
  const logs = createPaneLogs({ logsDir, containerOf: () => undefined });
  logs.prepare(LOCAL_CONTAINER, agent);
  rmSync(join(logsDir, 'local'), { recursive: true });
  expect(logs.prepare(LOCAL_CONTAINER, agent)).toHaveProperty('path');
});

test('what is unsafe is a problem with a remedy, not an exception', () => {
  const logsDir = privateDirectory();
  const logs = createPaneLogs({ logsDir, containerOf: () => undefined });
  logs.prepare(LOCAL_CONTAINER, agent);
  const link = randomIds.agentId();
  symlinkSync('/etc/passwd', join(logsDir, 'local', `${link}.log`));
  expect(logs.prepare(LOCAL_CONTAINER, link)).toEqual({
    problem: expect.stringContaining('is a symbolic link') as string,
  });
  chmodSync(join(logsDir, 'local'), 0o755);
  expect(logs.prepare(LOCAL_CONTAINER, agent)).toEqual({
    problem: expect.stringContaining('run: chmod 700') as string,
  });
});

test('other containers and other names have no file here', () => {
  const logs = createPaneLogs({ logsDir: privateDirectory(), containerOf: () => undefined });
  expect(logs.prepare('c'.repeat(64) as ContainerId, agent)).toHaveProperty('problem');
  expect(logs.prepare(LOCAL_CONTAINER, '../escape' as AgentId)).toHaveProperty('problem');
});
