// What the auditor trusts and the client approves, while it is typed: lists as text, with what is wrong about each row.
import type { ApprovedView, SettingsView, TrustPolicyView } from './bindings';
import { pemProblem, type PemProblem } from './pem';
import { lines } from './registries';

/** Tells the rows of a list apart while they are edited. */
export interface Keyed {
  key: number;
}
export type ApprovedDraft = ApprovedView & Keyed;
export interface KeyDraft extends Keyed {
  name: string;
  pem: string;
  scope: string;
}
export interface IdentityDraft extends Keyed {
  name: string;
  subject: string;
  issuer: string;
  roots: string;
  scope: string;
}
export interface NotationDraft extends Keyed {
  name: string;
  registry_scopes: string;
  level: string;
  roots: string;
  authority_roots: string;
  trusted_identities: string;
}
export interface NotaryDraft extends Keyed {
  gun: string;
  ca: string;
  key_ids: string;
}

export interface TrustDraft {
  approved_bases: ApprovedDraft[];
  approved_registries: ApprovedDraft[];
  keys: KeyDraft[];
  identities: IdentityDraft[];
  logs: KeyDraft[];
  notation: NotationDraft[];
  notary: NotaryDraft[];
}

export const APPROVED_LISTS = ['approved_bases', 'approved_registries'] as const;
export const MATERIAL_LISTS = ['keys', 'identities', 'logs', 'notation', 'notary'] as const;
export const TRUST_LISTS = [...APPROVED_LISTS, ...MATERIAL_LISTS] as const;
export type TrustList = (typeof TRUST_LISTS)[number];
export type TrustRow = TrustDraft[TrustList][number];
export const LEVELS = ['strict', 'permissive', 'audit', 'skip'] as const;

export type RowProblem =
  | 'what'
  | 'reason'
  | 'name'
  | 'twice'
  | 'subject'
  | 'scopes'
  | 'identities'
  | 'gun'
  | 'pin'
  | 'key-ids'
  | PemProblem;

const keyed = <T extends object>(rows: readonly T[]): (T & Keyed)[] =>
  rows.map((row, key) => ({ ...row, key }));

export function trustDraft(
  settings: Pick<SettingsView, 'approved_bases' | 'approved_registries' | 'trust'>,
): TrustDraft {
  const { trust } = settings;
  return {
    approved_bases: keyed(settings.approved_bases),
    approved_registries: keyed(settings.approved_registries),
    keys: keyed(trust.keys),
    identities: keyed(trust.identities),
    logs: keyed(trust.logs),
    notation: keyed(
      trust.notation.map((row) => ({
        ...row,
        registry_scopes: row.registry_scopes.join('\n'),
        trusted_identities: row.trusted_identities.join('\n'),
      })),
    ),
    notary: keyed(trust.notary.map((row) => ({ ...row, key_ids: row.key_ids.join('\n') }))),
  };
}

const BLANK = {
  approved_bases: { what: '', reason: '' },
  approved_registries: { what: '', reason: '' },
  keys: { name: '', pem: '', scope: '' },
  identities: { name: '', subject: '', issuer: '', roots: '', scope: '' },
  logs: { name: '', pem: '', scope: '' },
  notation: {
    name: '',
    registry_scopes: '',
    level: 'strict',
    roots: '',
    authority_roots: '',
    trusted_identities: '',
  },
  notary: { gun: '', ca: '', key_ids: '' },
} as const satisfies { [L in TrustList]: Omit<TrustDraft[L][number], 'key'> };

/** A list with one more row. */
export function withRow<L extends TrustList>(rows: TrustDraft[L], list: L): TrustDraft[L] {
  const key = Math.max(-1, ...rows.map((row) => row.key)) + 1;
  return [...rows, { ...BLANK[list], key }] as TrustDraft[L];
}

/** Identities hold commas (`x509.subject: C=DE, O=…`), so each stands in a line of its own. */
const ownLines = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

const isKeyId = (text: string) => /^[0-9a-f]{64}$/i.test(text);

