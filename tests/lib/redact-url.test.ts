import { expect, test } from 'vitest';
import { redactUrls } from '../../src/lib/redact-url.ts';

test.each([
  ['https://me:secret@host/x.git', 'https://***@host/x.git'],
  ['https://ghp_secret@host/x.git', 'https://***@host/x.git'],
  [
    "fatal: 'https://me:p@ss@host/x' and http://u:p@h",
    "fatal: 'https://***@host/x' and http://***@h",
  ],
  ['ssh://git@host/x.git', 'ssh://git@host/x.git'],
  ['ssh://git:secret@host/x.git', 'ssh://***@host/x.git'],
  ['git@host:me/x.git', 'git@host:me/x.git'],
  ['https://host/x?private_token=secret&a=b', 'https://host/x?private_token=***&a=b'],
  ['https://host/a@b', 'https://host/a@b'],
  ['/srv/config.git', '/srv/config.git'],
])('%s is shown as %s', (text, shown) => {
  expect(redactUrls(text)).toBe(shown);
});
