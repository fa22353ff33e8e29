import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { GitSourceConfig, SourceReader } from '../../../src/declare/ports.ts';
import { runProcess } from '../../../src/drivers/process/run-process.ts';
import { type GitSourceOptions, openGitSource } from '../../../src/drivers/sources/git.ts';
import { sweepMirrors } from '../../../src/drivers/sources/git-mirror.ts';
import { makeDirectory, pathsOf, problemOf, snapshotOf } from './fixtures.ts';

/** A bare repository and a working copy that pushes to it. */
interface Upstream {
  readonly url: string;
  /** Runs git in the working copy; answers what it printed. */
  git(...args: string[]): string;
  /** Writes files (`undefined` deletes), commits, pushes; answers the commit. */
  commit(files: Readonly<Record<string, string | undefined>>): string;
  /** Commits and pushes what stands in the working copy. */
  push(...args: string[]): string;
  readonly tree: string;
}

const AUTHOR = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@b',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@b',
};

function makeUpstream(): Upstream {
  const home = makeDirectory();
  const url = join(home, 'config.git');
  const tree = join(home, 'tree');
  const env = { ...process.env, ...AUTHOR, GIT_CONFIG_GLOBAL: '/dev/null', LC_ALL: 'C' };
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', url], { env });
  execFileSync('git', ['init', '-q', '-b', 'main', tree], { env });
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: tree, env, encoding: 'utf8', stdio: 'pipe' }).trim();
  const push = (...args: string[]): string => {
    git('add', '-A');
    git('commit', '-q', '--allow-empty', '-m', 'change');
    git('push', '-q', ...args, 'origin', 'HEAD:main');
    return git('rev-parse', 'HEAD');
  };
  git('remote', 'add', 'origin', url);
  return {
    url,
    tree,
    git,
    push,
    commit: (files) => {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(join(tree, path, '..'), { recursive: true });
        if (text === undefined) rmSync(join(tree, path), { recursive: true });
        else writeFileSync(join(tree, path), text);
      }
      return push();
    },
  };
}

function openAt(
  config: Partial<GitSourceConfig> & { readonly url: string },
  options: Partial<GitSourceOptions> = {},
): SourceReader {
  return openGitSource({
    config: {
      kind: 'git',
      name: 'fleet',
      branch: 'main',
      path: '',
      prune: true,
      allowEmpty: false,
      intervalMs: 60_000,
      origin: 'command',
      ...config,
    },
    workDir: options.workDir ?? makeDirectory(),
    run: runProcess,
    env: process.env,
    ...options,
  });
}