function rowProblems(list: TrustList, row: TrustRow): RowProblem[] {
  const found: RowProblem[] = [];
  const empty = (text: string) => text.trim() === '';
  const pem = (problem: PemProblem | null) => {
    if (problem) found.push(problem);
  };
  switch (list) {
    case 'approved_bases':
    case 'approved_registries': {
      const approved = row as ApprovedDraft;
      if (empty(approved.what)) found.push('what');
      if (empty(approved.reason)) found.push('reason');
      break;
    }
    case 'keys':
    case 'logs': {
      const key = row as KeyDraft;
      if (empty(key.name)) found.push('name');
      pem(pemProblem(key.pem, 'key'));
      break;
    }
    case 'identities': {
      const identity = row as IdentityDraft;
      if (empty(identity.name)) found.push('name');
      if (empty(identity.subject)) found.push('subject');
      pem(pemProblem(identity.roots, 'certificate'));
      break;
    }
    case 'notation': {
      const policy = row as NotationDraft;
      if (empty(policy.name)) found.push('name');
      const scopes = lines(policy.registry_scopes);
      // The specification wants repositories in full, or one star alone.
      if (
        scopes.length === 0 ||
        scopes.some((scope) => scope.includes('*') && (scopes.length > 1 || scope !== '*'))
      )
        found.push('scopes');
      if (policy.level === 'skip') break;
      // One of the two stores must hold something; the other may be empty.
      pem(pemProblem(policy.roots, 'certificate', empty(policy.authority_roots)));
      pem(pemProblem(policy.authority_roots, 'certificate', false));
      const identities = ownLines(policy.trusted_identities);
      if (
        identities.length === 0 ||
        identities.some((one) => one !== '*' && !one.startsWith('x509.subject:')) ||
        (identities.includes('*') && identities.length > 1)
      )
        found.push('identities');
      break;
    }
    case 'notary': {
      const pin = row as NotaryDraft;
      if (empty(pin.gun)) found.push('gun');
      const ids = lines(pin.key_ids);
      if (empty(pin.ca) && ids.length === 0) found.push('pin');
      pem(pemProblem(pin.ca, 'certificate', false));
      if (ids.some((id) => !isKeyId(id))) found.push('key-ids');
    }
  }
  return found;
}

const titleOf = (row: TrustRow): string =>
  ('what' in row ? row.what : 'gun' in row ? row.gun : row.name).trim();

/** What is wrong, by `list/key`. */
export function trustProblems(draft: TrustDraft): Map<string, RowProblem[]> {
  const all = new Map<string, RowProblem[]>();
  for (const list of TRUST_LISTS) {
    const seen = new Set<string>();
    for (const row of draft[list]) {
      const found = rowProblems(list, row);
      const same = titleOf(row);
      if (same !== '' && seen.has(same)) found.push('twice');
      seen.add(same);
      if (found.length > 0) all.set(`${list}/${row.key}`, found);
    }
  }
  return all;
}

export function fromTrustDraft(
  draft: TrustDraft,
): Pick<SettingsView, 'approved_bases' | 'approved_registries' | 'trust'> {
  const approved = (rows: ApprovedDraft[]) =>
    rows.map(({ what, reason }) => ({ what: what.trim(), reason: reason.trim() }));
  const keys = (rows: KeyDraft[]) =>
    rows.map(({ name, pem, scope }) => ({ name: name.trim(), pem: pem.trim(), scope: scope.trim() }));
  const trust: TrustPolicyView = {
    keys: keys(draft.keys),
    identities: draft.identities.map((row) => ({
      name: row.name.trim(),
      subject: row.subject.trim(),
      issuer: row.issuer.trim(),
      roots: row.roots.trim(),
      scope: row.scope.trim(),
    })),
    logs: keys(draft.logs),
    notation: draft.notation.map((row) => ({
      name: row.name.trim(),
      registry_scopes: lines(row.registry_scopes),
      level: row.level,
      roots: row.roots.trim(),
      authority_roots: row.authority_roots.trim(),
      trusted_identities: ownLines(row.trusted_identities),
    })),
    notary: draft.notary.map((row) => ({
      gun: row.gun.trim(),
      ca: row.ca.trim(),
      key_ids: lines(row.key_ids).map((id) => id.toLowerCase()),
    })),
  };
  return {
    approved_bases: approved(draft.approved_bases),
    approved_registries: approved(draft.approved_registries),
    trust,
  };
}
