import type { Progress } from './ports.ts';

/** A log nothing of which has been told. */
export const UNREAD: Progress = { offset: 0, line: 0, isInsideLine: false, isSilenceNews: false };