describe('commits', () => {
  test('edits, renames and removals arrive, each with its revision', async () => {
    const upstream = makeUpstream();
    const reader = openAt(upstream);
    const first = upstream.commit({ 'a.yaml': 'one', 'sub/b.yml': 'two', 'README.md': 'no' });
    expect(await snapshotOf(reader)).toEqual({
      revision: `main@sha1:${first}`,
      files: [
        { path: 'a.yaml', text: 'one' },
        { path: 'sub/b.yml', text: 'two' },
      ],
    });
    const second = upstream.commit({ 'a.yaml': 'ünï\u{1F5FC}', 'sub/b.yml': '' });
    expect(await snapshotOf(reader)).toEqual({
      revision: `main@sha1:${second}`,
      files: [
        { path: 'a.yaml', text: 'ünï\u{1F5FC}' },
        { path: 'sub/b.yml', text: '' },
      ],
    });
    upstream.commit({ 'a.yaml': undefined, 'renamed.yaml': 'one' });
    expect(pathsOf(await snapshotOf(reader))).toEqual(['renamed.yaml', 'sub/b.yml']);
    upstream.git('revert', '--no-edit', 'HEAD');
    upstream.push();
    expect(pathsOf(await snapshotOf(reader))).toEqual(['a.yaml', 'sub/b.yml']);
  });

  test('an unchanged branch costs one fetch and one look at the refs', async () => {
    const upstream = makeUpstream();
    upstream.commit({ 'a.yaml': 'one' });
    const run = vi.fn(runProcess);
    const reader = openAt(upstream, { run });
    const first = await snapshotOf(reader);
    run.mockClear();
    expect(await snapshotOf(reader)).toEqual(first);
    expect(run.mock.calls.map(([argv]) => argv[2])).toEqual(['fetch', 'for-each-ref']);
  });

  test('only the path is read, and files are known by their path in the repository', async () => {
    const upstream = makeUpstream();
    upstream.commit({ 'clusters/dev/a.yaml': 'dev', 'clusters/prod/a.yaml': 'prod' });
    for (const path of ['clusters/dev', '/clusters/dev/', './clusters/dev']) {
      const { files } = await snapshotOf(openAt({ url: upstream.url, path }));
      expect(files).toEqual([{ path: 'clusters/dev/a.yaml', text: 'dev' }]);
    }
  });

  test('what editors leave behind is ignored', async () => {
    const upstream = makeUpstream();
    upstream.commit({ '.github/ci.yaml': '', 'a.yaml~': '', 'old.tmp/a.yaml': '', 'b.yaml': '' });
    expect(pathsOf(await snapshotOf(openAt(upstream)))).toEqual(['b.yaml']);
  });

  test('a restart goes on from the cache', async () => {
    const upstream = makeUpstream();
    const workDir = makeDirectory();
    upstream.commit({ 'a.yaml': 'one' });
    const first = await snapshotOf(openAt(upstream, { workDir }));
    expect(await snapshotOf(openAt(upstream, { workDir }))).toEqual(first);
  });

  test('a tree without manifests is an empty snapshot', async () => {
    const upstream = makeUpstream();
    upstream.commit({ 'a.yaml': 'one' });
    const reader = openAt(upstream);
    await snapshotOf(reader);
    const emptied = upstream.commit({ 'a.yaml': undefined });
    expect(await snapshotOf(reader)).toEqual({ revision: `main@sha1:${emptied}`, files: [] });
    upstream.commit({ 'docs/README.md': 'x' });
    expect(await snapshotOf(openAt({ url: upstream.url, path: 'docs' }))).toMatchObject({
      files: [],
    });
  });
});

describe('a rewritten history', () => {
  test('names the commit it no longer descends from, also when told again after a restart', async () => {
    const upstream = makeUpstream();
    const workDir = makeDirectory();
    const reader = openAt(upstream, { workDir });
    upstream.commit({ 'a.yaml': 'one' });
    await snapshotOf(reader);
    const lost = upstream.commit({ 'a.yaml': 'two' });
    expect((await snapshotOf(reader)).rewrittenFrom).toBeUndefined();
    upstream.git('reset', '-q', '--hard', 'HEAD~1');
    writeFileSync(join(upstream.tree, 'a.yaml'), 'three');
    const forced = upstream.push('--force');
    const expected = {
      revision: `main@sha1:${forced}`,
      files: [{ path: 'a.yaml', text: 'three' }],
      rewrittenFrom: `main@sha1:${lost}`,
    };
    expect(await snapshotOf(reader)).toEqual(expected);
    expect(await snapshotOf(openAt(upstream, { workDir }))).toEqual(expected);
    upstream.commit({ 'a.yaml': 'four' });
    expect((await snapshotOf(reader)).rewrittenFrom).toBeUndefined();
  });

  test('is also one when the branch went back to an older commit', async () => {
    const upstream = makeUpstream();
    const reader = openAt(upstream);
    const older = upstream.commit({ 'a.yaml': 'one' });
    const newer = upstream.commit({ 'a.yaml': 'two' });
    await snapshotOf(reader);
    upstream.git('push', '-q', '--force', 'origin', `${older}:main`);
    expect(await snapshotOf(reader)).toMatchObject({
      revision: `main@sha1:${older}`,
      rewrittenFrom: `main@sha1:${newer}`,
    });
  });
});

