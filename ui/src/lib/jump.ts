// From an observation to the evidence that it rests on, and why a part of the evidence is not there.
import type { ObservationView, SubjectLine, SubjectView } from './bindings';

export const SUBJECT_TABS = [
  'overview',
  'files',
  'packages',
  'vulnerabilities',
  'config',
  'source',
  'trust',
  'services',
] as const;
export type SubjectTab = (typeof SUBJECT_TABS)[number];

export type Jump =
  | { tab: 'files'; path: string; layer: string }
  | { tab: 'config'; field: string }
  | { tab: 'source'; file: string; line: number }
  | { tab: 'trust' };

/** Where the evidence of an observation lies; null if it names no place. */
export function jumpOf(
  seen: Pick<ObservationView, 'location_kind' | 'location' | 'line' | 'layer'>,
): Jump | null {
  if (seen.location === '') return null;
  switch (seen.location_kind) {
    case 'file':
      return { tab: 'source', file: seen.location, line: seen.line };
    case 'layer':
      return { tab: 'files', path: seen.location, layer: seen.layer };
    case 'field':
      return { tab: 'config', field: seen.location };
    default:
      return null;
  }
}

/** Whether a use case rests on signatures and origin, so that the trust page is its evidence. */
export const restsOnTrust = (useCase: string) => ['A1', 'A2', 'C1'].includes(useCase);

const base = (path: string) => path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);

/** Whether a file that an observation names is the one whose text is shown. */
export const sameFile = (a: string, b: string) => a === b || base(a) === base(b);

/** Why a tab has nothing to show; null if it has. */
export type Absence = 'unreadable' | 'not-read' | 'not-image' | 'not-recorded' | 'no-source';

export function absence(tab: SubjectTab, line: SubjectLine, view: SubjectView | null): Absence | null {
  if (tab === 'overview') return null;
  const fits =
    line.kind === 'image' ||
    (line.kind === 'sbom' ? ['packages', 'vulnerabilities'].includes(tab) : tab === 'source') ||
    (tab === 'trust' && line.kind === 'dockerfile') ||
    (tab === 'services' && line.kind === 'compose');
  if (!fits) return 'not-image';
  if (!line.collected) return line.error === null ? 'not-read' : 'unreadable';
  if (!view) return null;
  if (tab === 'source' && !view.text) return 'no-source';
  if (tab === 'files' && !view.browsable) return 'not-recorded';
  if (tab === 'packages' && line.kind !== 'sbom' && !view.browsable && view.packages === 0)
    return 'not-recorded';
  return null;
}
