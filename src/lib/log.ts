export type LogLevel = 'info' | 'warn' | 'error';

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Records one thing that happened. `event` is a constant, lower_snake_case; what varies goes into `fields`.
 * Never throws.
 */
export type Log = (level: LogLevel, event: string, fields?: LogFields) => void;
