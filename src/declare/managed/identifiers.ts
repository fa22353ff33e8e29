import { type AgentTowerError, refuse } from '../../domain/errors.ts';
import { identifierProblem } from '../../domain/ids.ts';

/** @throws {AgentTowerError} `validation_failed` when `text` is not `[A-Za-z0-9_.-]{1,64}`. */
export function requireIdentifier(field: string, text: string): void {
  const reason = identifierProblem(text);
  if (reason !== undefined) throw invalid(field, reason);
}

export function invalid(field: string, reason: string): AgentTowerError<'validation_failed'> {
  return refuse('validation_failed', `${field}: ${reason}`, { field, reason });
}
