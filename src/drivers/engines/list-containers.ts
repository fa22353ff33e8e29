import type { EngineContainer } from '../../domain/containers.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { type ProcessResult, runProcess } from '../process/run-process.ts';
import { type CliEndpoint, endpointArgv } from './cli-endpoint.ts';
import type { EngineProblem, Listing } from './engine.ts';
import { type FailedCommand, malformedAnswer, toEngineProblem } from './engine-failure.ts';
import { parseInspected } from './parse-inspect.ts';

export interface CliOptions {
  readonly engine: string;
  readonly endpoint: CliEndpoint;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Ids of containers that were there last time: of these it must say itself that they are gone. */
  readonly expected: readonly string[];
}

/** Names hold no blanks, and both engines fill these in the same way; tabs Podman would lay out in columns. */
const PS_FORMAT = '{{.ID}} {{.Names}} {{.Status}}';
const PS_ROW = /^(?<id>[0-9a-f]{64}) (?<name>\S+) (?<status>.*)$/;

interface PsRow {
  readonly id: string;
  readonly name: string;
  readonly status: string;
}

/**
 * All containers of the endpoint: one `ps`, and one `inspect` of what it showed and of what was there before. An answer
 * that only leaves somebody out, as a cut one does, tells of nobody's end. Never rejects.
 */
export async function listContainers(
  options: CliOptions,
  timeoutMs: number,
): Promise<Result<Listing, EngineProblem>> {
  const deadline = performance.now() + timeoutMs;
  const rows = await listRows(options, timeoutMs);
  if (!rows.ok) return rows;
  if (rows.value.length + options.expected.length === 0) {
    return ok({ containers: [], problems: new Map() });
  }
  return inspectRows(rows.value, options, Math.max(1, Math.round(deadline - performance.now())));
}

async function listRows(
  options: CliOptions,
  timeoutMs: number,
): Promise<Result<readonly PsRow[], EngineProblem>> {
  const args = ['ps', '-a', '--no-trunc', '--format', PS_FORMAT];
  const failed = failedCommand(options, 'ps -a', timeoutMs);
  const result = await run(args, options, timeoutMs);
  if (result.code !== 0) return err(toEngineProblem(result, failed));
  if (result.truncated) return err(malformedAnswer('its answer has no end', failed));
  if (result.stdout !== '' && !result.stdout.endsWith('\n')) {
    return err(malformedAnswer('its answer is cut off', failed));
  }
  const rows: PsRow[] = [];
  for (const line of result.stdout.split('\n').slice(0, -1)) {
    const groups = PS_ROW.exec(line)?.groups as PsRow | undefined;
    if (groups === undefined) {
      const problem = `not a row of a container: ${JSON.stringify(line.slice(0, 120))}`;
      return err(malformedAnswer(problem, failed));
    }
    rows.push({ id: groups.id, name: groups.name, status: groups.status });
  }
  return ok(rows);
}

/** When some cannot be inspected the engine still describes the others, and fails. */
async function inspectRows(
  rows: readonly PsRow[],
  options: CliOptions,
  timeoutMs: number,
): Promise<Result<Listing, EngineProblem>> {
  const shown = new Set(rows.map(({ id }) => id));
  const unshown = options.expected.filter((id) => !shown.has(id));
  const args = ['inspect', '--type', 'container', ...shown, ...unshown];
  const failed = failedCommand(options, 'inspect', timeoutMs);
  const result = await run(args, options, timeoutMs);
  const inspected = parseArray(result.stdout);
  if (inspected === undefined || result.timedOut || result.truncated) {
    return err(
      result.code === 0
        ? malformedAnswer('it is no JSON array, or is cut off', failed)
        : toEngineProblem(result, failed),
    );
  }
  const why: EngineProblem =
    result.code === 0
      ? malformedAnswer('the container is missing from it', failed)
      : toEngineProblem(result, failed);
  return ok(toListing(rows, { inspected, unshown, stderr: result.stderr, why, failed }));
}

interface Inspection {
  readonly inspected: readonly unknown[];
  /** Asked for though `ps` did not show them. */
  readonly unshown: readonly string[];
  readonly stderr: string;
  /** Why a container is not among them. */
  readonly why: EngineProblem;
  readonly failed: FailedCommand;
}

function toListing(rows: readonly PsRow[], inspection: Inspection): Listing {
  const byId = new Map(inspection.inspected.map((element) => [idOf(element), element]));
  const containers: EngineContainer[] = [];
  const problems = new Map<string, EngineProblem>();
  for (const row of rows) {
    const element = byId.get(row.id);
    if (element === undefined) {
      if (!isGone(row.id, inspection.stderr)) problems.set(row.id, inspection.why);
      continue;
    }
    const parsed = parseInspected(element, row.status);
    if (parsed.ok) containers.push(parsed.value);
    else problems.set(row.id, malformedAnswer(parsed.error, inspection.failed));
  }
  for (const id of inspection.unshown) {
    if (byId.has(id)) problems.set(id, malformedAnswer(UNSHOWN, inspection.failed));
    else if (!isGone(id, inspection.stderr)) problems.set(id, inspection.why);
  }
  return { containers, problems };
}

const UNSHOWN = 'the list of all containers leaves this one out, which is there';

/** It is not there, which is an answer. */
function isGone(id: string, stderr: string): boolean {
  return stderr
    .split('\n')
    .some((line) => line.includes(id) && /no such (?:container|object)/i.test(line));
}

function idOf(element: unknown): unknown {
  return typeof element === 'object' && element !== null && 'Id' in element
    ? element.Id
    : undefined;
}

function parseArray(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function run(
  args: readonly string[],
  { endpoint, env, signal }: CliOptions,
  timeoutMs: number,
): Promise<ProcessResult> {
  return runProcess([...endpointArgv(endpoint), ...args], { timeoutMs, env, signal });
}

function failedCommand(
  { engine, endpoint, env }: CliOptions,
  subcommand: string,
  timeoutMs: number,
): FailedCommand {
  return {
    engine,
    endpoint,
    command: [...endpointArgv(endpoint), subcommand].join(' '),
    timeoutMs,
    user: env['USER'] || env['LOGNAME'] || '$USER',
  };
}
