// Which requirements the list shows.
import type { RequirementRow } from './bindings';

export interface Filter {
  text: string;
  /** '' for any. */
  level: string;
  /** '' for any. */
  verdict: string;
  /** Those outside of the profile as well. */
  all: boolean;
  /** Only those that a person should look at. */
  look: boolean;
}

export function matches(row: RequirementRow, filter: Filter): boolean {
  if (!filter.all && !row.in_profile) return false;
  if (filter.look && !row.look) return false;
  if (filter.level !== '' && String(row.level) !== filter.level) return false;
  if (filter.verdict !== '' && row.verdict !== filter.verdict) return false;
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  const text = `${row.id} ${row.title} ${row.chapter} ${row.chapter_title}`.toLowerCase();
  return words.every((word) => text.includes(word));
}
