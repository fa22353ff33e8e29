import type { CommandLine } from './command-line.ts';

/** Adds its commands to the program. */
type Add = (line: CommandLine) => void;

interface Group {
  /** The first words of its commands. */
  readonly words: readonly string[];
  readonly load: () => Promise<Add>;
}

/** All commands there are, in the order help tells them. */
export const GROUPS: readonly Group[] = [
  {
    words: ['plan', 'apply', 'diff', 'delete', 'export'],
    load: async () => (await import('./declare-commands.ts')).addDeclareCommands,
  },
  {
    words: ['get', 'describe', 'scan', 'list-containers', 'list-panes', 'wait', 'attach'],
    load: async () => (await import('./observe-commands.ts')).addObserveCommands,
  },
  {
    words: ['stop', 'start', 'restart', 'suspend', 'resume'],
    load: async () => (await import('./operate-commands.ts')).addOperateCommands,
  },
  {
    words: ['source'],
    load: async () => (await import('./source-commands.ts')).addSourceCommands,
  },
  {
    words: ['managed'],
    load: async () => (await import('./managed-commands.ts')).addManagedCommands,
  },
  {
    words: ['register-self', 'adopt', 'list-agents', 'set-role', 'set-label', 'set-capability'],
    load: async () => (await import('./agent-commands.ts')).addAgentCommands,
  },
  {
    words: ['send-input', 'queue', 'routing'],
    load: async () => (await import('./queue-commands.ts')).addQueueCommands,
  },
  {
    words: ['hook'],
    load: async () => (await import('./hook-commands.ts')).addHookCommands,
  },
  {
    words: ['route'],
    load: async () => (await import('./route-commands.ts')).addRouteCommands,
  },
  {
    words: ['logs', 'events', 'attach-log', 'detach-log'],
    load: async () => (await import('./log-commands.ts')).addLogCommands,
  },
  {
    words: ['ensure-daemon', 'stop-daemon', 'status', 'doctor', 'config'],
    load: async () => (await import('./daemon-commands.ts')).addDaemonCommands,
  },
  {
    words: ['schema', 'explain', 'completion'],
    load: async () => (await import('./learn-commands.ts')).addLearnCommands,
  },
];

/** The group of a command, which is all that has to be loaded to run it; every group for any other word, as for help. */
export async function loadGroups(first?: string): Promise<readonly Add[]> {
  const own = GROUPS.filter(({ words }) => first !== undefined && words.includes(first));
  return Promise.all((own.length > 0 ? own : GROUPS).map(({ load }) => load()));
}

/** Whether a command of its own begins with this word. */
export function isCommandWord(word: string): boolean {
  return GROUPS.some(({ words }) => words.includes(word));
}
