// Registries: how a connection looks, the form that sets one up, and the names that a list offers.
import type { ConnectionView, ProbesView, RegistryRow, SubjectLine, TagImage } from './bindings';

export type Lock = 'trusted' | 'untrusted' | 'plain' | 'unreachable' | 'unknown';

/** What the probes saw of the connection; unknown before them. */
export function lockOf(probed: Pick<ProbesView, 'connection' | 'tls_problem'> | null): Lock {
  switch (probed?.connection) {
    case 'https':
      return probed.tls_problem === '' ? 'trusted' : 'untrusted';
    case 'plain-http':
      return 'plain';
    case 'unreachable':
      return 'unreachable';
    default:
      return 'unknown';
  }
}

/** The status whose mark and colour a connection has. */
export const lockStatus: Record<Lock, string> = {
  trusted: 'pass',
  untrusted: 'fail',
  plain: 'fail',
  unreachable: 'error',
  unknown: 'none',
};

export const lines = (text: string) =>
  text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter(Boolean);

/** A host as it is kept: what people paste with it is taken off. */
export function bareHost(text: string): string {
  return text
    .trim()
    .replace(/^(docker|oci|https?):\/\//i, '')
    .replace(/\/(v2\/?)?$/, '')
    .toLowerCase();
}

/** The form of a connection: as text. */
export interface ConnectionDraft {
  host: string;
  plain_http: boolean;
  ca: string;
  client_certificate: string;
  client_key: string;
  proxy: string;
  mirrors: string;
  trust_server: string;
  repositories: string;
  push_probe: boolean;
  delete_probe: boolean;
  keep_archive: boolean;
  consentBy: string;
}

export function connectionDraft(connection: ConnectionView | null): ConnectionDraft {
  return {
    host: connection?.host ?? '',
    plain_http: connection?.plain_http ?? false,
    ca: connection?.ca ?? '',
    client_certificate: connection?.client_certificate ?? '',
    client_key: connection?.client_key ?? '',
    proxy: connection?.proxy ?? '',
    mirrors: (connection?.mirrors ?? []).join('\n'),
    trust_server: connection?.trust_server ?? '',
    repositories: (connection?.repositories ?? []).join('\n'),
    push_probe: connection?.push_probe ?? false,
    delete_probe: connection?.delete_probe ?? false,
    keep_archive: connection?.keep_archive ?? false,
    consentBy: '',
  };
}

/** Whether a probe that writes is switched on for which nobody has consented yet. */
export function needsConsent(draft: ConnectionDraft, before: ConnectionView | null): boolean {
  const given = before !== null && before.consent !== '';
  return (
    (draft.push_probe && !(given && before.push_probe)) ||
    (draft.delete_probe && !(given && before.delete_probe))
  );
}

export type ConnectionProblem = 'host' | 'twice' | 'pair' | 'proxy' | 'server' | 'mirror' | 'consent';

const HOST = /^(\[[0-9a-f:]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:\d{1,5})?$/;
const secret = (address: string) => /^[^/]*\/\/[^/]*@/.test(address) || /^[^/]*@/.test(address);

export function connectionProblems(
  draft: ConnectionDraft,
  before: ConnectionView | null,
  hosts: readonly string[],
): ConnectionProblem[] {
  const found: ConnectionProblem[] = [];
  const host = bareHost(draft.host);
  if (!HOST.test(host)) found.push('host');
  else if (!before && hosts.includes(host)) found.push('twice');
  if ((draft.client_certificate.trim() === '') !== (draft.client_key.trim() === '')) found.push('pair');
  const proxy = draft.proxy.trim();
  if (proxy !== '' && (!/^(https?|socks5h?):\/\/./i.test(proxy) || secret(proxy))) found.push('proxy');
  if (secret(draft.trust_server.trim())) found.push('server');
  if (lines(draft.mirrors).some((mirror) => !HOST.test(bareHost(mirror)))) found.push('mirror');
  if (needsConsent(draft, before) && draft.consentBy.trim() === '') found.push('consent');
  return found;
}

/** What is saved; who consented is for the program to note. */
export function toConnection(draft: ConnectionDraft, before: ConnectionView | null): ConnectionView {
  return {
    host: before?.host ?? bareHost(draft.host),
    plain_http: draft.plain_http,
    ca: draft.ca.trim(),
    client_certificate: draft.client_certificate.trim(),
    client_key: draft.client_key.trim(),
    proxy: draft.proxy.trim(),
    mirrors: lines(draft.mirrors).map(bareHost),
    trust_server: draft.trust_server.trim(),
    repositories: lines(draft.repositories),
    push_probe: draft.push_probe,
    delete_probe: draft.delete_probe,
    consent: before?.consent ?? '',
    keep_archive: draft.keep_archive,
  };
}

/** How well a name fits a word: a part that is the word goes before one that begins with it; official images go first. */
function fit(name: string, word: string): number {
  if (name === word || name === `library/${word}`) return 0;
  const parts = name.split('/');
  if (parts.includes(word)) return 1;
  return parts.some((part) => part.startsWith(word)) ? 2 : 3;
}

/** Names that hold every word, the best fit for the first word before the others. */
export function named(rows: readonly string[], filter: string): readonly string[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const first = words[0];
  if (first === undefined) return rows;
  const ranks: string[][] = [[], [], [], []];
  for (const row of rows) {
    const name = row.toLowerCase();
    if (words.every((word) => name.includes(word))) ranks[fit(name, first)]!.push(row);
  }
  return ranks.flat();
}

/** A repository with a tag, as a reference. */
export const referenceOf = (host: string, repository: string, tag: string) => `${host}/${repository}:${tag}`;

export const sourceOf = (reference: string) => `docker://${reference}`;

/** The subject that an image already is; undefined if it is none. */
export function subjectOf(
  subjects: readonly SubjectLine[],
  reference: string,
  image: Pick<TagImage, 'platform'>,
): SubjectLine | undefined {
  return subjects.find(
    (line) =>
      line.source === sourceOf(reference) &&
      (line.platform === null || image.platform === '' || line.platform === image.platform),
  );
}

/** The platforms that are proposed: the only one, else Linux on x86-64. */
export function proposed(images: readonly TagImage[]): string[] {
  if (images.length === 1) return [images[0]!.digest];
  const usual = images.find((image) => image.platform === 'linux/amd64');
  return usual ? [usual.digest] : [];
}

export const rowOf = (rows: readonly RegistryRow[], host: string) =>
  rows.find((row) => row.connection.host === host);
