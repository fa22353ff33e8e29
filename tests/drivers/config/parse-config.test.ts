import { describe, expect, test } from 'vitest';
import type { AgentTowerError } from '../../../src/domain/errors.ts';
import { DEFAULT_CONFIG } from '../../../src/drivers/config/config.ts';
import { renderDefaultConfig } from '../../../src/drivers/config/default-config.ts';
import { parseConfig } from '../../../src/drivers/config/parse-config.ts';

const FILE = '/c/config.toml';
const parse = (text: string) => parseConfig({ file: FILE, text, home: '/home/ada' });

const common = { prune: true, allowEmpty: false, origin: 'config' };
const directory = (name: string, path: string) => ({
  ...common,
  kind: 'directory',
  name,
  path,
  intervalMs: 30_000,
});
const git = (name: string, url: string) => ({
  ...common,
  kind: 'git',
  name,
  url,
  branch: 'main',
  path: '',
  intervalMs: 60_000,
});

/** The error as a person reads it, without the path on every line. */
function complaints(text: string): string {
  try {
    parse(text);
    return 'no complaint';
  } catch (error) {
    return (error as Error).message.replaceAll(`${FILE}:`, '');
  }
}

describe('a good file', () => {
  test('that says nothing gives the defaults', () => {
    expect(parse('')).toEqual(DEFAULT_CONFIG);
    expect(parse('[limits]\n[loop]\n[containers]\n[engines]\n')).toEqual(DEFAULT_CONFIG);
  });

  test('may say everything', () => {
    const text = `
[containers]
name_contains = ["bench", "agent"]
scan_interval_seconds = 5
[engines]
enabled = ["local", "rack", "local"]
[engines.rack]
kind = "docker"
host = "ssh://me@rack"
[engines.lab]
kind = "podman"
context = "lab"
[limits]
managed_layouts = 7
[loop]
resync = "1m30s"
[logs]
max_size_mib = 8
max_files = 5
[events]
max_files = 2
[[sources]]
kind = "directory"
path = "~/my agents/"
[[sources]]
kind = "directory"
name = "etc"
path = "/etc//agents/."
prune = false
allow_empty = true
interval = "5s"
[[sources]]
kind = "git"
url = "https://example.com/team/config.git"
[[sources]]
kind = "git"
name = "dev"
url = "git@example.com:team/config.git"
branch = "dev"
path = "clusters/dev/"
interval = "10m"
[[sources]]
kind = "git"
url = "~/bare.git"
path = "."
`;
    expect(parse(text)).toEqual({
      containers: { nameContains: ['bench', 'agent'], labels: [] },
      engines: {
        enabled: ['local', 'rack'],
        endpoints: [
          { name: 'rack', kind: 'docker', host: 'ssh://me@rack' },
          { name: 'lab', kind: 'podman', context: 'lab' },
        ],
      },
      limits: { managedLayouts: 7 },
      loop: { resyncMs: 90_000 },
      logs: { bytes: 8 * 1_048_576, files: 5 },
      events: { bytes: 67_108_864, files: 2 },
      sources: [
        directory('my-agents', '/home/ada/my agents'),
        { ...directory('etc', '/etc/agents'), prune: false, allowEmpty: true, intervalMs: 5_000 },
        git('config', 'https://example.com/team/config.git'),
        {
          ...git('dev', 'git@example.com:team/config.git'),
          branch: 'dev',
          path: 'clusters/dev',
          intervalMs: 600_000,
        },
        git('bare', '/home/ada/bare.git'),
      ],
    });
  });
});

