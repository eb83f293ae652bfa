// What checks saw at a place: which of it is the gravest, and which line, field or entry it belongs to.
import type { FieldMark, HistoryRow } from './bindings';

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;

const rank = (severity: string) => {
  const at = (SEVERITIES as readonly string[]).indexOf(severity);
  return at < 0 ? SEVERITIES.length : at;
};

export const bySeverity = (a: { severity: string }, b: { severity: string }) =>
  rank(a.severity) - rank(b.severity);

/** A mark in one line; what no use case speaks of says only what was seen. */
export const sayMark = (mark: { use_case: string; message: string }) =>
  mark.use_case ? `${mark.use_case}: ${mark.message}` : mark.message;

/** The gravest severity of some marks; null if there are none. */
export function worst(marks: readonly { severity: string }[]): string | null {
  let found: string | null = null;
  for (const mark of marks) if (found === null || rank(mark.severity) < rank(found)) found = mark.severity;
  return found;
}

/** Marks by their line, the gravest of a line first. */
export function byLine<T extends { line: number; severity: string }>(
  marks: readonly T[],
): Record<number, T[]> {
  const lines: Record<number, T[]> = {};
  for (const mark of marks) (lines[mark.line] ??= []).push(mark);
  for (const list of Object.values(lines)) list.sort(bySeverity);
  return lines;
}

/** `history[3].created_by` as 3; null if the field is none of the history's. */
export function historyIndex(field: string): number | null {
  const found = /^history(?:\[|\.)(\d+)/i.exec(field);
  return found ? Number(found[1]) : null;
}

// `config.Env[DB_PASSWORD]`, `config.Env.DB_PASSWORD` and the row `Env DB_PASSWORD` in one form.
function words(text: string): [string, string] {
  const plain = text.replace(/^config\./i, '').replace(/["']/g, '');
  const at = plain.search(/[ .[]/);
  const name = (at < 0 ? plain : plain.slice(0, at)).toLowerCase();
  const rest = at < 0 ? '' : plain.slice(at + 1).replace(/\]$/, '');
  return [name === 'labels' ? 'label' : name, rest];
}

/** Which row of the config a field names: by its name, by its number in a list, else the first row of that name; -1 for none. */
export function configRow(rows: readonly [string, string][], field: string): number {
  const [name, rest] = words(field);
  const group = rows.flatMap(([row], at) => {
    const [rowName, rowRest] = words(row);
    return rowName === name ? [{ at, rest: rowRest }] : [];
  });
  const same = group.find((row) => row.rest === rest);
  if (same) return same.at;
  if (/^\d+$/.test(rest)) return group[Number(rest)]?.at ?? -1;
  // The value of a variable can follow its name; only the name is compared.
  const named = group.find((row) => row.rest !== '' && row.rest === rest.split('=')[0]);
  if (named) return named.at;
  return rest === '' || group.some((row) => row.rest === '') ? (group[0]?.at ?? -1) : -1;
}

export interface ConfigMarks {
  /** By row of the config. */
  rows: FieldMark[][];
  /** Of fields that are neither shown as a row nor part of the history. */
  elsewhere: FieldMark[];
}

/** Puts marks beside the rows of the config. Those of the history stand in its own rows. */
export function configMarks(
  rows: readonly [string, string][],
  marks: readonly FieldMark[],
  history: readonly HistoryRow[],
): ConfigMarks {
  const found: ConfigMarks = { rows: rows.map(() => []), elsewhere: [] };
  for (const mark of [...marks].sort(bySeverity)) {
    const line = historyIndex(mark.field);
    if (line !== null) {
      const shown = history.find((row) => row.index === line)?.marks ?? [];
      if (!shown.some((other) => other.message === mark.message)) found.elsewhere.push(mark);
      continue;
    }
    const list = found.rows[configRow(rows, mark.field)];
    if (list) list.push(mark);
    else found.elsewhere.push(mark);
  }
  return found;
}
