import type { ListedContainerView } from '../../api/protocol.ts';
import { type CommandContext, printJson, printLines } from '../context.ts';
import { callDaemon, withDaemon } from '../daemon-calls.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { toPlainText } from '../render/plain-text.ts';

/** Has every engine asked anew. Ends with `notReady` when some of it could not be had. */
export async function scanContainers(
  context: CommandContext,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const result = await withDaemon(context, (client) => callDaemon(client, 'scan_containers', {}));
  const durationMs = Date.parse(result.completed_at) - Date.parse(result.started_at);
  if (options.json === true) printJson(context, { ok: true, result });
  else {
    printLines(context, [
      `scan_id=${result.scan_id}`,
      `status=${result.status}`,
      `matched=${result.matched_count}`,
      `inactive_reconciled=${result.inactive_reconciled_count}`,
      `ignored=${result.ignored_count}`,
      `duration_ms=${durationMs}`,
      ...(result.error_message === null ? [] : [`problem=${toPlainText(result.error_message)}`]),
    ]);
  }
  return result.status === 'ok' ? EXIT.done : EXIT.notReady;
}

/** The containers of every engine as tab-separated lines. */
export async function listContainers(
  context: CommandContext,
  options: { readonly activeOnly?: boolean; readonly json?: boolean },
): Promise<ExitCode> {
  const params = { active_only: options.activeOnly };
  const result = await withDaemon(context, (client) =>
    callDaemon(client, 'list_containers', params),
  );
  if (options.json === true) printJson(context, { ok: true, result });
  else printLines(context, [TITLES, ...result.containers.map(toLine)]);
  return EXIT.done;
}

const TITLES = ['ACTIVE', 'ID', 'NAME', 'IMAGE', 'STATUS', 'LAST_SCANNED'].join('\t');

function toLine(container: ListedContainerView): string {
  const { active, id, name, image, status, last_scanned_at: lastScanned } = container;
  const cells = [active ? '1' : '0', id, name, image, status, lastScanned];
  return cells.map((cell) => toPlainText(cell).replaceAll(/[\t\n]/g, ' ')).join('\t');
}
