// What an engagement still needs: figures and next steps, computed from its view alone.
import type { CellLine, EngagementView } from './bindings';
import { isRuntime } from './runtime';

export interface Counts {
  cells: number;
  undecided: number;
  errors: number;
  conflicts: number;
  stale: number;
  notRun: number;
  open: number;
  look: number;
  unread: number;
}

/** The fields of the matrix; hosts and containers have none. */
export function cellsOf(engagement: EngagementView): { useCase: string; cell: CellLine }[] {
  const outside = new Set(engagement.subjects.filter(isRuntime).map((line) => line.id));
  return engagement.use_cases.flatMap((row) =>
    row.cells.filter((cell) => !outside.has(cell.subject)).map((cell) => ({ useCase: row.id, cell })),
  );
}

export function count(engagement: EngagementView): Counts {
  const cells = cellsOf(engagement).map(({ cell }) => cell);
  const measured = engagement.requirements.filter(
    (row) => row.in_profile && row.level <= engagement.target_level,
  );
  return {
    cells: cells.length,
    undecided: cells.filter((cell) => cell.outcome === 'undecided').length,
    errors: cells.filter((cell) => cell.outcome === 'error').length,
    conflicts: cells.filter((cell) => cell.conflict).length,
    stale: cells.filter((cell) => cell.stale).length,
    notRun: cells.filter((cell) => cell.outcome === 'none').length,
    open: measured.filter((row) => row.verdict === 'open').length,
    look: measured.filter((row) => row.look).length,
    unread: engagement.subjects.filter((line) => !line.collected || line.error !== null).length,
  };
}

export type StepKind =
  'add' | 'run' | 'rerun' | 'undecided' | 'conflicts' | 'stale' | 'errors' | 'open' | 'report';

export interface Step {
  kind: StepKind;
  n: number;
}

/** What to do next, the most urgent first. */
export function nextSteps(engagement: EngagementView): Step[] {
  if (engagement.subjects.length === 0) return [{ kind: 'add', n: 0 }];
  if (!engagement.last_run) return [{ kind: 'run', n: engagement.subjects.length }];
  const counts = count(engagement);
  const uncollected = engagement.subjects.filter((line) => !line.collected && line.error === null).length;
  const steps: Step[] = [
    { kind: 'rerun', n: uncollected },
    { kind: 'errors', n: counts.errors },
    { kind: 'conflicts', n: counts.conflicts },
    { kind: 'stale', n: counts.stale },
    { kind: 'undecided', n: counts.undecided },
    { kind: 'open', n: counts.open },
  ];
  const due = steps.filter((step) => step.n > 0);
  return due.length > 0 ? due : [{ kind: 'report', n: 0 }];
}

export interface Check {
  kind: 'not-run' | 'cancelled' | 'errors' | 'conflicts' | 'stale' | 'undecided' | 'open' | 'drafts';
  n: number;
}

/** What an auditor should know before a report is issued; empty if nothing stands against it. */
export function preflight(engagement: EngagementView, drafts: number): Check[] {
  const counts = count(engagement);
  const checks: Check[] = [
    { kind: 'not-run', n: counts.notRun },
    { kind: 'cancelled', n: engagement.last_run?.state === 'cancelled' ? 1 : 0 },
    { kind: 'errors', n: counts.errors },
    { kind: 'conflicts', n: counts.conflicts },
    { kind: 'stale', n: counts.stale },
    { kind: 'undecided', n: counts.undecided },
    { kind: 'open', n: counts.open },
    { kind: 'drafts', n: drafts },
  ];
  return checks.filter((check) => check.n > 0);
}
