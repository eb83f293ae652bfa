// Which checks the list shows, grouped by their use case.
import type { CheckLine } from './bindings';

export interface CheckFilter {
  text: string;
  /** '' for any. */
  outcome: string;
}

export interface CheckGroup {
  useCase: string;
  title: string;
  rows: CheckLine[];
}

/** Groups in the order of the use cases; titles are searched as well. */
export function grouped(
  lines: readonly CheckLine[],
  titles: ReadonlyMap<string, string>,
  filter: CheckFilter,
): CheckGroup[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, CheckGroup>();
  for (const line of lines) {
    const title = titles.get(line.use_case) ?? '';
    if (filter.outcome !== '' && line.outcome !== filter.outcome) continue;
    const text = `${line.id} ${line.title} ${line.use_case} ${title}`.toLowerCase();
    if (!words.every((word) => text.includes(word))) continue;
    const group = groups.get(line.use_case) ?? { useCase: line.use_case, title, rows: [] };
    group.rows.push(line);
    groups.set(line.use_case, group);
  }
  return [...groups.values()].sort((a, b) => a.useCase.localeCompare(b.useCase));
}