describe('a bad file', () => {
  test('is told every mistake, in the order of the file', () => {
    const text = `
limit = 3
[containers]
name_contains = ["bench", "", 7]
[limits]
managed_layout = 50
managed_layouts = "many"
[loop]
resync = "1 second"
[engines]
enabled = ["local", "dokcer", "rack"]
[engines.rack]
kind = "dcoker"
host = "rack"
port = 22
[[sources]]
kind = "git"
path = "../outside"
branch = "-x"
intervall = "5s"
[[sources]]
path = "~/agents"
[[sources]]
kind = "directory"
path = "agents"
prune = "yes"
interval = "10ms"
`;
    expect(complaints(text)).toMatchInlineSnapshot(`
      "2:1: unknown key "limit"; did you mean "limits"?
      4:27: name_contains must not be empty
      4:31: name_contains must be text in quotes, not 7
      6:1: unknown key "managed_layout" in [limits]; did you mean "managed_layouts"?
      7:1: managed_layouts must be a whole number from 1 to 10000, not "many"
      9:1: resync must be a duration like "30s" or "2m", from 100ms to 1h, not "1 second"
      11:21: enabled must be "local" or "docker" or "podman" or "rack", not "dokcer"; did you mean "docker"?
      13:1: kind must be "docker" or "podman", not "dcoker"; did you mean "docker"?
      14:1: host must begin with ssh://, tcp:// or unix://
      15:1: unknown key "port" in [engines.rack]
      16:1: url is missing: the repository to follow
      18:1: path must be a directory inside the repository
      19:1: branch must not begin with a dash
      20:1: unknown key "intervall" in [[sources]]; did you mean "interval"?
      21:1: kind is missing; write kind = "directory" or kind = "git"
      25:1: path must be absolute or begin with ~/
      26:1: prune must be true or false, not "yes"
      27:1: interval must be a duration like "30s" or "2m", from 1s to 1d, not "10ms""
    `);
  });

  test('names the same source twice', () => {
    const text = `
[[sources]]
kind = "directory"
path = "/a/agents"
[[sources]]
kind = "git"
url = "https://example.com/agents.git"
[[sources]]
kind = "directory"
path = "/b"
name = "agents"
`;
    expect(complaints(text)).toMatchInlineSnapshot(`
      "5:1: two sources are named "agents"; give this one a name of its own
      11:1: two sources are named "agents"; give this one a name of its own"
    `);
  });

  test.each([
    'limits = 3',
    'sources = {}',
    '[[limits]]',
    '[sources]\nkind = "git"',
    '[engines]\nlocal = "docker"',
    '[engines.local]\nkind = "docker"',
    '[engines.rack]\nhost = "ssh://a"\ncontext = "b"',
    'containers.name_contains = []',
    `containers.name_contains = ["${'x'.repeat(129)}"]`,
    'limits = { managed_layouts = 1.5 }',
    'limits.managed_layouts = 99999999999999999999',
    'loop.resync = 1979-05-27',
    '[[sources]]\nkind = "directory"\npath = "/"',
    '[[sources]]\nkind = "directory"\npath = "/x"\nname = "apply"',
    '[[sources]]\nkind = "directory"\npath = "/x"\nname = "a b"',
    '[[sources]]\nkind = "directory"\nurl = "https://example.com"\npath = "/x"',
    '__proto__ = 1\nconstructor = 2',
  ])('%s', (text) => {
    expect(complaints(text)).toMatchSnapshot();
  });

  test.each(['a = ', '[limits]\nx = 1\nx = 2', '[limits\n', 'a = "\\z"', '"'])(
    'that is not TOML says where: %s',
    (text) => {
      expect(complaints(text)).toMatchSnapshot();
    },
  );

  test('carries the line itself and the nearest key, for a surface to show', () => {
    expect(() => parse('[limits]\r\nmanaged_layout = 5\r\n')).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        details: {
          file: FILE,
          problems: [
            {
              file: FILE,
              line: 2,
              column: 1,
              text: 'managed_layout = 5',
              message: 'unknown key "managed_layout" in [limits]',
              hint: 'managed_layouts',
            },
          ],
        },
      }),
    );
  });

  test('shows no password of a URL', () => {
    const text =
      '[[sources]]\nkind = "git"\nurl = "https://me:hunter2@example.com/a.git"\nx = "https://me:hunter2@b"\n';
    let shown = '';
    try {
      parse(text);
    } catch (error) {
      shown = JSON.stringify((error as AgentTowerError).details);
    }
    expect(shown).toContain('unknown key');
    expect(shown).not.toContain('hunter2');
  });
});

describe('the file that config init writes', () => {
  test('changes no default', () => {
    expect(parse(renderDefaultConfig())).toEqual(DEFAULT_CONFIG);
  });

  test('says the defaults and valid examples in its comments', () => {
    const uncommented = renderDefaultConfig().replaceAll(/^# (?=[a-z_]+ = |\[)/gm, '');
    expect(parse(uncommented)).toMatchObject({
      ...DEFAULT_CONFIG,
      engines: { enabled: ['local', 'docker', 'podman'], endpoints: [{ name: 'buildbox' }] },
      sources: [
        { kind: 'directory', name: 'agents', prune: true, allowEmpty: false, intervalMs: 30_000 },
        { kind: 'git', url: 'https://example.com/team/layouts.git', intervalMs: 60_000 },
      ],
    });
  });
});
