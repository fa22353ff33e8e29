import { CAPABILITIES, type Capability } from '../domain/agents.ts';
import { refuse } from '../domain/errors.ts';
import { ROLES } from '../domain/roles.ts';
import type { Role } from '../domain/spec.ts';

/** Checks of what an agent says of itself. Each names the field in its refusal. */

const LABEL_MAX = 64;
const PATH_MAX = 4096;

/** Throws `value_out_of_set`. */
export function toRole(value: string): Role {
  return oneOf('role', value, ROLES);
}

/** Throws `value_out_of_set`. */
export function toCapability(value: string): Capability {
  return oneOf('capability', value, CAPABILITIES);
}

/** The label without control characters; it may be empty. Throws `field_too_long`. */
export function toLabel(value: string): string {
  const label = value.replaceAll(/[\u0000-\u001f\u007f]/g, '');
  if (Array.from(label).length > LABEL_MAX) throw tooLong('label', LABEL_MAX);
  return label;
}

/** An absolute path, or nothing. Whether it exists is not asked. Throws `project_path_invalid`, `field_too_long`. */
export function toProjectPath(value: string): string {
  if (value === '') return value;
  if (Buffer.byteLength(value) > PATH_MAX) throw tooLong('project_path', PATH_MAX);
  const isClean =
    value.startsWith('/') && !value.includes('\0') && !value.split('/').includes('..');
  if (isClean) return value;
  throw refuse(
    'project_path_invalid',
    `the project path ${JSON.stringify(value)} is not absolute, or holds ".."; write it in full`,
    { project_path: value },
  );
}

function oneOf<T extends string>(field: string, value: string, words: readonly T[]): T {
  const word = words.find((each) => each === value);
  if (word !== undefined) return word;
  throw refuse(
    'value_out_of_set',
    `there is no ${field} "${value}"; choose one of ${words.join(', ')}`,
    { field, value, allowed: words },
  );
}

function tooLong(field: string, max: number) {
  return refuse('field_too_long', `${field} is longer than ${max} characters`, { field, max });
}