describe('a source that is not followed any more', () => {
  test('leaves no cache and no credentials, and the others keep theirs', async () => {
    const upstream = makeUpstream();
    upstream.commit({ 'a.yaml': 'one' });
    const workDir = makeDirectory();
    await snapshotOf(openAt(upstream, { workDir }));
    await problemOf(openAt({ url: 'https://me:hunter2@127.0.0.1:9/x', name: 'gone' }, { workDir }));
    await sweepMirrors(workDir, (name) => name === 'fleet');
    expect(readdirSync(workDir)).toEqual(['git-fleet']);
    expect(pathsOf(await snapshotOf(openAt(upstream, { workDir })))).toEqual(['a.yaml']);
  });

  test('is no trouble where nothing was ever cached', async () => {
    const workDir = join(makeDirectory(), 'none');
    await expect(sweepMirrors(workDir, () => false)).resolves.toBeUndefined();
  });
});

describe('another address or branch', () => {
  test('starts a cache of its own and removes the old one', async () => {
    const upstream = makeUpstream();
    const workDir = makeDirectory();
    upstream.commit({ 'a.yaml': 'one' });
    upstream.git('push', '-q', 'origin', 'HEAD:other');
    await snapshotOf(openAt(upstream, { workDir }));
    const before = readdirSync(join(workDir, 'git-fleet'));
    const other = await snapshotOf(openAt({ url: upstream.url, branch: 'other' }, { workDir }));
    expect(other.revision).toMatch(/^other@sha1:/);
    expect(other.rewrittenFrom).toBeUndefined();
    const after = readdirSync(join(workDir, 'git-fleet'));
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
  });
});

describe('links in the repository', () => {
  test('are followed to files inside it', async () => {
    const upstream = makeUpstream();
    mkdirSync(join(upstream.tree, 'dev'));
    symlinkSync('../base.yaml', join(upstream.tree, 'dev/a.yaml'));
    symlinkSync('..', join(upstream.tree, 'dev/up'));
    upstream.commit({ 'base.yaml': 'base' });
    expect((await snapshotOf(openAt({ url: upstream.url, path: 'dev' }))).files).toEqual([
      { path: 'dev/a.yaml', text: 'base' },
    ]);
  });

  test.each(['/etc/passwd', '../../outside.yaml'])('to %s are refused', async (target) => {
    const upstream = makeUpstream();
    symlinkSync(target, join(upstream.tree, 'a.yaml'));
    upstream.push();
    expect(await problemOf(openAt(upstream))).toBe(
      'a.yaml is a link out of the repository, which is not followed',
    );
  });

  test('that lead nowhere fail the read', async () => {
    const upstream = makeUpstream();
    symlinkSync('gone.yaml', join(upstream.tree, 'a.yaml'));
    upstream.push();
    expect(await problemOf(openAt(upstream))).toContain('a.yaml is a link that leads nowhere');
  });
});

