// Registries and trust without a window: locks, forms, filters, the drawing of a chain, PEM, and what is trusted.
import { describe, expect, it } from 'vitest';
import type { ConnectionView, SettingsView, SubjectLine, TagImage } from '../src/lib/bindings';
import { absence, restsOnTrust } from '../src/lib/jump';
import { Mock } from '../src/lib/mock';
import { connection } from '../src/lib/mock-registries';
import { pemKinds, pemProblem } from '../src/lib/pem';
import {
  bareHost,
  connectionDraft,
  connectionProblems,
  lines,
  lockOf,
  named,
  needsConsent,
  proposed,
  referenceOf,
  sourceOf,
  subjectOf,
  toConnection,
} from '../src/lib/registries';
import { differs, fromDraft, problems, toDraft } from '../src/lib/settings';
import { trustDraft, trustProblems, withRow } from '../src/lib/settings-trust';
import {
  answerMark,
  BOX,
  brokenAt,
  chainLayout,
  GAP,
  glance,
  isLong,
  linkState,
  markOf,
  provesAbsence,
  readable,
  shortValue,
  unanswered,
} from '../src/lib/trust';

const KEY = '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----';
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';

describe('a connection', () => {
  it('is trusted only over TLS without a problem', () => {
    expect(lockOf(null)).toBe('unknown');
    expect(lockOf({ connection: 'https', tls_problem: '' })).toBe('trusted');
    expect(lockOf({ connection: 'https', tls_problem: 'expired' })).toBe('untrusted');
    expect(lockOf({ connection: 'plain-http', tls_problem: '' })).toBe('plain');
    expect(lockOf({ connection: 'unreachable', tls_problem: '' })).toBe('unreachable');
    expect(lockOf({ connection: 'something new', tls_problem: '' })).toBe('unknown');
  });

  it('takes a host as people paste it', () => {
    expect(bareHost(' https://Registry.Example.com/ ')).toBe('registry.example.com');
    expect(bareHost('http://127.0.0.1:5000/v2/')).toBe('127.0.0.1:5000');
    expect(bareHost('docker://docker.io')).toBe('docker.io');
  });

  const wrong = (change: Partial<ReturnType<typeof connectionDraft>>, before: ConnectionView | null = null) =>
    connectionProblems({ ...connectionDraft(before), host: 'r.example.com', ...change }, before, [
      'docker.io',
    ]);

  it('wants a host, once, and no secrets in addresses', () => {
    expect(wrong({})).toEqual([]);
    for (const host of ['', 'a b', 'r.example.com/team', 'alice@r.example.com', 'r.example.com:port'])
      expect(wrong({ host }), host).toEqual(['host']);
    for (const host of ['localhost:5000', '127.0.0.1', '[::1]:5000', 'r-1.example.com'])
      expect(wrong({ host }), host).toEqual([]);
    expect(wrong({ host: 'docker.io' })).toEqual(['twice']);
    expect(wrong({ proxy: 'http://alice:secret@proxy:3128' })).toEqual(['proxy']);
    expect(wrong({ proxy: 'proxy:3128' })).toEqual(['proxy']);
    expect(wrong({ proxy: 'http://proxy:3128' })).toEqual([]);
    expect(wrong({ trust_server: 'https://alice:secret@notary' })).toEqual(['server']);
    expect(wrong({ mirrors: 'https://mirror.example.net/\nmirror two' })).toEqual(['mirror']);
  });

  it('wants certificate and key together', () => {
    expect(wrong({ client_certificate: '/c.pem' })).toEqual(['pair']);
    expect(wrong({ client_certificate: '/c.pem', client_key: '/k.pem' })).toEqual([]);
  });

  it('wants a name for each probe that writes, once', () => {
    expect(wrong({ push_probe: true })).toEqual(['consent']);
    expect(wrong({ push_probe: true, consentBy: 'Jonas Weber' })).toEqual([]);
    const before = connection('r.example.com', { push_probe: true, consent: 'Jonas Weber, 2025-11-18' });
    expect(needsConsent(connectionDraft(before), before)).toBe(false);
    expect(needsConsent({ ...connectionDraft(before), delete_probe: true }, before)).toBe(true);
    // A consent that nobody is named for is none.
    const nobody = { ...before, consent: '' };
    expect(needsConsent(connectionDraft(nobody), nobody)).toBe(true);
  });

  it('is the same there and back', () => {
    const before = connection('r.example.com', {
      plain_http: true,
      ca: '/ca.pem',
      mirrors: ['a.example.net', 'b.example.net:5000'],
      repositories: ['team/app'],
      delete_probe: true,
      consent: 'Jonas Weber, 2025-11-18',
    });
    expect(toConnection(connectionDraft(before), before)).toEqual(before);
    expect(lines(' a\n\n b , c ')).toEqual(['a', 'b', 'c']);
  });
});

