/** What a manifest may cost us. Beyond these a file is refused with a message, never read in part. */
export const MAX_FILE_BYTES = 1024 * 1024;
export const MAX_DOCUMENTS = 1_000;
/** Levels of nesting, counted after aliases are followed. */
export const MAX_DEPTH = 64;
/** Entries of any one list or mapping. */
export const MAX_ENTRIES = 4_096;
/** How much (in characters and values) aliases may add to what stands in the document. */
export const MAX_ALIAS_GROWTH = 1024 * 1024;
export const MAX_PANES = 256;
/** One argv element or environment value, in bytes: what Linux takes with its terminating NUL. */
export const MAX_WORD_BYTES = 128 * 1024 - 1;
export const MAX_SETTLE_MS = 86_400_000;
/** Mistakes listed per document; the rest are counted. */
export const MAX_PROBLEMS_PER_DOCUMENT = 50;
