import { type CommandContext, printLines, terminalSize } from '../context.ts';
import { openLiveRegion } from '../live-region.ts';
import { type Listing, renderListing } from '../print-rows.ts';
import { renderCells } from '../render/table.ts';
import type { ShowListing } from './get-listing.ts';

const PAUSE_MS = 500;

/** Shows a listing again whenever it changes, until Ctrl-C: in place on a terminal, else changed rows only. */
export async function watchListing(
  context: CommandContext,
  fetch: () => Promise<ShowListing>,
): Promise<void> {
  const { world, interrupted } = context;
  const screen = world.stdout.isTTY === true ? openScreen(context) : openAppender(context);
  try {
    while (!interrupted.aborted) {
      const show = await fetch();
      show((listing) => screen.show(listing));
      await world.sleep(PAUSE_MS, interrupted);
    }
  } finally {
    screen.close();
  }
}

interface Screen {
  show<Row>(listing: Listing<Row>): void;
  close(): void;
}

function openScreen(context: CommandContext): Screen {
  const region = openLiveRegion(context.world.stdout);
  return {
    show: (listing) => {
      const room = Math.max(2, (terminalSize(context).rows ?? 25) - 1);
      region.draw(renderListing(context, listing).slice(0, room));
    },
    close: () => region.close(),
  };
}

/** For logs and pipes: the title line once, then every row that is new or says something else than before. */
function openAppender(context: CommandContext): Screen {
  let before: ReadonlyMap<string, string> = new Map();
  let isFirst = true;
  return {
    show: (listing) => {
      const { rows, columns, nameOf } = listing;
      const steady = columns.filter((column) => column.isAge !== true);
      const now = new Map(rows.map((row) => [nameOf(row), renderCells(row, steady).join('\t')]));
      const changed = rows.filter((row) => before.get(nameOf(row)) !== now.get(nameOf(row)));
      const gone = [...before.keys()].filter((name) => !now.has(name));
      if (changed.length > 0) {
        const lines = renderListing(context, { ...listing, rows: changed });
        printLines(context, isFirst ? lines : lines.slice(1));
        isFirst = false;
      }
      printLines(
        context,
        gone.map((name) => `${name} is gone`),
      );
      before = now;
    },
    close: () => undefined,
  };
}
