/** Named places where a test may make the program fail. Off unless switched on; then they cost one map look-up. */
export type FailAction = 'kill' | 'throw' | 'hang';

const ACTIONS: readonly FailAction[] = ['kill', 'throw', 'hang'];

/** What is to happen at one place, the `nth` time it is reached. */
export interface Failpoint<Name extends string> {
  readonly name: Name;
  readonly action: FailAction;
  /** Counts from 1. */
  readonly nth: number;
}

export interface Failpoints<Name extends string> {
  /** The program is at this place. Returns, throws, or never comes back. */
  reach(name: Name): void;
  /** The same where waiting is possible: a hang holds up the caller alone, not the process. */
  pass(name: Name): Promise<void>;
}

/**
 * Reads `name=action[:nth],…`, as in `tmux.run.after=kill:3`.
 * Throws a sentence that says what is wrong with which part.
 */
export function parseFailpoints<Name extends string>(
  text: string,
  names: readonly Name[],
): readonly Failpoint<Name>[] {
  return text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => parseFailpoint(part.trim(), names));
}

/** Failpoints that carry the plan out. `kill` ends the process at once and does not return. */
export function armFailpoints<Name extends string>(
  plan: readonly Failpoint<Name>[],
  kill: () => void,
): Failpoints<Name> {
  const reached = new Map<Name, number>();
  const count = (name: Name): FailAction | undefined => {
    const times = (reached.get(name) ?? 0) + 1;
    reached.set(name, times);
    return plan.find((point) => point.name === name && point.nth === times)?.action;
  };
  return {
    reach: (name) => {
      const action = count(name);
      if (action === 'throw') throw new Error(`failpoint ${name}`);
      if (action === 'kill') kill();
      if (action !== undefined) blockForever();
    },
    pass: async (name) => {
      const action = count(name);
      if (action === 'throw') throw new Error(`failpoint ${name}`);
      if (action === 'kill') kill();
      if (action !== undefined) await new Promise(() => {});
    },
  };
}

function parseFailpoint<Name extends string>(
  part: string,
  names: readonly Name[],
): Failpoint<Name> {
  const [, given, verb, times = '1'] = /^([^=]+)=([a-z]+)(?::(\d+))?$/.exec(part) ?? [];
  const name = names.find((known) => known === given);
  const action = ACTIONS.find((known) => known === verb);
  const nth = Number(times);
  if (name !== undefined && action !== undefined && nth >= 1) return { name, action, nth };
  throw new Error(
    `failpoint "${part}" makes no sense: write NAME=ACTION or NAME=ACTION:NTH with ACTION one of ${ACTIONS.join(', ')} and NAME one of ${names.join(', ')}`,
  );
}

/** Like a process that was stopped: nothing in it goes on, timers included. */
function blockForever(): never {
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