describe('names that a registry offers', () => {
  it('are filtered by every word, the best fit first', () => {
    const rows = ['bitnami/nginx', 'library/nginx', 'nginx/ingress', 'team/nginx-proxy', 'xnginx'];
    expect(named(rows, 'NGINX')).toEqual([
      'library/nginx',
      'bitnami/nginx',
      'nginx/ingress',
      'team/nginx-proxy',
      'xnginx',
    ]);
    expect(named(rows, 'nginx team')).toEqual(['team/nginx-proxy']);
    expect(named(rows, '  ')).toBe(rows);
    expect(named(['1.27', '1.2', '1.27-alpine'], '1.27')).toEqual(['1.27', '1.27-alpine']);
  });

  it('become references, and know the subjects that they are', () => {
    const reference = referenceOf('r.example.com:5000', 'team/app', '1.0');
    expect(reference).toBe('r.example.com:5000/team/app:1.0');
    const line = { source: sourceOf(reference), platform: 'linux/amd64', label: 'S1' } as SubjectLine;
    expect(subjectOf([line], reference, { platform: 'linux/amd64' })).toBe(line);
    expect(subjectOf([line], reference, { platform: 'linux/arm64' })).toBeUndefined();
    expect(subjectOf([line], reference, { platform: '' })).toBe(line);
    expect(subjectOf([line], `${reference}-x`, { platform: 'linux/amd64' })).toBeUndefined();
  });

  it('propose one platform, and none when none is usual', () => {
    const image = (platform: string): TagImage => ({ platform, digest: platform, size: '', layers: 1 });
    expect(proposed([image('linux/s390x')])).toEqual(['linux/s390x']);
    expect(proposed([image('linux/arm64'), image('linux/amd64')])).toEqual(['linux/amd64']);
    expect(proposed([image('windows/amd64'), image('linux/arm64')])).toEqual([]);
    expect(proposed([])).toEqual([]);
  });
});

describe('tones', () => {
  it('have marks of their own, and what is not known is no pass', () => {
    expect(['good', 'bad', 'open', 'unknown', 'neutral', 'none', 'new'].map(markOf)).toEqual([
      'pass',
      'fail',
      'undecided',
      'undecided',
      'none',
      'none',
      'none',
    ]);
    expect(['found', 'absent', 'refused', 'failed', 'not-tried'].map(answerMark)).toEqual([
      'pass',
      'none',
      'error',
      'error',
      'undecided',
    ]);
  });

  it('prove an absence only when each place said so', () => {
    const answers = (...all: string[]) => all.map((answer) => ({ answer }));
    expect(provesAbsence(answers('absent', 'absent'))).toBe(true);
    expect(provesAbsence(answers('absent', 'failed'))).toBe(false);
    expect(provesAbsence(answers('absent', 'found'))).toBe(false);
    expect(provesAbsence([])).toBe(false);
    expect(unanswered(answers('absent', 'failed', 'refused', 'not-tried', 'found'))).toBe(3);
  });

  it('are counted at a glance', () => {
    const one = { name: 'cosign', tone: 'good', label: 'Verified' };
    expect(glance([one, one, { ...one, tone: 'bad', label: 'Invalid' }])).toEqual([
      { ...one, n: 2 },
      { name: 'cosign', tone: 'bad', label: 'Invalid', n: 1 },
    ]);
  });
});

