import type { Page, PageParams } from './calls.ts';

const LARGEST_PAGE = 200;

/** Every page of a list, joined; only the one asked for when the user said where it begins or how long it is. */
export async function fetchPages<Item>(
  selection: PageParams,
  fetch: (page: Pick<PageParams, 'limit' | 'after'>) => Promise<Page<Item>>,
): Promise<Page<Item>> {
  if (selection.limit !== undefined || selection.after !== undefined) return await fetch(selection);
  const items: Item[] = [];
  let after: string | undefined;
  do {
    const page = await fetch({ limit: LARGEST_PAGE, after });
    items.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return { items, next: null };
}
