// Order and choice of the packages that a table shows.
import type { PackageRow } from './bindings';

export const COLUMNS = ['name', 'version', 'ecosystem', 'licence', 'bytes', 'layer'] as const;
export type Column = (typeof COLUMNS)[number];

export interface Order {
  column: Column;
  down: boolean;
}

export interface PackageFilter {
  text: string;
  /** '' for any. */
  ecosystem: string;
  /** '' for any. */
  layer: string;
}

// Figures inside of names and versions count as figures: 9 comes before 10.
const natural = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

export function sorted(rows: readonly PackageRow[], { column, down }: Order): PackageRow[] {
  const sign = down ? -1 : 1;
  return [...rows].sort((a, b) => {
    const by =
      column === 'bytes' || column === 'layer'
        ? a[column] - b[column]
        : natural.compare(a[column], b[column]);
    return sign * by || natural.compare(a.name, b.name) || natural.compare(a.version, b.version);
  });
}

/** A click on a column: the other direction, or the column from its usual end. */
export function reorder(order: Order, column: Column): Order {
  if (order.column === column) return { column, down: !order.down };
  return { column, down: column === 'bytes' };
}

export function chosen(rows: readonly PackageRow[], filter: PackageFilter): PackageRow[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    if (filter.ecosystem !== '' && row.ecosystem !== filter.ecosystem) return false;
    if (filter.layer !== '' && String(row.layer) !== filter.layer) return false;
    const text = `${row.name} ${row.version} ${row.source} ${row.licence} ${row.location}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Kinds of packages with their numbers, the most frequent first. */
export function ecosystems(rows: readonly PackageRow[]): [string, number][] {
  const found = new Map<string, number>();
  for (const row of rows) found.set(row.ecosystem, (found.get(row.ecosystem) ?? 0) + 1);
  return [...found].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
}
