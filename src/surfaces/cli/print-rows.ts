import { type CommandContext, printJson, printLines, terminalSize } from './context.ts';
import { type Column, renderTable } from './render/table.ts';

export type OutputFormat = 'table' | 'wide' | 'json' | 'yaml' | 'name';
export const OUTPUT_FORMATS = ['wide', 'json', 'yaml', 'name'] as const;

/** A list as a command got it, with the ways it can be shown. */
export interface Listing<Row> {
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  /** `layout/payments`: what other commands take. */
  readonly nameOf: (row: Row) => string;
  /** Shown alone instead of a list of one, when the user asked for it by name. */
  readonly isSingle: boolean;
  /** Why there may be more than the rows; told beside them. */
  readonly warnings?: readonly string[];
  /** What is said when there is nothing. */
  readonly empty: string;
}

/** Prints a listing in the form asked for; JSON and YAML carry the rows as they came from the daemon. */
export async function printListing<Row>(
  context: CommandContext,
  listing: Listing<Row>,
  format: OutputFormat,
): Promise<void> {
  for (const warning of listing.warnings ?? []) context.world.stderr.write(`${warning}\n`);
  switch (format) {
    case 'json':
      printJson(context, toDocument(listing));
      return;
    case 'yaml': {
      const { stringify } = await import('yaml');
      context.world.stdout.write(stringify(toDocument(listing)));
      return;
    }
    case 'name':
      printLines(context, listing.rows.map(listing.nameOf));
      return;
    case 'table':
    case 'wide':
      printLines(context, renderListing(context, listing));
  }
}

/** A listing as the lines of a table, cut to the terminal where there is one. */
export function renderListing<Row>(
  context: CommandContext,
  listing: Pick<Listing<Row>, 'rows' | 'columns' | 'empty'>,
): readonly string[] {
  if (listing.rows.length === 0) return [listing.empty];
  const { columns } = terminalSize(context);
  return renderTable(listing.rows, listing.columns, { paint: context.paint, columns });
}

function toDocument<Row>({ rows, isSingle }: Listing<Row>): unknown {
  return isSingle && rows.length === 1 ? rows[0] : { items: rows };
}
