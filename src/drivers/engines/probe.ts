import type { Engine } from './engine.ts';

/** What one look into a container found, as its bench user. */
export interface Probe {
  readonly uid: number;
  readonly homeDir: string;
  /** Where its tmux servers have their sockets, absolute. */
  readonly tmuxDir: string;
  /** As `tmux -V` says it, without its name; `undefined` when there is no tmux on PATH. */
  readonly tmuxVersion: string | undefined;
  /** Whether `timeout -s KILL SECONDS PROGRAM` works. */
  readonly hasTimeout: boolean;
  /** The first package manager found. */
  readonly installer: string | undefined;
  /** The terminal type, of those a person's terminal can be taken for, that has a description there. */
  readonly terminal: string | undefined;
}

/** Commands that install tmux, by the program they need. In this order: some systems carry a second one. */
const INSTALLERS: Readonly<Record<string, string>> = {
  'apt-get': "sh -c 'apt-get update && apt-get install -y tmux'",
  apk: 'apk add tmux',
  dnf: 'dnf install -y tmux',
  microdnf: 'microdnf install -y tmux',
  yum: 'yum install -y tmux',
  zypper: 'zypper install -y tmux',
  pacman: 'pacman -Sy --noconfirm tmux',
};

/**
 * Plain sh, for images that have little else. Every line it prints is a field. As tmux does, it names the directory of
 * the sockets without symbolic links, and takes /tmp where there is none.
 */
const SCRIPT = `
case \${HOME:-} in /*) ;; *) HOME=/ ;; esac
tmpdir=$( { cd "\${TMUX_TMPDIR:-/tmp}" || cd /tmp; } >/dev/null 2>&1; pwd -P )
printf 'uid=%s\\nhome=%s\\ntmpdir=%s\\n' "$(id -u)" "$HOME" "$tmpdir"
if command -v tmux >/dev/null 2>&1; then printf 'tmux=%s\\n' "$(tmux -V 2>&1)"; fi
if timeout -s KILL 5 true >/dev/null 2>&1; then echo timeout=yes; fi
for name in ${Object.keys(INSTALLERS).join(' ')}; do
  if command -v "$name" >/dev/null 2>&1; then echo "installer=$name"; break; fi
done
for name in xterm-256color xterm; do
  for dir in "\${HOME:-/}/.terminfo" /etc/terminfo /lib/terminfo /usr/share/terminfo /usr/local/share/terminfo; do
    if [ -r "$dir/x/$name" ] || [ -r "$dir/78/$name" ]; then echo "terminal=$name"; break 2; fi
  done
done
echo end=
`;

/** argv that prints what \`parseProbe\` reads. */
export const PROBE_ARGV: readonly string[] = ['sh', '-c', SCRIPT];

/** What the probe printed, or `undefined` when that is not all of it. */
export function parseProbe(stdout: string): Probe | undefined {
  const fields = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined && !fields.has(key)) fields.set(key, value);
  }
  const read = (key: string): string => fields.get(key) ?? '';
  const [uid, homeDir, tmuxTmpDir] = [read('uid'), read('home'), read('tmpdir')] as const;
  if (
    !/^\d+$/.test(uid) ||
    ![homeDir, tmuxTmpDir].every((path) => path.startsWith('/')) ||
    !fields.has('end')
  )
    return undefined;
  return {
    uid: Number(uid),
    homeDir,
    tmuxDir: `${tmuxTmpDir.replace(/\/+$/, '')}/tmux-${uid}`,
    tmuxVersion: fields.get('tmux')?.replace(/^tmux /, ''),
    hasTimeout: fields.has('timeout'),
    installer: fields.get('installer'),
    terminal: fields.get('terminal'),
  };
}

/** A command line that installs tmux in a container, for a person to type on the host. */
export function installTmux(engine: Engine, name: string, installer: string | undefined): string {
  const command = INSTALLERS[installer ?? ''] ?? '(its package manager) install tmux';
  const exec = engine.execArgv(name, [], { user: 'root' }).filter((word) => word !== '-i');
  return [...exec, command].join(' ');
}
