/** What a control-mode client prints, as values. Lines are decoded as UTF-8, without their line break. */
export type ControlEvent =
  /** The answer to one command. Only blocks of commands that this client sent are told. */
  | { readonly kind: 'block'; readonly lines: readonly string[]; readonly isError: boolean }
  /** `%name rest`, outside of any block. */
  | { readonly kind: 'notice'; readonly name: string; readonly rest: string };

/** More than this in one line, or in one block, is not an answer to anything we ask. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Parses the stream by bytes: chunks may end anywhere, also inside a character. `push` throws when the stream
 * is not what a control-mode client prints.
 */
export function createControlStream(onEvent: (event: ControlEvent) => void): {
  push(chunk: Buffer): void;
} {
  let partial: Buffer[] = [];
  let size = 0;
  let block: { readonly id: string; readonly lines: string[] } | undefined;

  const takeLine = (line: string) => {
    if (block !== undefined) {
      const isError = line === `%error ${block.id}`;
      if (!isError && line !== `%end ${block.id}`) {
        block.lines.push(line);
        return;
      }
      const { id, lines } = block;
      block = undefined;
      size = 0;
      if (isOwnCommand(id)) onEvent({ kind: 'block', lines, isError });
      return;
    }
    size = 0;
    if (line.startsWith('%begin ')) {
      block = { id: line.slice('%begin '.length), lines: [] };
    } else if (line.startsWith('%')) {
      onEvent(parseNotice(line));
    } else {
      throw new Error(
        `tmux printed a line outside of any block: ${JSON.stringify(line.slice(0, 80))}`,
      );
    }
  };

  return {
    push: (chunk) => {
      size += chunk.length;
      if (size > MAX_BYTES)
        throw new Error(`tmux printed more than ${MAX_BYTES} bytes in one block`);
      let start = 0;
      for (;;) {
        const end = chunk.indexOf(0x0a, start);
        if (end === -1) break;
        const rest = chunk.subarray(start, end);
        takeLine((partial.length > 0 ? Buffer.concat([...partial, rest]) : rest).toString('utf8'));
        partial = [];
        start = end + 1;
      }
      if (start < chunk.length) partial.push(chunk.subarray(start));
    },
  };
}

/** The third number of a block is 1 for commands read from this client, 0 for hooks and the client's start. */
function isOwnCommand(blockId: string): boolean {
  return blockId.endsWith(' 1');
}

function parseNotice(line: string): ControlEvent {
  const space = line.indexOf(' ');
  return space === -1
    ? { kind: 'notice', name: line, rest: '' }
    : { kind: 'notice', name: line.slice(0, space), rest: line.slice(space + 1) };
}
