import type { Scalar } from 'yaml';

import {
  DEFAULT_ARRANGEMENT,
  DEFAULT_SETTLE_MS,
  type LayoutSpec,
  type SlotSpec,
} from '../domain/spec.ts';
import { present } from './raw.ts';
import { API_VERSION } from './schemas/fields.ts';
import { yaml } from './yaml.ts';

/**
 * A layout as a manifest. Compiled again, with the same template and profiles known, it gives an equal spec.
 * Environment values are written as they are, secret ones too: the text is for the owner of the layout.
 */
export function exportLayout(spec: LayoutSpec): string {
  const content = {
    apiVersion: API_VERSION,
    kind: 'Layout',
    metadata: { name: spec.name, ...unless(isEmpty, { labels: spec.labels }) },
    spec: {
      ...targetOf(spec),
      ...unless((value) => value === spec.name, { session: spec.session }),
      ...present({ template: spec.template }),
      ...unless((value) => value === DEFAULT_ARRANGEMENT, { layout: spec.arrangement }),
      ...unless(isDefaultStrategy, { updateStrategy: spec.updateStrategy }),
      ...unless((value) => !value, { suspend: spec.suspend }),
      panes: spec.slots.map((slot) => toPane(slot, spec.template !== undefined)),
    },
  };
  const document = new (yaml().Document)(content, { aliasDuplicateObjects: false });
  yaml().visit(document, {
    Scalar: (_key, node) => chooseStyle(node),
    Pair: (_key, { key, value }) => {
      if (yaml().isScalar(key) && IN_ONE_LINE.has(key.value) && yaml().isSeq(value)) {
        value.flow = value.items.every((word) => yaml().isScalar(word) && isShort(word.value));
      }
    },
  });
  return document
    .toString({ lineWidth: 0, flowCollectionPadding: false })
    .replaceAll(UNPRINTABLE, escaped);
}

/** What chose the container is what was declared, not the container. */
function targetOf({ container, selector }: LayoutSpec): object {
  if (selector !== undefined) return { containerSelector: selector };
  return unless((value) => value === 'local', { container });
}

const IN_ONE_LINE = new Set<unknown>(['command', 'after']);

/** What a profile or template would fill in is always written out; other defaults are left unsaid. */
function toPane(slot: SlotSpec, isTemplateUsed: boolean): object {
  const { profile, env, workingDir, log, after, restartPolicy, onRemove, settleMs } = slot;
  const without = (isDefault: boolean): boolean => isDefault && profile === undefined;
  return {
    ...unless(() => !isTemplateUsed && slot.key === slot.label, { key: slot.key }),
    label: slot.label,
    ...unless((value) => !isTemplateUsed && value === 'unknown', { role: slot.role }),
    ...unless((value) => !isTemplateUsed && value === 'unknown', { capability: slot.capability }),
    ...present({ launch: profile }),
    command: slot.command,
    ...unless(isEmpty, { env }),
    ...present({ workingDir }),
    ...unless((value) => value, { log }),
    ...unless((value) => value.length === 0, { after }),
    ...unless((value) => without(value === 'Always'), { restartPolicy }),
    ...unless((value) => value === 'kill', { onRemove }),
    ...unless(() => without(settleMs === DEFAULT_SETTLE_MS), { settle: toDuration(settleMs) }),
  };
}

function unless<K extends string, V>(
  isLeftOut: (value: V) => boolean,
  field: Readonly<Record<K, V>>,
): Partial<Record<K, V>> {
  return Object.values<V>(field).every(isLeftOut) ? {} : field;
}

function isEmpty(map: object): boolean {
  return Object.keys(map).length === 0;
}

function isDefaultStrategy({ type, maxUnavailable }: LayoutSpec['updateStrategy']): boolean {
  return type === 'RollingUpdate' && maxUnavailable === 1;
}

function toDuration(ms: number): string {
  return ms % 1_000 === 0 ? `${ms / 1_000}s` : `${ms}ms`;
}

function isShort(value: unknown): boolean {
  return typeof value === 'string' && value.length <= 40 && !value.includes('\n');
}

/** Scripts read best as blocks; anything unusual is safest in double quotes, where all can be escaped. */
function chooseStyle(node: Scalar): void {
  if (typeof node.value !== 'string') return;
  if (/^[\w./+-]+$/.test(node.value)) return;
  const isScript = /^[\x21-\x7e][\x20-\x7e\n]*[\x21-\x7e]\n?$/.test(node.value);
  const { BLOCK_LITERAL, QUOTE_DOUBLE } = yaml().Scalar;
  node.type = isScript && node.value.includes('\n') ? BLOCK_LITERAL : QUOTE_DOUBLE;
}

/** Characters that manifests refuse or editors hide. They stand in double quotes, so an escape means the same. */
const UNPRINTABLE = /[\u007F-\u009F\u00AD\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF\uFFFD]/g;

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}