describe('the drawing of a chain', () => {
  it('fits its width and leaves no straggler', () => {
    for (let count = 2; count <= 9; count += 1)
      for (const width of [200, 420, 640, 812, 1160, 1900]) {
        const { columns, rows } = chainLayout(count, width);
        const where = `${count} in ${width}`;
        expect(columns * rows, where).toBeGreaterThanOrEqual(count);
        expect(columns * (rows - 1), where).toBeLessThan(count);
        if (columns > 1) expect(columns * (BOX + GAP) - GAP, where).toBeLessThanOrEqual(width);
        // Even rows: the last lacks fewer boxes than there are rows.
        expect(columns * rows - count, where).toBeLessThan(rows);
        expect(columns, where).toBeLessThanOrEqual(5);
      }
    expect(chainLayout(7, 812)).toEqual({ columns: 4, rows: 2 });
    expect(chainLayout(9, 1160)).toEqual({ columns: 5, rows: 2 });
    expect(chainLayout(0, 800)).toEqual({ columns: 1, rows: 0 });
  });

  it('knows what holds, what is broken and what was not reached', () => {
    expect([true, false, null].map((holds) => linkState({ holds }))).toEqual([
      'holds',
      'broken',
      'unreached',
    ]);
    expect(brokenAt([{ holds: true }, { holds: false }, { holds: null }])).toBe(1);
    expect(brokenAt([{ holds: true }, { holds: null }])).toBe(-1);
  });

  it('shortens hashes and dates, and nothing else', () => {
    const hash = 'ab'.repeat(32);
    expect(shortValue(`sha256:${hash}`)).toBe('abababababab…');
    expect(shortValue(`2, ${hash}`)).toBe('2, abababababab…');
    expect(shortValue('2035-05-31T12:00:00Z')).toBe('2035-05-31');
    expect(shortValue('ECDSA P-256')).toBe('ECDSA P-256');
    expect(readable('TLS 1.3')).toBe('TLS 1.3');
    expect(readable('ECDSA P-256')).toBe('ECDSA P-256');
    expect(readable('2035-05-31T12:00:00Z')).toMatch(/^2035-05-31 \d\d:00$/);
    expect(isLong(hash)).toBe(true);
    expect(isLong('C=DE, O=ACME Payments GmbH & Co. KG, CN=Root')).toBe(false);
  });
});

describe('a PEM text', () => {
  it('is told by its headings', () => {
    expect(pemKinds(`${KEY}\n${CERTIFICATE}\n${CERTIFICATE}`)).toEqual({
      keys: 1,
      certificates: 2,
      secrets: 0,
      others: 0,
    });
    expect(pemKinds('-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----').secrets).toBe(1);
    expect(pemKinds('-----BEGIN PGP MESSAGE-----').others).toBe(1);
    expect(pemKinds('nothing')).toEqual({ keys: 0, certificates: 0, secrets: 0, others: 0 });
  });

  it('is refused when it is secret, missing or another thing', () => {
    expect(pemProblem(KEY, 'key')).toBeNull();
    expect(pemProblem('', 'key')).toBe('pem-missing');
    expect(pemProblem('', 'certificate', false)).toBeNull();
    expect(pemProblem(CERTIFICATE, 'key')).toBe('pem-key');
    expect(pemProblem(`${KEY}\n${KEY}`, 'key')).toBe('pem-key');
    expect(pemProblem(KEY, 'certificate')).toBe('pem-certificate');
    expect(pemProblem(`${CERTIFICATE}\n${CERTIFICATE}`, 'certificate')).toBeNull();
    expect(pemProblem(`${CERTIFICATE}\n-----BEGIN RSA PRIVATE KEY-----`, 'certificate')).toBe('pem-secret');
  });
});