describe('failures say what to do, and the next good read goes on', () => {
  test('the branch is gone, then back', async () => {
    const upstream = makeUpstream();
    const reader = openAt(upstream);
    upstream.commit({ 'a.yaml': 'one' });
    const first = await snapshotOf(reader);
    upstream.git('push', '-q', 'origin', 'HEAD:refs/heads/spare');
    execFileSync('git', ['--git-dir', upstream.url, 'update-ref', '-d', 'refs/heads/main']);
    expect(await problemOf(reader)).toBe(
      `branch main does not exist in ${upstream.url}; push it, or give the source another branch`,
    );
    upstream.git('push', '-q', 'origin', 'HEAD:main');
    expect(await snapshotOf(reader)).toEqual(first);
  });

  test('the path is not in the tree, or is a file', async () => {
    const upstream = makeUpstream();
    upstream.commit({ 'a.yaml': 'one' });
    expect(await problemOf(openAt({ url: upstream.url, path: 'clusters/dev' }))).toBe(
      `there is no clusters/dev of main in ${upstream.url}; commit the directory, or give the source another path`,
    );
    expect(await problemOf(openAt({ url: upstream.url, path: 'a.yaml' }))).toContain(
      'is not a directory',
    );
    expect(await problemOf(openAt({ url: upstream.url, path: '../x' }))).toContain(
      'leaves the repository',
    );
  });

  test('there is no repository', async () => {
    const url = makeDirectory();
    const problem = `${url} is not a git repository, or it is not visible to us; check the address`;
    expect(await problemOf(openAt({ url }))).toBe(problem);
    expect(await problemOf(openAt({ url: join(url, 'missing') }))).toContain(
      'not a git repository',
    );
  });

  test('nobody answers at the address', async () => {
    const reader = openAt({ url: 'http://me:secret@127.0.0.1:1/x.git' });
    expect(await problemOf(reader)).toBe(
      'http://***@127.0.0.1:1/x.git cannot be reached; check the address and the network',
    );
  });

  test('access is denied, without a question and without showing the password', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    for (const user of ['', 'me:secret@']) {
      const problem = await problemOf(openAt({ url: `http://${user}127.0.0.1:${port}/x.git` }));
      expect(problem).toContain(`127.0.0.1:${port}/x.git denied access; give the daemon's user`);
      expect(problem).not.toContain('secret');
    }
  });

  test('a fetch that takes too long is killed, and the next one gets more time', async () => {
    const run = vi.fn(runProcess);
    const env = { ...process.env, GIT_SSH_COMMAND: 'sleep 60 #' };
    const reader = openAt({ url: 'ssh://git@host/x.git' }, { run, env, timeoutMs: 100 });
    expect(await problemOf(reader)).toContain('fetching ssh://git@host/x.git took too long');
    await problemOf(reader);
    expect(run.mock.calls.map(([, options]) => options.timeoutMs)).toEqual([100, 200]);
  });

  test('git is not installed', async () => {
    const reader = openAt({ url: '/x.git' }, { env: { PATH: makeDirectory() } });
    expect(await problemOf(reader)).toContain('git is not installed');
  });

  test('programs as addresses and options as branches are not run', async () => {
    const trap = join(makeDirectory(), 'ran');
    expect(await problemOf(openAt({ url: `ext::sh -c touch% ${trap}` }))).toContain('not allowed');
    expect(await problemOf(openAt({ url: '/x', branch: 'a:refs/heads/b' }))).toContain(
      'is not a branch name',
    );
    await problemOf(openAt({ url: `--upload-pack=touch ${trap}` }));
    expect(existsSync(trap)).toBe(false);
  });

  test('a manifest that is not UTF-8 is named', async () => {
    const upstream = makeUpstream();
    // The second one has as many bytes before as after decoding.
    for (const bytes of [
      [0x61, 0xe9],
      [0xf0, 0x9f, 0x98],
    ]) {
      writeFileSync(join(upstream.tree, 'b.yaml'), Buffer.from(bytes));
      upstream.commit({ 'a.yaml': 'a', 'c.yaml': 'c' });
      expect(await problemOf(openAt(upstream))).toBe('b.yaml is not UTF-8 text; save it as UTF-8');
    }
  });

  test('reading ends when it is called off', async () => {
    const env = { ...process.env, GIT_SSH_COMMAND: 'sleep 60 #' };
    const calledOff = new AbortController();
    const reader = openAt({ url: 'ssh://git@host/x.git' }, { env });
    const read = reader.read(calledOff.signal);
    calledOff.abort();
    expect(await read).toEqual({ ok: false, problem: 'reading was called off' });
  });
});

/** The one repository below a work directory. */
function cacheIn(workDir: string): string {
  const [name = ''] = readdirSync(join(workDir, 'git-fleet'));
  return join(workDir, 'git-fleet', name);
}

