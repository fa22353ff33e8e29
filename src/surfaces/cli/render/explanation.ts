import type { ExplainedField, Explanation } from '../../../manifest/explain.ts';
import type { Paint } from './paint.ts';
import { padText } from './plain-text.ts';

/** A field of a manifest as a page to read: what it is, what it may be, what stands in it. */
export function renderExplanation(explanation: Explanation, paint: Paint): readonly string[] {
  const { path, type, description, values, fields = [] } = explanation;
  return [
    `${paint(path, 'strong')} <${type}>`,
    ...indent(description),
    ...(values === undefined ? [] : ['', `One of: ${values.join(', ')}`]),
    ...(explanation.default === undefined ? [] : ['', `Default: ${toText(explanation.default)}`]),
    ...(fields.length === 0 ? [] : ['', 'Fields:', ...fields.flatMap(renderField)]),
  ];
}

function renderField(field: ExplainedField): readonly string[] {
  const required = field.required ? ' (required)' : '';
  const fallback = field.default === undefined ? '' : ` (default ${toText(field.default)})`;
  const head = `  ${padText(field.name, 18)} <${field.type}>${required}${fallback}`;
  return [head, ...indent(field.description).map((line) => `    ${line}`)];
}

function indent(text: string): readonly string[] {
  return text === '' ? [] : text.split('\n').map((line) => `  ${line}`);
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