describe('what is approved and trusted', () => {
  const settings: SettingsView = {
    ...new Mock().settings,
    approved_bases: [{ what: 'r.example.com/base/*', reason: 'Agreed.' }],
    approved_registries: [{ what: 'r.example.com', reason: 'Agreed.' }],
    trust: {
      keys: [{ name: 'release', pem: KEY, scope: '' }],
      identities: [{ name: 'ci', subject: 'ci@example.com', issuer: '', roots: CERTIFICATE, scope: '' }],
      logs: [{ name: 'rekor', pem: KEY, scope: '' }],
      notation: [
        {
          name: 'all',
          registry_scopes: ['*'],
          level: 'strict',
          roots: CERTIFICATE,
          authority_roots: '',
          trusted_identities: ['x509.subject: C=DE, O=Example, CN=A', 'x509.subject: C=DE, O=Example, CN=B'],
        },
      ],
      notary: [{ gun: 'docker.io/acme/*', ca: '', key_ids: ['ab'.repeat(32)] }],
    },
  };
  const draft = trustDraft(settings);
  const wrong = (change: Partial<typeof draft>) =>
    Object.fromEntries([...trustProblems({ ...draft, ...change })].map(([at, found]) => [at, found]));

  it('is the same there and back', () => {
    expect(problems(toDraft(settings), null).count).toBe(0);
    expect(fromDraft(toDraft(settings), null)).toEqual(settings);
    expect(differs(toDraft(settings), settings)).toBe(false);
    const typed = toDraft(settings);
    expect(
      differs({ ...typed, trust: { ...typed.trust, keys: withRow(typed.trust.keys, 'keys') } }, settings),
    ).toBe(true);
  });

  it('wants what each row needs', () => {
    expect(wrong({})).toEqual({});
    expect(wrong({ approved_bases: withRow(draft.approved_bases, 'approved_bases') })).toEqual({
      'approved_bases/1': ['what', 'reason'],
    });
    expect(wrong({ keys: withRow(draft.keys, 'keys') })).toEqual({ 'keys/1': ['name', 'pem-missing'] });
    expect(wrong({ identities: withRow(draft.identities, 'identities') })).toEqual({
      'identities/1': ['name', 'subject', 'pem-missing'],
    });
    expect(wrong({ notary: withRow(draft.notary, 'notary') })).toEqual({ 'notary/1': ['gun', 'pin'] });
    expect(wrong({ notary: [{ ...draft.notary[0]!, key_ids: 'abc' }] })).toEqual({ 'notary/0': ['key-ids'] });
    expect(wrong({ keys: [...draft.keys, { ...draft.keys[0]!, key: 9 }] })).toEqual({ 'keys/9': ['twice'] });
  });

  it('holds Notation to its own rules', () => {
    const policy = draft.notation[0]!;
    const found = (change: Partial<typeof policy>) =>
      wrong({ notation: [{ ...policy, ...change }] })['notation/0'] ?? [];
    expect(found({ registry_scopes: 'r.example.com/*' })).toEqual(['scopes']);
    expect(found({ registry_scopes: '*\nr.example.com/a' })).toEqual(['scopes']);
    expect(found({ registry_scopes: 'r.example.com/a\nr.example.com/b' })).toEqual([]);
    expect(found({ trusted_identities: '*' })).toEqual([]);
    expect(found({ trusted_identities: '*\nx509.subject: CN=A' })).toEqual(['identities']);
    expect(found({ trusted_identities: 'CN=A' })).toEqual(['identities']);
    expect(found({ level: 'skip', roots: '', trusted_identities: '' })).toEqual([]);
  });

  it('is counted for its own part of the form', () => {
    const typed = toDraft(settings);
    const found = problems(
      {
        ...typed,
        trust: {
          ...typed.trust,
          approved_registries: withRow(typed.trust.approved_registries, 'approved_registries'),
          logs: withRow(typed.trust.logs, 'logs'),
        },
      },
      null,
    );
    expect(found.tabs).toEqual({ checks: 0, vulnerabilities: 0, approved: 1, trust: 1 });
    expect(found.count).toBe(2);
  });
});

describe('the trust page', () => {
  const line = { kind: 'image', collected: true, error: null } as SubjectLine;

  it('is there for images and for Dockerfiles', () => {
    expect(absence('trust', line, null)).toBeNull();
    expect(absence('trust', { ...line, kind: 'dockerfile' }, null)).toBeNull();
    expect(absence('trust', { ...line, kind: 'compose' }, null)).toBe('not-image');
    expect(absence('trust', { ...line, collected: false }, null)).toBe('not-read');
    expect(['A1', 'A2', 'C1'].every(restsOnTrust)).toBe(true);
    expect(restsOnTrust('C2')).toBe(false);
  });
});
