// The settings of the profile while they are typed: as text, with what is wrong about each field.
import type { AllowanceView, SettingsView, VulnerabilityPolicyView } from './bindings';
import {
  APPROVED_LISTS,
  fromTrustDraft,
  trustDraft,
  trustProblems,
  type RowProblem,
  type TrustDraft,
} from './settings-trust';

export const SETTINGS_TABS = ['checks', 'vulnerabilities', 'approved', 'trust'] as const;
export type SettingsTab = (typeof SETTINGS_TABS)[number];

export const LIMITS = {
  lowest_efficiency: [0, 100],
  oldest_days: [1, 3650],
  widest_gap_hours: [1, 8760],
  stale_days: [1, 3650],
} as const;
/** How old the data behind a pass may be, in days. */
export const DATA_AGE = [1, 3650] as const;
export const SEVERITY_POLICIES = ['vendor-first', 'nvd-first', 'highest'] as const;
export const FAIL_FROM = ['critical', 'high', 'medium', 'low', 'none'] as const;
export type Threshold = keyof typeof LIMITS;
export const THRESHOLDS = Object.keys(LIMITS) as Threshold[];

export interface AllowanceDraft extends AllowanceView {
  /** Tells the rows apart while they are edited. */
  key: number;
}

/** The policy on vulnerabilities: figures as text. */
export type PolicyDraft = Omit<VulnerabilityPolicyView, 'oldest_data_days'> & { oldest_data_days: string };

export interface SettingsDraft {
  lowest_efficiency: string;
  oldest_days: string;
  widest_gap_hours: string;
  stale_days: string;
  allowances: AllowanceDraft[];
  vulnerabilities: PolicyDraft;
  trust: TrustDraft;
}

export type AllowanceProblem = 'check' | 'what' | 'reason' | 'twice';

export interface Problems {
  thresholds: Threshold[];
  /** By the row's key. */
  allowances: Map<number, AllowanceProblem[]>;
  /** The age of the data is no number within its limits. */
  dataAge: boolean;
  /** Of what is approved and trusted, by `list/key`. */
  trust: Map<string, RowProblem[]>;
  /** Fields and rows to mend, in each tab and in all. */
  tabs: Record<SettingsTab, number>;
  count: number;
}

export function toDraft(settings: SettingsView): SettingsDraft {
  return {
    lowest_efficiency: String(settings.lowest_efficiency),
    oldest_days: String(settings.oldest_days),
    widest_gap_hours: String(settings.widest_gap_hours),
    stale_days: String(settings.stale_days),
    allowances: settings.allowances.map((allowance, key) => ({ ...allowance, key })),
    vulnerabilities: {
      ...settings.vulnerabilities,
      oldest_data_days: String(settings.vulnerabilities.oldest_data_days),
    },
    trust: trustDraft(settings),
  };
}

/** A row for one more allowance. */
export function added(draft: SettingsDraft, check = ''): SettingsDraft {
  const key = Math.max(-1, ...draft.allowances.map((row) => row.key)) + 1;
  return { ...draft, allowances: [...draft.allowances, { key, check, what: '', reason: '' }] };
}

const whole = (text: string) => (/^\d+$/.test(text.trim()) ? Number(text.trim()) : null);

function isOutside(text: string, [low, high]: readonly [number, number]): boolean {
  const value = whole(text);
  return value === null || value < low || value > high;
}

export function problems(draft: SettingsDraft, checks: readonly string[] | null): Problems {
  const thresholds = THRESHOLDS.filter((name) => isOutside(draft[name], LIMITS[name]));
  const dataAge = isOutside(draft.vulnerabilities.oldest_data_days, DATA_AGE);
  const allowances = new Map<number, AllowanceProblem[]>();
  const seen = new Set<string>();
  for (const row of draft.allowances) {
    const found: AllowanceProblem[] = [];
    if (row.check === '' || (checks && !checks.includes(row.check))) found.push('check');
    if (row.what.trim() === '') found.push('what');
    if (row.reason.trim() === '') found.push('reason');
    const same = `${row.check}\n${row.what.trim()}`;
    if (row.check !== '' && row.what.trim() !== '' && seen.has(same)) found.push('twice');
    seen.add(same);
    if (found.length > 0) allowances.set(row.key, found);
  }
  const trust = trustProblems(draft.trust);
  const approved = [...trust.keys()].filter((at) =>
    (APPROVED_LISTS as readonly string[]).includes(at.slice(0, at.indexOf('/'))),
  ).length;
  const tabs = {
    checks: thresholds.length + allowances.size,
    vulnerabilities: Number(dataAge),
    approved,
    trust: trust.size - approved,
  };
  const count = tabs.checks + tabs.vulnerabilities + trust.size;
  return { thresholds, allowances, dataAge, trust, tabs, count };
}

/** What is saved; null while something is wrong. */
export function fromDraft(draft: SettingsDraft, checks: readonly string[] | null): SettingsView | null {
  if (problems(draft, checks).count > 0) return null;
  return {
    lowest_efficiency: Number(draft.lowest_efficiency),
    oldest_days: Number(draft.oldest_days),
    widest_gap_hours: Number(draft.widest_gap_hours),
    stale_days: Number(draft.stale_days),
    allowances: draft.allowances.map(({ check, what, reason }) => ({
      check,
      what: what.trim(),
      reason: reason.trim(),
    })),
    vulnerabilities: {
      ...draft.vulnerabilities,
      oldest_data_days: Number(draft.vulnerabilities.oldest_data_days),
    },
    ...fromTrustDraft(draft.trust),
  };
}

export function differs(draft: SettingsDraft, settings: SettingsView): boolean {
  const plain = (of: SettingsDraft) =>
    JSON.stringify([
      ...THRESHOLDS.map((name) => String(of[name]).trim()),
      of.allowances.map((row) => [row.check, row.what.trim(), row.reason.trim()]),
      { ...of.vulnerabilities, oldest_data_days: of.vulnerabilities.oldest_data_days.trim() },
      fromTrustDraft(of.trust),
    ]);
  return plain(draft) !== plain(toDraft(settings));
}
