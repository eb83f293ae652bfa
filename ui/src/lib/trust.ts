// What signatures and lookups look like: tones as marks, the drawing of a chain, values cut for a box.
import type { ChainLinkView, LookupView, TrustSection, VerdictView } from './bindings';
import { dateTime, day } from './format';

/** The mark of a tone: `good`, `bad`, `open`, `unknown`, `neutral`, `none`. */
export function markOf(tone: string): string {
  switch (tone) {
    case 'good':
      return 'pass';
    case 'bad':
      return 'fail';
    case 'open':
    case 'unknown':
      return 'undecided';
    default:
      return 'none';
  }
}

/** The mark of how a place answered: what could not be read is an error, never an absence. */
export function answerMark(answer: string): string {
  switch (answer) {
    case 'found':
      return 'pass';
    case 'refused':
    case 'failed':
      return 'error';
    case 'not-tried':
      return 'undecided';
    default:
      return 'none';
  }
}

export type LinkState = 'holds' | 'broken' | 'unreached';

export function linkState(link: Pick<ChainLinkView, 'holds'>): LinkState {
  if (link.holds === null) return 'unreached';
  return link.holds ? 'holds' : 'broken';
}

/** Where the chain breaks; -1 if it does not. */
export const brokenAt = (chain: readonly Pick<ChainLinkView, 'holds'>[]) =>
  chain.findIndex((link) => link.holds === false);

export interface ChainLayout {
  columns: number;
  rows: number;
}

/** The narrowest that a box stays readable, and the space between boxes that holds the arrow, in pixels. */
export const BOX = 176;
export const GAP = 30;
const MOST = 5;

/** How many boxes stand in a row: as many as fit, spread evenly so that no last row holds a single straggler. */
export function chainLayout(count: number, width: number): ChainLayout {
  if (count <= 0) return { columns: 1, rows: 0 };
  const fit = Math.min(MOST, Math.max(1, Math.floor((width + GAP) / (BOX + GAP))));
  const rows = Math.ceil(count / fit);
  return { columns: Math.ceil(count / rows), rows };
}

const HEX = /^(sha256:)?[0-9a-f]{32,}$/i;
const DATE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/;

/** A value as a box has room for it: the beginning of a hash, the day of a date. */
export function shortValue(value: string): string {
  return value
    .split(/(,\s*|\s+)/)
    .map((part) => {
      if (HEX.test(part)) return `${part.replace(/^sha256:/i, '').slice(0, 12)}…`;
      return DATE.test(part) ? day(part) : part;
    })
    .join('');
}

/** A value as it is read: a date in local time, anything else as it is. */
export const readable = (value: string) => (DATE.test(value) ? dateTime(value) : value);

/** Whether a value is for a machine: shown in its own letters, and to be copied. */
export const isLong = (value: string) => value.length > 32 && !/\s\S+\s/.test(value);

export interface Glance {
  name: string;
  tone: string;
  label: string;
  /** How many verdicts say the same. */
  n: number;
}

/** The verdicts of a section in a line: the same scheme with the same label is counted. */
export function glance(verdicts: readonly Pick<VerdictView, 'name' | 'tone' | 'label'>[]): Glance[] {
  const found: Glance[] = [];
  for (const { name, tone, label } of verdicts) {
    const same = found.find((one) => one.name === name && one.label === label && one.tone === tone);
    if (same) same.n += 1;
    else found.push({ name, tone, label, n: 1 });
  }
  return found;
}

/** Whether everywhere it was looked, the places themselves said that nothing is there: only that proves an absence. */
export function provesAbsence(lookups: readonly Pick<LookupView, 'answer'>[]): boolean {
  return lookups.length > 0 && lookups.every((lookup) => lookup.answer === 'absent');
}

/** How many places could not be asked or did not answer. */
export const unanswered = (lookups: readonly Pick<LookupView, 'answer'>[]) =>
  lookups.filter((lookup) => !['found', 'absent'].includes(lookup.answer)).length;

export const hasNothing = (section: TrustSection) =>
  section.verdicts.length === 0 && section.lookups.length === 0;
