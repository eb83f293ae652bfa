// The coverage of the standard: its figures by level, what the filters leave, and what a check's kinds say of where it belongs.
import type { CoverageRow, CoverageView } from './bindings';

export const MODES = ['automated', 'assisted', 'manual'] as const;
export type Mode = (typeof MODES)[number];

export interface CoverageFilter {
  text: string;
  /** '' for any. */
  mode: string;
  level: string;
  chapter: string;
  kind: string;
}
export const NO_COVERAGE_FILTER: CoverageFilter = { text: '', mode: '', level: '', chapter: '', kind: '' };

export type Figures = Record<Mode, number>;

/** How many of each mode there are in a level and those below it. */
export function figuresOf(rows: readonly CoverageRow[], level: number): Figures {
  const figures: Figures = { automated: 0, assisted: 0, manual: 0 };
  for (const row of rows)
    if (row.level <= level && (MODES as readonly string[]).includes(row.mode)) figures[row.mode as Mode] += 1;
  return figures;
}

export const sum = (figures: Figures) => figures.automated + figures.assisted + figures.manual;

/** The kinds that a requirement of the list is decided on, in the order in which they appear most. */
export function kindsOf(rows: readonly CoverageRow[]): string[] {
  const counts = new Map<string, number>();
  for (const row of rows) for (const kind of row.kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([kind]) => kind);
}

export function chaptersOf(rows: readonly CoverageRow[]): { id: string; title: string }[] {
  const found = new Map<string, string>();
  for (const row of rows) found.set(row.chapter, row.chapter_title);
  return [...found].map(([id, title]) => ({ id, title }));
}

export function matchesCoverage(row: CoverageRow, filter: CoverageFilter): boolean {
  if (filter.mode !== '' && row.mode !== filter.mode) return false;
  if (filter.level !== '' && String(row.level) !== filter.level) return false;
  if (filter.chapter !== '' && row.chapter !== filter.chapter) return false;
  if (filter.kind !== '' && !row.kinds.includes(filter.kind)) return false;
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const by = row.by.map((one) => `${one.check} ${one.title}`).join(' ');
  const text = `${row.id} ${row.title} ${row.chapter_title} ${by}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** The kinds of subject that each check looks at, as far as the coverage tells. */
export function kindsByCheck(view: CoverageView | null): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const row of view?.rows ?? [])
    for (const by of row.by) {
      const kinds = found.get(by.check) ?? new Set();
      for (const kind of by.kinds) kinds.add(kind);
      found.set(by.check, kinds);
    }
  return found;
}

/** Where a check without a use case belongs. */
export const RUNTIME_GROUPS = ['host', 'swarm', 'workload', 'container', 'runtime'] as const;
export type RuntimeGroup = (typeof RUNTIME_GROUPS)[number];

export function runtimeGroup(check: string, kinds: ReadonlySet<string> | undefined): RuntimeGroup {
  if (/^swarm\b/.test(check)) return 'swarm';
  if (kinds?.has('compose')) return 'workload';
  if (kinds?.has('container')) return 'container';
  if (kinds?.has('host')) return 'host';
  return 'runtime';
}
