import { afterAll, beforeAll, expect, test } from 'vitest';
import { layoutText, pane, writeIn } from './support/manifests.ts';
import { run, startTower, type Tower } from './support/tower.ts';

let tower: Tower;
beforeAll(async () => {
  tower = await startTower();
  const text = layoutText('team', [pane('a'), pane('b')]);
  await tower.done('apply', '-f', writeIn(tower.directory, 'team.yaml', text), '--wait');
});
afterAll(() => tower.stop());

test('attach --print prints a command that tmux takes', async () => {
  const command = (await tower.done('attach', 'team/b', '--print')).trim();
  expect(command).toMatch(/^tmux -L agenttower attach-session -t '?=team'?/);
  const probe = command.replace('attach-session', 'has-session').replace(/ ['"\\]*;.*$/, '');
  const options = { env: tower.env, cwd: tower.directory };
  expect(await run(['sh', '-c', probe], options)).toMatchObject({ code: 0, stderr: '' });
  expect(await tower.cli(['attach', 'team'])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('tmux -L agenttower'),
  });
});

test('schema prints a JSON Schema of every kind', async () => {
  for (const kind of ['Layout', 'LayoutTemplate', 'LaunchProfile']) {
    const schema = JSON.parse(await tower.done('schema', kind)) as {
      $schema: string;
      title: string;
    };
    expect(schema).toMatchObject({ $schema: expect.stringContaining('2020-12'), title: kind });
  }
});

test('explain tells what a field means, and the nearest one for a typo', async () => {
  expect(await tower.done('explain', 'layout.spec.panes.restartPolicy')).toContain('OnFailure');
  expect(await tower.cli(['explain', 'layout.spec.pannes'])).toMatchObject({
    code: 3,
    stderr: expect.stringContaining('panes'),
  });
});

test('doctor says what it looked at, and that all is well', async () => {
  const told = await tower.done('doctor');
  for (const word of ['node', 'tmux', 'git', 'daemon']) expect(told).toContain(word);
});

test('completion for bash loads and knows commands and live layouts', async () => {
  const script = await tower.done('completion', 'bash');
  const options = { env: tower.env, cwd: tower.directory };
  expect(await run(['bash', '-n', '-c', script], options)).toMatchObject({ code: 0, stderr: '' });
  expect(await complete('desc')).toContain('describe');
  expect(await complete('describe', '')).toContain('layout/team');
  expect(await complete('attach', 'team/')).toContain('team/a');
});

/** What the completion offers after these words, as the script asks for it. */
async function complete(...words: readonly string[]): Promise<string> {
  return await tower.done('__complete', '--', ...words);
}

test.for(['layouts', 'panes', 'agents', 'containers', 'events', 'sources'])(
  'get %s prints a table, JSON, YAML and names',
  async (resource) => {
    for (const format of ['wide', 'json', 'yaml', 'name']) {
      const told = await tower.cli(['get', resource, '-o', format]);
      expect(told, format).toMatchObject({ code: 0, stderr: '' });
    }
    const listing = JSON.parse(await tower.done('get', resource, '-o', 'json')) as {
      items: unknown;
    };
    expect(listing.items).toBeInstanceOf(Array);
    expect(await tower.cli(['get', resource])).toMatchObject({ code: 0 });
  },
);

test('every command has a help with an example, and no command at all shows them', async () => {
  const help = await tower.done('--help');
  for (const name of ['apply', 'plan', 'get', 'describe', 'source', 'doctor']) {
    expect(help).toContain(name);
    expect(await tower.done(name, '--help')).toContain('Example');
  }
});