describe('the cache', () => {
  test('survives locks and half-written packs of a killed git', async () => {
    const upstream = makeUpstream();
    const workDir = makeDirectory();
    upstream.commit({ 'a.yaml': 'one' });
    await snapshotOf(openAt(upstream, { workDir }));
    const cache = cacheIn(workDir);
    const left = ['refs/agenttower/fetched.lock', 'packed-refs.lock', 'objects/pack/tmp_pack_x'];
    mkdirSync(join(cache, 'objects/pack'), { recursive: true });
    for (const path of left) writeFileSync(join(cache, path), '');
    upstream.commit({ 'a.yaml': 'two' });
    expect((await snapshotOf(openAt(upstream, { workDir }))).files[0]?.text).toBe('two');
    expect(left.filter((path) => existsSync(join(cache, path)))).toEqual([]);
  });

  test('a fetch that cannot write to its end leaves the last good commit usable', async () => {
    const upstream = makeUpstream();
    const workDir = makeDirectory();
    let limit: string[] = [];
    const reader = openAt(upstream, {
      workDir,
      run: (argv, options) => runProcess([...limit, ...argv], options),
    });
    upstream.commit({ 'a.yaml': 'one' });
    const good = await snapshotOf(reader);
    const noise = execFileSync('head', ['-c', '400000', '/dev/urandom']).toString('base64');
    upstream.commit({ 'big.yaml': noise });
    limit = ['prlimit', '--fsize=100000', '--'];
    expect(await problemOf(reader)).toContain(upstream.url);
    const refs = execFileSync('git', ['--git-dir', cacheIn(workDir), 'for-each-ref'], {
      encoding: 'utf8',
    });
    expect(refs).toContain(good.revision.replace('main@sha1:', ''));
    limit = [];
    expect((await snapshotOf(reader)).files).toHaveLength(2);
  });

  test('that is damaged is dropped with a word and fetched anew', async () => {
    const upstream = makeUpstream();
    const workDir = makeDirectory();
    upstream.commit({ 'a.yaml': 'one' });
    const good = await snapshotOf(openAt(upstream, { workDir }));
    for (const damage of ['objects', 'refs/agenttower/fetched']) {
      const reader = openAt(upstream, { workDir });
      const cache = cacheIn(workDir);
      damageBelow(join(cache, damage));
      expect(await problemOf(reader)).toContain('fetched anew');
      expect(await snapshotOf(reader)).toEqual(good);
    }
  });

  test('credentials stand in no command line, and in no file that others can read', async () => {
    const run = vi.fn(runProcess);
    const workDir = makeDirectory();
    await problemOf(openAt({ url: 'http://me:secret@127.0.0.1:1/x.git' }, { run, workDir }));
    expect(JSON.stringify(run.mock.calls.map(([argv]) => argv))).not.toContain('secret');
    const mode = execFileSync('stat', ['-c', '%a', join(cacheIn(workDir), 'config')]).toString();
    expect(mode.trim()).toBe('600');
  });

  test("the user's git configuration and environment change nothing", async () => {
    const upstream = makeUpstream();
    upstream.commit({ 'a.yaml': 'one' });
    const home = makeDirectory();
    writeFileSync(
      join(home, '.gitconfig'),
      `[url "/elsewhere/"]\n\tinsteadOf = ${upstream.url}\n[fetch]\n\tbogus\n[broken`,
    );
    const env = {
      ...process.env,
      HOME: home,
      GIT_DIR: '/elsewhere',
      GIT_OBJECT_DIRECTORY: '/elsewhere',
    };
    expect(pathsOf(await snapshotOf(openAt(upstream, { env })))).toEqual(['a.yaml']);
  });

  test.runIf(process.getuid?.() === 0)('a repository of another user can be read', async () => {
    const upstream = makeUpstream();
    upstream.commit({ 'a.yaml': 'one' });
    execFileSync('chown', ['-R', '65534', upstream.url]);
    chmodSync(join(upstream.url, '..'), 0o755);
    expect(pathsOf(await snapshotOf(openAt(upstream)))).toEqual(['a.yaml']);
  });

  test('a state directory that cannot be written is a failure with its path', async () => {
    const workDir = join(makeDirectory(), 'file');
    writeFileSync(workDir, '');
    expect(await problemOf(openAt({ url: '/x' }, { workDir }))).toContain(
      `cannot write the cache ${workDir}`,
    );
  });
});

/** Cuts every file below a path in half. */
function damageBelow(path: string): void {
  const files = execFileSync('find', [path, '-type', 'f'], { encoding: 'utf8' }).trim().split('\n');
  for (const file of files) {
    const bytes = readFileSync(file);
    chmodSync(file, 0o600);
    writeFileSync(file, bytes.subarray(0, bytes.length / 2));
  }
}
