// Hosts and containers as the window lists them: groups, filters, counts, and where a field stands in an engine's answer.
import type { EngineContainer, OutcomeCounts, RuntimeLine, RuntimeOutcome, UseCaseRow } from './bindings';
import { bySeverity, worst as gravest } from './marks';

export const RUNTIME_TABS = ['findings', 'facts', 'files', 'answers'] as const;
export type RuntimeTab = (typeof RUNTIME_TABS)[number];

/** What is written on a machine whose engine cannot be reached from here. */
export const COLLECT = 'plimsoll collect host: --containers --out FILE';

/** Hosts and containers have a page of their own and no column in the matrix. */
export const isRuntime = (line: { kind: string }) => line.kind === 'host' || line.kind === 'container';
export const inMatrix = (line: { kind: string }) => !isRuntime(line);

/** From the worst to what says nothing. */
export const OUTCOMES = ['fail', 'error', 'undecided', 'pass', 'not-applicable'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const countOf = (counts: OutcomeCounts, outcome: Outcome): number =>
  outcome === 'not-applicable' ? counts.not_applicable : counts[outcome];

export const judged = (counts: OutcomeCounts): number =>
  OUTCOMES.reduce((sum, outcome) => sum + countOf(counts, outcome), 0);

/** The worst of some outcomes, as a word of the program; `none` for none. */
export function worstOutcome(outcomes: Iterable<string>): string {
  const found = new Set(outcomes);
  return OUTCOMES.find((outcome) => found.has(outcome)) ?? 'none';
}

export interface HostFilter {
  text: string;
  failing: boolean;
}
export const NO_HOST_FILTER: HostFilter = { text: '', failing: false };

/** A host with its containers; without a line where only containers were added. */
export interface HostGroup {
  key: string;
  host: string;
  line: RuntimeLine | null;
  containers: RuntimeLine[];
}

/** The list comes as hosts, each followed by its containers. */
export function groupsOf(lines: readonly RuntimeLine[]): HostGroup[] {
  const groups: HostGroup[] = [];
  for (const line of lines) {
    const last = groups.at(-1);
    if (line.subject.kind === 'host')
      groups.push({ key: line.subject.id, host: line.host || line.subject.name, line, containers: [] });
    else if (last && last.host === line.host) last.containers.push(line);
    else groups.push({ key: `of ${line.subject.id}`, host: line.host, line: null, containers: [line] });
  }
  return groups;
}

/** A row of the list: a host, or one of its containers. */
export interface HostRow {
  key: string;
  group: HostGroup;
  /** None for the head of containers whose host is no subject. */
  line: RuntimeLine | null;
  head: boolean;
  /** Of a head: its containers that fit the filter. */
  fitting: number;
  open: boolean;
}

const words = (text: string) => text.toLowerCase().split(/\s+/).filter(Boolean);

function fits(line: RuntimeLine, wanted: readonly string[], failing: boolean): boolean {
  if (failing && line.counts.fail === 0) return false;
  const { subject, host, about } = line;
  const text = `${subject.label} ${subject.name} ${subject.source} ${host} ${about}`.toLowerCase();
  return wanted.every((word) => text.includes(word));
}

/** What the list shows. A text opens every host, so that nothing that fits stays hidden. */
export function rowsOf(
  groups: readonly HostGroup[],
  filter: HostFilter,
  folded: ReadonlySet<string>,
): HostRow[] {
  const wanted = words(filter.text);
  const rows: HostRow[] = [];
  for (const group of groups) {
    const inside = group.containers.filter((line) => fits(line, wanted, filter.failing));
    const own = group.line !== null && fits(group.line, wanted, filter.failing);
    if (inside.length === 0 && !own) continue;
    const open = wanted.length > 0 || !folded.has(group.key);
    const common = { group, fitting: inside.length, open };
    rows.push({ ...common, key: group.key, line: group.line, head: true });
    if (open) for (const line of inside) rows.push({ ...common, key: line.subject.id, line, head: false });
  }
  return rows;
}

/** Containers and their worst outcome in a row of the matrix; null if there are none. */
export function containersOf(
  row: UseCaseRow,
  containers: ReadonlySet<string>,
): { n: number; worst: string } | null {
  if (containers.size === 0) return null;
  const outcomes = row.cells.filter((cell) => containers.has(cell.subject)).map((cell) => cell.outcome);
  return { n: containers.size, worst: worstOutcome(outcomes) };
}

/** Running ones first, then by name. */
export function byRunning(containers: readonly EngineContainer[]): EngineContainer[] {
  const rank = (one: EngineContainer) => (one.state === 'running' ? 0 : one.state === 'paused' ? 1 : 2);
  return [...containers].sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

/** The source that a container of an engine has as a subject. */
export const containerSource = (address: string, name: string) =>
  address === '' ? `container:${name}` : `container:${address}/${name}`;
export const hostSource = (address: string) => `host:${address}`;

/** Outcomes of each kind, the worst kind first; what failed by how grave it is, all else as it came. */
export function byOutcome(
  outcomes: readonly RuntimeOutcome[],
): { outcome: Outcome; list: RuntimeOutcome[] }[] {
  return OUTCOMES.map((outcome) => ({
    outcome,
    list: outcomes
      .filter((one) => one.outcome.outcome === outcome)
      .sort((a, b) =>
        outcome === 'fail'
          ? bySeverity({ severity: severityOf(a) ?? '' }, { severity: severityOf(b) ?? '' })
          : 0,
      ),
  })).filter((group) => group.list.length > 0);
}

/** The gravest thing that an outcome saw; null where it saw nothing. */
export const severityOf = (one: RuntimeOutcome) => gravest(one.outcome.observations);

// —— A field in an answer ——

/** `HostConfig.Binds[0]`, `Labels["com.docker.x"]` as the steps that lead to it. */
export function steps(field: string): (string | number)[] {
  const found: (string | number)[] = [];
  for (const [, inside, bare] of field.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)) {
    if (bare !== undefined) found.push(bare);
    else if (inside !== undefined)
      found.push(/^\d+$/.test(inside) ? Number(inside) : inside.replace(/^(["'])(.*)\1$/, '$2'));
  }
  return found;
}

const depth = (line: string) => line.length - line.trimStart().length;

/** Where a field stands in indented JSON: its line from 1, and how many of its steps were found. */
export function fieldLine(lines: readonly string[], field: string): { line: number; found: number } {
  const way = steps(field);
  let from = 0;
  let indent = depth(lines[0] ?? '');
  let found = 0;
  // A list with one answer in it stands for the answer.
  if (lines[0]?.trim() === '[' && typeof way[0] === 'string' && lines[1]?.trim() === '{') {
    from = 1;
    indent = depth(lines[1]);
  }
  for (const step of way) {
    let at = -1;
    let nth = -1;
    let inner = -1;
    for (let i = from + 1; i < lines.length; i += 1) {
      const line = lines[i]!;
      const here = depth(line);
      if (here <= indent) break;
      if (inner < 0) inner = here;
      if (here !== inner || /^[\]}]/.test(line.trimStart())) continue;
      nth += 1;
      if (typeof step === 'number' ? nth === step : line.trimStart().startsWith(`${JSON.stringify(step)}:`)) {
        at = i;
        break;
      }
    }
    if (at < 0) break;
    from = at;
    indent = inner;
    found += 1;
  }
  return found === 0 ? { line: 0, found } : { line: from + 1, found };
}

/** The answer that a field stands in, and where; null where none of them has it. */
export function answerOf(
  answers: readonly [string, string][],
  field: string,
): { at: number; line: number } | null {
  let best: { at: number; line: number; found: number } | null = null;
  answers.forEach(([, text], at) => {
    const place = fieldLine(text.split('\n'), field);
    if (place.found > (best?.found ?? 0)) best = { at, ...place };
  });
  return best;
}
