// Vulnerabilities without a window: what is asked for, which columns fit, and how figures are drawn and read.
import type { ComparedView, Facet, FacetValue, VulnerabilityQuery, VulnerabilityRow } from './bindings';

export const GRADES = ['critical', 'high', 'medium', 'low', 'none', 'unknown'] as const;
export type Grade = (typeof GRADES)[number];

export const CATEGORIES = ['os', 'database', 'language', 'web', 'platform', 'unknown'] as const;

/** How a scan can end, in the words of the program. */
export const RESULTS = [
  'matched',
  'none-found',
  'no-data',
  'past-end-of-life',
  'no-database',
  'not-read',
  'not-scanned',
] as const;

// —— What is asked for ——

export const SORTS = [
  'severity',
  'id',
  'package',
  'fixed',
  'state',
  'score',
  'epss',
  'layer',
  'subject',
] as const;
export type Sort = (typeof SORTS)[number];

/** The restrictions that take several values, with the name of their facet. */
export const LISTS = {
  severities: 'severity',
  states: 'state',
  categories: 'category',
  origins: 'origin',
  ecosystems: 'ecosystem',
} as const;
export type ListFilter = keyof typeof LISTS;
export const LIST_FILTERS = Object.keys(LISTS) as ListFilter[];

/** The restrictions that take one value. */
export const SINGLES = ['package', 'layer'] as const;
export type SingleFilter = (typeof SINGLES)[number];

/** What the reader has set; the rest of a query follows from where the list is. */
export interface Filters {
  /** One subject of the engagement; null for all. */
  subject: string | null;
  text: string;
  severities: readonly string[];
  states: readonly string[];
  categories: readonly string[];
  origins: readonly string[];
  ecosystems: readonly string[];
  package: string | null;
  layer: string | null;
  fixable: boolean | null;
  exploited: boolean;
  kernelHeaders: boolean;
  sort: Sort;
  /** Against the usual order of the column. */
  reversed: boolean;
}

export const NO_FILTERS: Filters = {
  subject: null,
  text: '',
  severities: [],
  states: [],
  categories: [],
  origins: [],
  ecosystems: [],
  package: null,
  layer: null,
  fixable: null,
  exploited: false,
  kernelHeaders: false,
  sort: 'severity',
  reversed: false,
};

export function toQuery(
  filters: Filters,
  subject: string | null,
  offset: number,
  limit: number,
): VulnerabilityQuery {
  return {
    subject: subject ?? filters.subject,
    text: filters.text.trim(),
    severities: [...filters.severities],
    states: [...filters.states],
    ecosystems: [...filters.ecosystems],
    categories: [...filters.categories],
    package: filters.package,
    layer: filters.layer,
    origins: [...filters.origins],
    fixable: filters.fixable,
    exploited: filters.exploited,
    kernel_headers: filters.kernelHeaders,
    sort: filters.sort,
    descending: filters.reversed,
    offset,
    limit: Math.min(500, limit),
  };
}

/** The filters with a value added to a list, or taken out of it. */
export function toggled(filters: Filters, list: ListFilter, value: string): Filters {
  const now = filters[list];
  return {
    ...filters,
    [list]: now.includes(value) ? now.filter((other) => other !== value) : [...now, value],
  };
}

/** How many restrictions are set. Order and kernel headers are none: they take no row away. */
export function restrictions(filters: Filters): number {
  return (
    LIST_FILTERS.reduce((sum, list) => sum + filters[list].length, 0) +
    SINGLES.filter((name) => filters[name] !== null).length +
    Number(filters.text.trim() !== '') +
    Number(filters.subject !== null) +
    Number(filters.fixable !== null) +
    Number(filters.exploited)
  );
}

/** Without restrictions, in the same order. */
export const cleared = (filters: Filters): Filters => ({
  ...NO_FILTERS,
  kernelHeaders: filters.kernelHeaders,
  sort: filters.sort,
  reversed: filters.reversed,
});

/** A click on a column: the other way round, or the column in its usual order. */
export function sortedBy(filters: Filters, sort: Sort): Filters {
  if (filters.sort === sort) return { ...filters, reversed: !filters.reversed };
  return { ...filters, sort, reversed: false };
}

/** Whether the largest come first as the column is usually read. */
const DOWNWARD: readonly Sort[] = ['severity', 'score', 'epss'];
export const isDown = (filters: Pick<Filters, 'sort' | 'reversed'>) =>
  DOWNWARD.includes(filters.sort) !== filters.reversed;

const grade = (value: string) => {
  const at = (GRADES as readonly string[]).indexOf(value);
  return at < 0 ? GRADES.length : at;
};

const category = (value: string) => {
  const at = (CATEGORIES as readonly string[]).indexOf(value);
  return at < 0 ? CATEGORIES.length : at;
};

/** The values of a facet in the order in which people look for them; values that are set stay, even without a row. */
export function facetValues(
  facets: readonly Facet[],
  name: string,
  set: readonly string[] = [],
): FacetValue[] {
  const values = [...(facets.find((facet) => facet.name === name)?.values ?? [])];
  for (const value of set)
    if (!values.some((one) => one.value === value)) values.push({ value, label: value, count: 0 });
  if (name === 'severity') values.sort((a, b) => grade(a.value) - grade(b.value));
  if (name === 'category') values.sort((a, b) => category(a.value) - category(b.value));
  return values;
}

/** Of a facet with two values, how many rows have it and how many do not. */
export function split(facets: readonly Facet[], name: string): [yes: number, no: number] {
  const values = facetValues(facets, name);
  const sum = (yes: boolean) =>
    values
      .filter(({ value }) => /^(true|yes|1|exploited|fixable)$/.test(value) === yes)
      .reduce((all, { count }) => all + count, 0);
  return [sum(true), sum(false)];
}

