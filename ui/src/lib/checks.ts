// Which checks the list shows, grouped by their use case; those without one by what they look at.
import type { CheckLine } from './bindings';
import { RUNTIME_GROUPS, runtimeGroup, type RuntimeGroup } from './coverage';

export interface CheckFilter {
  text: string;
  /** '' for any. */
  outcome: string;
}

export interface CheckGroup {
  key: string;
  /** Empty for what the paper does not speak of. */
  useCase: string;
  title: string;
  rows: CheckLine[];
}

/** Groups in the order of the use cases, then those on what runs; titles are searched as well. */
export function grouped(
  lines: readonly CheckLine[],
  titles: ReadonlyMap<string, string>,
  filter: CheckFilter,
  kinds: ReadonlyMap<string, ReadonlySet<string>> = new Map(),
  titleOf: (group: RuntimeGroup) => string = (group) => group,
): CheckGroup[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, CheckGroup & { order: string }>();
  for (const line of lines) {
    const own = line.use_case === '' ? runtimeGroup(line.id, kinds.get(line.id)) : null;
    const title = own ? titleOf(own) : (titles.get(line.use_case) ?? '');
    if (filter.outcome !== '' && line.outcome !== filter.outcome) continue;
    const text = `${line.id} ${line.title} ${line.use_case} ${title}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    const key = own ?? line.use_case;
    const order = own ? `~${RUNTIME_GROUPS.indexOf(own)}` : line.use_case;
    const group = groups.get(key) ?? { key, useCase: line.use_case, title, order, rows: [] };
    group.rows.push(line);
    groups.set(key, group);
  }
  return [...groups.values()].sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
}
