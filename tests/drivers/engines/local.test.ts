import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLocalHost } from '../../../src/drivers/engines/local.ts';
import { startRealTmux } from '../../support/real-tmux.ts';
import { created, createOp, seen } from '../../support/tmux-ops.ts';
import { until } from '../../support/until.ts';

const here = { homeDir: '/home/me', uid: 1000 };

describe('the host as a container', () => {
  test('has a tmux server of its own name, outside of any tmux we run in', () => {
    const host = openLocalHost({
      ...here,
      env: {
        PATH: '/bin',
        TMUX: '/tmp/tmux-0/default,1,0',
        TMUX_PANE: '%1',
        TMUX_TMPDIR: '/run/me',
      },
    });
    expect(host.container).toBe('local');
    expect(host.tmuxArgv(['-V'])).toEqual([
      'tmux',
      '-u',
      '-L',
      'agenttower',
      '-f',
      '/dev/null',
      '-V',
    ]);
    expect(host.env).toEqual({ PATH: '/bin', TMUX_TMPDIR: '/run/me' });
    expect(host.socketPath).toBe('/run/me/tmux-1000/agenttower');
    expect(openLocalHost({ ...here, env: {} }).socketPath).toBe('/tmp/tmux-1000/agenttower');
  });

  test('names its socket as tmux does, without symbolic links', () => {
    const directory = mkdtempSync(join(tmpdir(), 'agenttower-link-'));
    try {
      mkdirSync(join(directory, 'real'));
      symlinkSync('real', join(directory, 'link'));
      const host = openLocalHost({ ...here, env: { TMUX_TMPDIR: join(directory, 'link') } });
      expect(host.socketPath).toBe(join(directory, 'real', 'tmux-1000', 'agenttower'));
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('tells how to attach to a session, and to the server', () => {
    const host = openLocalHost({ ...here, env: {} });
    expect(host.attachArgv('work')).toEqual([
      'tmux',
      '-L',
      'agenttower',
      'attach-session',
      '-t',
      '=work',
    ]);
    expect(host.attachArgv()).toEqual(['tmux', '-L', 'agenttower', 'attach-session']);
  });

  test('gives panes a terminal type only when this machine describes one', () => {
    const terminfo = mkdtempSync(join(tmpdir(), 'agenttower-terminfo-'));
    const none = openLocalHost({ env: { TERMINFO: terminfo }, homeDir: terminfo, uid: 0 });
    expect(['tmux-256color', 'screen-256color', undefined]).toContain(none.defaultTerminal);
    mkdirSync(join(terminfo, 't'));
    writeFileSync(join(terminfo, 't', 'tmux-256color'), '');
    const host = openLocalHost({ env: { TERMINFO: terminfo }, homeDir: terminfo, uid: 0 });
    expect(host.defaultTerminal).toBe('tmux-256color');
    rmSync(terminfo, { recursive: true });
  });
});

test('where the driver expects the socket is where tmux puts it; a pane is not told of another tmux', async () => {
  const real = startRealTmux();
  try {
    const { epoch } = seen(await real.server.look());
    expect(await real.tmux('display-message', '-p', '#{socket_path}')).toBe(real.host.socketPath);
    const op = createOp(epoch, { process: { argv: ['sleep', '1000'], env: {} } });
    const { pid } = created((await real.server.run([op]))[0]);
    // Until it runs its own program the process is a copy of the server.
    await until(() => readFileSync(`/proc/${pid}/comm`, 'utf8') === 'sleep\n');
    // The name comes a moment before the environment.
    const environment = await until(() => readFileSync(`/proc/${pid}/environ`, 'utf8'));
    expect(environment).toContain(`TMUX=${real.host.socketPath},`);
  } finally {
    await real.stop();
  }
});
