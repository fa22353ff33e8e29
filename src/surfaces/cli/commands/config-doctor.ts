import { type CommandContext, printJson, printLines } from '../context.ts';
import type { ExitCode } from '../exit-codes.ts';
import { toneOf } from '../render/paint.ts';
import { toPlainText } from '../render/plain-text.ts';
import { examineClient } from './config-doctor-checks.ts';
import type { Finding } from './config-doctor-finding.ts';

/** What this command ends with; the numbers are those of the contract, not of the other commands. */
const DOCTOR_EXIT = { well: 0, badOverride: 1, unreachable: 2, refused: 3, degraded: 5 } as const;

const TONES = { pass: 'ok', info: 'ok', warn: 'warn', fail: 'fail' } as const;

/** How a client here gets to the daemon, and what the daemon takes it for: always the same six rows. */
export async function configDoctor(
  context: CommandContext,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const findings = await examineClient(context);
  const exitCode = exitCodeOf(findings);
  if (options.json === true) printJson(context, toDocument(findings, exitCode));
  else printLines(context, render(context, findings, exitCode));
  return exitCode;
}

/** The first of the rows a client cannot do without decides; the others only make it less than well. */
function exitCodeOf(findings: readonly Finding[]): ExitCode {
  const failed = new Set(
    findings.filter(({ status }) => status === 'fail').map(({ name }) => name),
  );
  if (failed.has('socket_resolved')) return DOCTOR_EXIT.badOverride;
  if (failed.has('socket_reachable')) return DOCTOR_EXIT.unreachable;
  if (failed.has('daemon_status')) return DOCTOR_EXIT.refused;
  return failed.size > 0 ? DOCTOR_EXIT.degraded : DOCTOR_EXIT.well;
}

function toDocument(findings: readonly Finding[], exitCode: ExitCode): object {
  return {
    summary: {
      exit_code: exitCode,
      total: findings.length,
      passed: count(findings, 'pass'),
      warned: count(findings, 'warn'),
      failed: count(findings, 'fail'),
      info: count(findings, 'info'),
    },
    checks: Object.fromEntries(
      findings.map(({ name, status, code, detail, hint }) => [
        name,
        { status, sub_code: code ?? null, detail, hint: hint ?? null },
      ]),
    ),
  };
}

function render(
  { paint }: CommandContext,
  findings: readonly Finding[],
  exitCode: ExitCode,
): readonly string[] {
  const rows = findings.flatMap(({ name, status, code, detail, hint }) => {
    const told = toPlainText(code === undefined ? detail : `${code}: ${detail}`);
    const row = `${name}\t${paint(status, toneOf(TONES[status]))}\t${told}`;
    return hint === undefined ? [row] : [row, `    ${toPlainText(hint)}`];
  });
  const passed = `${count(findings, 'pass')}/${findings.length} checks passed`;
  return [...rows, `summary\t${exitCode}\t${passed}`];
}

function count(findings: readonly Finding[], wanted: Finding['status']): number {
  return findings.filter(({ status }) => status === wanted).length;
}
