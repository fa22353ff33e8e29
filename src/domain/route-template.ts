import { err, ok, type Result } from '../lib/result.ts';

export const TEMPLATE_FIELDS = [
  'event_id',
  'event_type',
  'source_agent_id',
  'source_label',
  'source_role',
  'source_capability',
  'event_excerpt',
  'observed_at',
] as const;
export type TemplateField = (typeof TEMPLATE_FIELDS)[number];

/** Of UTF-8. */
const TEMPLATE_MAX_BYTES = 4_096;

/** What is wrong with a route's template; `undefined` when nothing is. */
export function templateProblem(template: string): string | undefined {
  if (template.trim() === '') return 'it is empty';
  if (new TextEncoder().encode(template).length > TEMPLATE_MAX_BYTES) {
    return `it is longer than ${TEMPLATE_MAX_BYTES} bytes`;
  }
  const empty = Object.fromEntries(TEMPLATE_FIELDS.map((field) => [field, '']));
  const rendered = renderTemplate(template, empty as Record<TemplateField, string>);
  return rendered.ok ? undefined : rendered.error;
}

/** Puts the values in, in one pass: what a value holds is never looked at again. `{{` and `}}` are braces. */
export function renderTemplate(
  template: string,
  values: Readonly<Record<TemplateField, string>>,
): Result<string, string> {
  let problem: string | undefined;
  const text = template.replaceAll(/\{\{|\}\}|\{([^{}]*)\}|[{}]/g, (found, name?: string) => {
    if (found === '{{') return '{';
    if (found === '}}') return '}';
    const field = TEMPLATE_FIELDS.find((each) => each === name);
    if (field !== undefined) return values[field];
    problem ??=
      name === undefined
        ? `a single ${found} stands in it; write ${found}${found} for a brace`
        : `there is no field {${name}}; use ${TEMPLATE_FIELDS.join(', ')}`;
    return '';
  });
  return problem === undefined ? ok(text) : err(problem);
}
