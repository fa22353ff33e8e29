import type { LogEventType } from '../domain/log-events.ts';
import type { OnRemove, RestartPolicy, Role, UpdateStrategy } from '../domain/spec.ts';

/**
 * Documents as written, after their schema was checked. A field may be missing or, with nothing behind its colon,
 * `null`; both mean that it was left out.
 */
type Maybe<T> = T | null | undefined;
type Texts = Readonly<Record<string, string>>;

export interface RawPane {
  readonly key?: Maybe<string>;
  readonly label?: Maybe<string>;
  readonly role?: Maybe<Role>;
  readonly capability?: Maybe<string>;
  readonly launch?: Maybe<string>;
  readonly command?: Maybe<readonly string[]>;
  readonly env?: Maybe<Texts>;
  readonly workingDir?: Maybe<string>;
  readonly log?: Maybe<boolean>;
  readonly after?: Maybe<readonly string[]>;
  readonly restartPolicy?: Maybe<RestartPolicy>;
  readonly onRemove?: Maybe<OnRemove>;
  readonly settle?: Maybe<string>;
}

export interface RawLayout {
  readonly metadata: { readonly name: string; readonly labels?: Maybe<Texts> };
  readonly spec: {
    readonly container?: Maybe<string>;
    readonly containerSelector?: Maybe<{
      readonly matchLabels?: Maybe<Texts>;
      readonly nameGlob?: Maybe<string>;
    }>;
    readonly session?: Maybe<string>;
    readonly template?: Maybe<string>;
    readonly launch?: Maybe<Texts>;
    readonly panes?: Maybe<readonly RawPane[]>;
    readonly layout?: Maybe<string>;
    readonly restartPolicy?: Maybe<RestartPolicy>;
    readonly updateStrategy?: Maybe<{
      readonly type?: Maybe<UpdateStrategy['type']>;
      readonly maxUnavailable?: Maybe<number>;
    }>;
    readonly suspend?: Maybe<boolean>;
  };
}

export interface RawTemplate {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly panes: readonly {
      readonly role: Role;
      readonly capability: string;
      readonly labelPattern: string;
      readonly defaultLaunch?: Maybe<string>;
    }[];
  };
}

export interface RawPlainTemplate {
  readonly name: string;
  readonly panes: readonly {
    readonly role: Role;
    readonly capability: string;
    readonly label_pattern: string;
    readonly default_launch_command_ref?: Maybe<string>;
  }[];
}

export interface RawProfile {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly command: readonly string[];
    readonly env?: Maybe<Texts>;
    readonly workingDir?: Maybe<string>;
    readonly settle?: Maybe<string>;
    readonly restartPolicy?: Maybe<RestartPolicy>;
  };
}

export interface RawPlainProfile {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Maybe<Texts>;
  readonly working_dir?: Maybe<string>;
  readonly settle?: Maybe<string>;
  readonly restart_policy?: Maybe<RestartPolicy>;
}

interface RawWho {
  readonly agent?: Maybe<string>;
  readonly role?: Maybe<Role>;
  readonly capability?: Maybe<string>;
}

export interface RawRoute {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly eventType: LogEventType;
    readonly source?: Maybe<RawWho>;
    readonly target: RawWho;
    readonly master?: Maybe<string>;
    readonly template: string;
    readonly enabled?: Maybe<boolean>;
  };
}

type Present<T> = { readonly [K in keyof T]?: NonNullable<T[K]> };

/** The fields that were given; those left out are absent, not `undefined`. */
export function present<T extends object>(fields: T): Present<T> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(given) as Present<T>;
}