// —— The list ——

export const PAGE_ROWS = 200;
export const PAGES_KEPT = 12;

export type Column =
  'severity' | 'id' | 'package' | 'version' | 'fixed' | 'state' | 'score' | 'epss' | 'layer' | 'subject';

/** The least width of a column in pixels, and its share of what is left; without a share it keeps its width. */
const WIDTHS: Record<Column, readonly [least: number, share?: number]> = {
  severity: [150],
  id: [172],
  package: [92, 1.5],
  version: [92, 1.2],
  fixed: [92, 1.2],
  state: [104, 1],
  score: [40],
  epss: [50],
  layer: [74],
  subject: [64, 1],
};
const ORDER = Object.keys(WIDTHS) as Column[];

/** What is shown first, and what only where there is room. */
const IMPORTANCE: readonly Column[] = [
  'severity',
  'id',
  'package',
  'fixed',
  'version',
  'state',
  'subject',
  'layer',
  'score',
  'epss',
];

/** Below this the severity is its mark alone. */
export const NARROW = 620;
const MARK = 18;
const NARROW_ID = 142;
/** The space between columns, and at both sides of a row. */
export const GUTTER = 12;
export const inset = (narrow: boolean) => (narrow ? 14 : 24);

export interface Layout {
  columns: Column[];
  /** As a grid template. */
  template: string;
  narrow: boolean;
}

/** The columns that fit, so that a list never scrolls sideways; the subject only where there are several. */
export function layoutFor(width: number, subjects: boolean): Layout {
  const narrow = width < NARROW;
  const least = (column: Column) =>
    narrow && column === 'severity' ? MARK : narrow && column === 'id' ? NARROW_ID : WIDTHS[column][0];
  const fitting = new Set<Column>();
  // The scroll bar takes its part, too.
  let room = width - 2 * inset(narrow) - 12;
  for (const column of IMPORTANCE) {
    if (column === 'subject' && !subjects) continue;
    const needed = least(column) + (fitting.size > 0 ? GUTTER : 0);
    if (needed > room) break;
    room -= needed;
    fitting.add(column);
  }
  const columns = ORDER.filter((column) => fitting.has(column));
  const template = columns.map((column) => {
    const share = WIDTHS[column][1];
    return share === undefined ? `${least(column)}px` : `minmax(${least(column)}px, ${share}fr)`;
  });
  return { columns, template: template.join(' '), narrow };
}

const plain = (state: string) => state.replaceAll('_', '-');

export type Weight = 'counts' | 'accepted' | 'settled';

/** How a row weighs: it counts, somebody accepts it for a time, or it counts no more. */
export function weightOf(row: Pick<VulnerabilityRow, 'counts' | 'state'>): Weight {
  if (!row.counts) return 'settled';
  return plain(row.state) === 'accepted' ? 'accepted' : 'counts';
}

/** The other opinion on a severity that differs, as source and word; null when there is none. */
export function otherSeverity(
  row: Pick<VulnerabilityRow, 'severity' | 'vendor_severity' | 'nvd_severity' | 'differs'>,
): ['vendor' | 'nvd', string] | null {
  if (!row.differs || row.vendor_severity === '' || row.nvd_severity === '') return null;
  return row.severity === row.nvd_severity ? ['vendor', row.vendor_severity] : ['nvd', row.nvd_severity];
}

/** What identifies an opened row. */
export interface Opened {
  subject: string;
  key: number;
}

export const isOpened = (row: Pick<VulnerabilityRow, 'subject' | 'key'> | undefined, opened: Opened | null) =>
  row !== undefined && opened !== null && row.key === opened.key && row.subject === opened.subject;

// —— Figures ——

export const score = (value: number | null) => (value === null ? '—' : value.toFixed(1));

/** A probability as people read it: never a zero that is none. */
export function probability(value: number | null): string {
  if (value === null) return '—';
  const share = Math.min(1, Math.max(0, value)) * 100;
  if (share > 0 && share < 0.1) return '<0.1 %';
  return `${share < 10 ? share.toFixed(1) : Math.round(share)} %`;
}

/** A count with its thousands apart. */
export const figure = (value: number, language: string) => value.toLocaleString(language);

export const shortState = (id: string) => id.slice(0, 12);

/** The day that many days from another, `YYYY-MM-DD`. */
export function daysFrom(day: string, days: number): string {
  const at = new Date(`${day}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

export type AcceptProblem = 'owner' | 'reason' | 'expires' | 'past';

/** What is wrong with an acceptance; `today` is `YYYY-MM-DD`. */
export function acceptProblems(
  draft: { owner: string; reason: string; expires: string },
  today: string,
): AcceptProblem[] {
  const found: AcceptProblem[] = [];
  if (draft.owner.trim() === '') found.push('owner');
  if (draft.reason.trim() === '') found.push('reason');
  if (!/^\d{4}-\d{2}-\d{2}$/.test(draft.expires)) found.push('expires');
  else if (draft.expires < today) found.push('past');
  return found;
}

// —— Comparing ——

export type Compared = 'differences' | 'ours' | 'theirs' | 'both' | 'all';

/** The lines of a comparison that are shown: by who found them, holding every word. */
export function comparedRows(lines: readonly ComparedView[], which: Compared, text: string): ComparedView[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return lines.filter((line) => {
    if (which === 'differences' ? line.by === 'both' : which !== 'all' && line.by !== which) return false;
    const all = `${line.id} ${line.package} ${line.version} ${line.why}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
