import { expect, test } from 'vitest';
import { isSecretKey, redactEnv } from '../../src/domain/events.ts';

test.each([
  'ANTHROPIC_API_KEY',
  'GITHUB_TOKEN',
  'DB_PASSWORD',
  'PGPASSWD',
  'client_secret',
  'AUTHORIZATION',
  'BEARER',
  'AWS_CREDENTIALS',
  'Cookie',
  'SSH_PRIVATE',
])('the value of %s is a secret', (key) => {
  expect(isSecretKey(key)).toBe(true);
});

test.each(['HOME', 'PATH', 'CODEX_HOME', 'MODE', 'LANG'])('the value of %s may be shown', (key) => {
  expect(isSecretKey(key)).toBe(false);
});

test('an environment is shown with its secrets left out and nothing else changed', () => {
  const env = { HOME: '/root', API_KEY: 'hunter2' };
  expect(redactEnv(env)).toEqual({ HOME: '/root', API_KEY: '<redacted>' });
  expect(env.API_KEY).toBe('hunter2');
});
