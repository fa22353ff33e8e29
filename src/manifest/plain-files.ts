import type { RestartPolicy, Role } from '../domain/spec.ts';
import type { LaunchProfile, LayoutTemplate, TemplatePane } from '../domain/templates.ts';
import { parseDuration } from '../lib/duration.ts';
import { present } from './raw.ts';
import { yaml } from './yaml.ts';

/**
 * Templates and launch profiles as plain files, read the way other clients of these directories read them: fields
 * nobody knows are ignored, labels are only checked when they are made, and what has the wrong shape is no file at all.
 */

/** The template a file holds: `name` and `panes`. `undefined` when it does not hold one. */
export function readPlainTemplate(text: string): LayoutTemplate | undefined {
  const { name, panes } = readMap(text);
  if (!isText(name) || !Array.isArray(panes) || panes.length === 0) return undefined;
  const read = panes.map(toPane);
  const whole = read.filter((pane) => pane !== undefined);
  return whole.length === read.length ? { name, panes: whole } : undefined;
}

/** The profile a file holds: `name` and `command`. `undefined` when it does not hold one. */
export function readPlainProfile(text: string): LaunchProfile | undefined {
  const map = readMap(text);
  const { name, command, env, working_dir: workingDir } = map;
  if (!isText(name) || !isTexts(command) || command.length === 0) return undefined;
  const variables = env ?? {};
  if (!isMap(variables) || !isTexts(Object.values(variables))) return undefined;
  const directory = workingDir ?? undefined;
  if (directory !== undefined && typeof directory !== 'string') return undefined;
  const fate = readFate(map);
  return (
    fate && {
      name,
      command,
      env: variables as Readonly<Record<string, string>>,
      ...(directory && { workingDir: directory }),
      ...fate,
    }
  );
}

/** When its process counts as started, and what follows its end. `undefined` when either is written wrongly. */
function readFate({
  settle,
  restart_policy: policy,
}: Readonly<Record<string, unknown>>):
  | Pick<LaunchProfile, 'settleMs' | 'restartPolicy'>
  | undefined {
  const settleMs = typeof settle === 'string' ? parseDuration(settle) : undefined;
  const restartPolicy = RESTART_POLICIES.find((known) => known === policy);
  const isSettleRight = (settle ?? undefined) === undefined || settleMs !== undefined;
  const isPolicyRight = (policy ?? undefined) === undefined || restartPolicy !== undefined;
  return isSettleRight && isPolicyRight ? present({ settleMs, restartPolicy }) : undefined;
}

const RESTART_POLICIES: readonly RestartPolicy[] = ['Always', 'OnFailure', 'Never'];

function toPane(value: unknown): TemplatePane | undefined {
  if (!isMap(value)) return undefined;
  const { role, capability, label_pattern: labelPattern } = value;
  const launch = value['default_launch_command_ref'] ?? undefined;
  if (!isText(role) || typeof capability !== 'string' || typeof labelPattern !== 'string') {
    return undefined;
  }
  if (launch !== undefined && typeof launch !== 'string') return undefined;
  // A role beyond the known ones is the operator's own word; it is shown, and nothing depends on it.
  return { role: role as Role, capability, labelPattern, ...(launch && { defaultLaunch: launch }) };
}

/** The mapping a file holds; empty when it is something else, or says itself what it is. */
function readMap(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = yaml().parse(text, { logLevel: 'silent' });
    return isMap(value) && !('apiVersion' in value) && !('kind' in value) ? value : {};
  } catch {
    return {};
  }
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isArgument);
}

/** No program can be given a NUL. */
function isArgument(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
}
