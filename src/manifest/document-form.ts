import { didYouMean } from './did-you-mean.ts';
import type { ManifestDocument } from './document.ts';
import { API_VERSION } from './schemas/fields.ts';
import { type DocumentForm, KINDS, type Kind } from './schemas/kinds.ts';

/** What a document declares, or `undefined` after reporting why that cannot be told. */
export function formOf(document: ManifestDocument): DocumentForm | undefined {
  const { value, report } = document;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report([], {
      message: `a document must be a mapping with apiVersion and kind, not ${Array.isArray(value) ? 'a list' : 'a single value'}`,
    });
    return undefined;
  }
  const { apiVersion, kind } = value as Record<string, unknown>;
  if (apiVersion === undefined && kind === undefined) return plainFormOf(document, value);
  if (apiVersion === undefined || kind === undefined) {
    const [field, line] =
      kind === undefined
        ? ['kind', `add "kind: Layout"`]
        : ['apiVersion', `add "apiVersion: ${API_VERSION}"`];
    report([], { message: `missing field "${field}" in the document`, hint: line });
    return undefined;
  }
  const isVersionKnown = checkVersion(document, apiVersion);
  const known = checkKind(document, kind);
  return isVersionKnown ? known : undefined;
}

function plainFormOf(document: ManifestDocument, value: object): DocumentForm | undefined {
  if (Object.hasOwn(value, 'panes')) return 'plain template';
  if (Object.hasOwn(value, 'command')) return 'plain profile';
  document.report([], {
    message: 'the document does not say what it is',
    hint: `begin it with "apiVersion: ${API_VERSION}" and "kind: ${KINDS.join(' | ')}"`,
  });
  return undefined;
}

function checkVersion({ report }: ManifestDocument, apiVersion: unknown): boolean {
  if (apiVersion === API_VERSION) return true;
  report(['apiVersion'], {
    message: `unknown apiVersion ${JSON.stringify(apiVersion)}`,
    hint: didYouMean(String(apiVersion), [API_VERSION]) ?? `this program reads ${API_VERSION}`,
  });
  return false;
}

function checkKind({ report }: ManifestDocument, kind: unknown): Kind | undefined {
  const known = KINDS.find((name) => name === kind);
  if (known !== undefined) return known;
  report(['kind'], {
    message: `unknown kind ${JSON.stringify(kind)}`,
    hint: didYouMean(String(kind), KINDS) ?? `the kinds are ${KINDS.join(', ')}`,
  });
  return undefined;
}
