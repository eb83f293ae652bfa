// The stand-in's trust pages: signed, signed for another digest, tampered with, unsigned, not reachable. Not in the product.
import type * as B from './bindings';
import type { Both, Say } from './mock-registries';

type Hash = (seed: string) => string;

const words: Record<string, string> = {
  version: 'Version',
  expires: 'läuft ab',
  keys: 'Schlüssel',
  threshold: 'nötig',
  signed: 'signiert',
  length: 'Länge',
  hash: 'Hash',
  key: 'Schlüssel',
  pinned: 'gepinnt',
  subject: 'Inhaber',
  issuer: 'Aussteller',
  valid: 'gültig',
  fingerprint: 'Fingerabdruck',
  algorithm: 'Verfahren',
  log: 'Protokoll',
  index: 'Index',
  entered: 'eingetragen',
  reference: 'Referenz',
  digest: 'Digest',
  expected: 'erwartet',
  found: 'gefunden',
  type: 'Art',
  targets: 'Ziele',
  delegated: 'übertragen von',
};

type Pairs = [string, string][];
type Link = [kind: string, title: string, details: Pairs, holds?: boolean | null, problem?: Both];

const empty = {
  place: '',
  digest: '',
  predicate: '',
  signers: [],
  signed_at: '',
  expires: '',
  chain: [],
  notes: [],
} satisfies Partial<B.VerdictView>;

/** Every page that the stand-in has, by the subject's kind and place in the sample. */
export function trustPage(line: B.SubjectLine, pins: B.PinView[], say: Say, sha: Hash): B.TrustPage {
  const hex = (seed: string) => sha(seed).slice(7);
  const links = (chain: Link[]): B.ChainLinkView[] =>
    chain.map(([kind, title, details, holds = true, problem]) => ({
      kind,
      title,
      details: details.map(([name, value]) => [say({ en: name, de: words[name] ?? name }), value]),
      holds,
      problem: problem ? say(problem) : '',
    }));
  const verdict = (
    scheme: string,
    name: string,
    state: string,
    tone: string,
    label: Both,
    reason: Both,
    more: Partial<B.VerdictView> = {},
  ): B.VerdictView => ({
    ...empty,
    scheme,
    name,
    state,
    tone,
    label: say(label),
    reason: say(reason),
    ...more,
  });
  const look = (name: string, place: string, answer: string, reason?: Both): B.LookupView => ({
    name,
    place,
    answer,
    reason: reason ? say(reason) : '',
  });
  const dct = 'Docker Content Trust';
  const home = 'registry.example.com:5000/payments/checkout-service';
  const notary = 'https://notary.example.com';
  const notice = say({
    en: 'Docker has ended Content Trust for its official images; signatures that were made remain readable and are no longer renewed. Plan the change to cosign or Notation.',
    de: 'Docker hat Content Trust für seine offiziellen Images beendet; vorhandene Signaturen bleiben lesbar und werden nicht mehr erneuert. Der Wechsel zu cosign oder Notation gehört geplant.',
  });
  const digest = line.digest ?? sha(line.source);

  const tuf = (broken: boolean): B.ChainLinkView[] => {
    const after = broken ? null : true;
    return links([
      [
        'anchor',
        say({ en: 'Pinned root', de: 'Gepinnte Wurzel' }),
        [
          ['pinned', '2025-06-02T08:11:40Z'],
          ['key', hex('rootkey')],
          ['version', '1'],
        ],
      ],
      [
        'role',
        'root',
        [
          ['version', '2'],
          ['expires', '2035-05-31T08:00:00Z'],
          ['threshold', '1'],
          ['signed', '2'],
          ['keys', hex('rootkey')],
          ['hash', hex('root')],
        ],
      ],
      [
        'role',
        'timestamp',
        [
          ['version', '412'],
          ['expires', '2025-12-05T08:11:40Z'],
          ['threshold', '1'],
          ['keys', hex('tskey')],
          ['hash', hex('ts')],
        ],
      ],
      [
        'role',
        'snapshot',
        [
          ['version', broken ? '96' : '118'],
          ['expires', '2028-11-20T08:11:40Z'],
          ['threshold', '1'],
          ['keys', hex('snapkey')],
          ['length', '1 014 B'],
          ['hash', hex('snap')],
        ],
        !broken,
        broken
          ? {
              en: 'The server shows version 96, but version 118 was seen on 18 November. It has gone back to an older state, or an old state is being passed off as the new one.',
              de: 'Der Server zeigt Version 96, am 18. November wurde aber Version 118 gesehen. Er ist auf einen älteren Stand zurückgefallen, oder ein alter Stand wird als der neue ausgegeben.',
            }
          : undefined,
      ],
      [
        'role',
        'targets',
        [
          ['version', '31'],
          ['expires', '2028-11-20T08:11:40Z'],
          ['threshold', '1'],
          ['keys', hex('targetskey')],
          ['length', '2 377 B'],
          ['hash', hex('targets')],
        ],
        after,
      ],
      [
        'role',
        'targets/releases',
        [
          ['version', '87'],
          ['delegated', 'targets'],
          ['threshold', '1'],
          ['keys', hex('alicekey')],
          ['targets', '42'],
          ['hash', hex('releases')],
        ],
        after,
      ],
      [
        'payload',
        line.name.slice(line.name.lastIndexOf(':') + 1),
        [
          ['length', '1 993 B'],
          ['hash', digest],
        ],
        after,
      ],
      [
        'digest',
        digest,
        [
          ['expected', digest],
          ['found', broken ? '' : digest],
        ].filter((pair) => pair[1] !== '') as Pairs,
        after,
      ],
    ]);
  };
  const signers: B.SignerView[] = [
    { name: 'alice', keys: [hex('alicekey')], issuer: '', not_after: '2028-11-20T08:11:40Z' },
    { name: 'Repo Admin', keys: [hex('targetskey')], issuer: '', not_after: '2028-11-20T08:11:40Z' },
  ];

  const debian: B.TrustSection = {
    title: say({ en: 'Base image debian:latest', de: 'Basis-Image debian:latest' }),
    named_by: say({ en: 'by the Dockerfile, lines 2 and 11', de: 'vom Dockerfile, Zeilen 2 und 11' }),
    reference: 'docker.io/library/debian:latest',
    digests: [sha('debian-index'), sha('debian-amd64')],
    at: '2025-11-21T09:13:31Z',
    official: say({
      en: 'It is an official image of Docker, and its layers are those that Docker Hub serves for this tag.',
      de: 'Es ist ein offizielles Image von Docker, und seine Schichten sind die, die Docker Hub zu diesem Tag liefert.',
    }),
    official_tone: 'good',
    verdicts: [
      verdict(
        'content-trust',
        dct,
        'unsigned',
        'none',
        { en: 'Not signed', de: 'Nicht signiert' },
        {
          en: 'The trust server of Docker Hub answered that it has no trust data for this repository.',
          de: 'Der Trust-Server von Docker Hub antwortete, dass er zu diesem Repository keine Vertrauensdaten hat.',
        },
        { place: 'https://notary.docker.io docker.io/library/debian' },
      ),
      verdict(
        'cosign',
        'cosign',
        'unsigned',
        'none',
        { en: 'Not signed', de: 'Nicht signiert' },
        {
          en: 'Neither a signature tag nor a referrer was found; the registry said so itself.',
          de: 'Weder ein Signatur-Tag noch ein Verweis wurde gefunden; das sagte die Registry selbst.',
        },
        { place: 'docker.io/library/debian' },
      ),
    ],
    lookups: [
      look(dct, 'https://notary.docker.io/v2/docker.io/library/debian/_trust/tuf/root.json', 'absent'),
      look('cosign', `docker.io/library/debian:sha256-${hex('debian-amd64')}.sig`, 'absent'),
      look('cosign', `docker.io/library/debian:sha256-${hex('debian-amd64')}.att`, 'absent'),
      look(
        'Notation',
        `https://registry-1.docker.io/v2/library/debian/referrers/${sha('debian-amd64')}`,
        'absent',
      ),
    ],
  };

  const node: B.TrustSection = {
    title: say({ en: 'Base image base/node:20', de: 'Basis-Image base/node:20' }),
    named_by: say({ en: 'by the annotation of the image', de: 'von der Annotation des Images' }),
    reference: 'mirror.example.net/base/node:20',
    digests: [],
    at: '',
    official: '',
    official_tone: 'none',
    verdicts: [
      verdict(
        'content-trust',
        dct,
        'unreachable',
        'open',
        { en: 'Not known', de: 'Nicht bekannt' },
        {
          en: 'The trust server mirror-notary.example.net did not answer within 10 s, so nothing is known.',
          de: 'Der Trust-Server mirror-notary.example.net antwortete nicht innerhalb von 10 s; es ist nichts bekannt.',
        },
        { place: 'https://mirror-notary.example.net mirror.example.net/base/node' },
      ),
    ],
    lookups: [
      look(
        dct,
        'https://mirror-notary.example.net/v2/mirror.example.net/base/node/_trust/tuf/root.json',
        'failed',
        {
          en: 'No answer within 10 s.',
          de: 'Keine Antwort innerhalb von 10 s.',
        },
      ),
      look('cosign', 'mirror.example.net/base/node:20', 'refused', {
        en: '401 Unauthorized: the registry wants a sign-in.',
        de: '401 Unauthorized: Die Registry verlangt eine Anmeldung.',
      }),
      look('Notation', 'mirror.example.net/base/node:20', 'not-tried', {
        en: 'Without its digest nobody can ask for referrers.',
        de: 'Ohne seinen Digest kann niemand nach Verweisen fragen.',
      }),
    ],
  };

  if (line.kind === 'dockerfile')
    return {
      subject: line,
      summary: say({
        en: 'The base image is official, and nothing vouches for it with a signature.',
        de: 'Das Basis-Image ist offiziell, und keine Signatur bürgt dafür.',
      }),
      tone: 'open',
      notice,
      sections: [debian],
      pins: [],
    };

  const nginx = line.name.includes('nginx');
  if (nginx)
    return {
      subject: line,
      summary: say({
        en: 'No signature gives trust: the Content Trust data has been tampered with or rolled back.',
        de: 'Keine Signatur gibt Vertrauen: Die Content-Trust-Daten sind verfälscht oder zurückgerollt.',
      }),
      tone: 'bad',
      notice: '',
      sections: [
        {
          title: say({ en: 'This image', de: 'Dieses Image' }),
          named_by: '',
          reference: 'docker.io/library/nginx:1.27-alpine',
          digests: [digest],
          at: '2025-11-21T09:13:02Z',
          official: say({
            en: 'It calls itself an official image, but one of its layers is not among those that Docker Hub serves for this tag.',
            de: 'Es nennt sich offizielles Image, aber eine seiner Schichten gehört nicht zu denen, die Docker Hub zu diesem Tag liefert.',
          }),
          official_tone: 'bad',
          verdicts: [
            verdict(
              'content-trust',
              dct,
              'invalid',
              'bad',
              { en: 'Invalid: rolled back', de: 'Ungültig: zurückgerollt' },
              {
                en: 'The snapshot is older than the one that was seen at the last contact, so nothing below it counts.',
                de: 'Der Snapshot ist älter als der beim letzten Kontakt gesehene; nichts darunter zählt.',
              },
              {
                place: 'https://notary.docker.io docker.io/library/nginx',
                chain: tuf(true),
                expires: '2028-11-20T08:11:40Z',
                signers: [],
              },
            ),
            verdict(
              'cosign',
              'cosign',
              'verified',
              'good',
              { en: 'Verified', de: 'Bestätigt' },
              {
                en: 'Signed without a key by the release workflow, and entered into the log before the certificate ran out.',
                de: 'Schlüssellos vom Release-Workflow signiert und vor Ablauf des Zertifikats ins Protokoll eingetragen.',
              },
              {
                place: `docker.io/library/nginx:sha256-${hex('nginx')}.sig`,
                digest,
                signed_at: '2025-10-08T10:04:51Z',
                signers: [
                  {
                    name: 'https://github.com/nginxinc/docker-nginx/.github/workflows/release.yml@refs/heads/master',
                    keys: [hex('leaf')],
                    issuer: 'https://token.actions.githubusercontent.com',
                    not_after: '2025-10-08T10:14:40Z',
                  },
                ],
                chain: links([
                  [
                    'anchor',
                    'Fulcio root',
                    [
                      ['subject', 'O=sigstore.dev, CN=sigstore'],
                      ['fingerprint', hex('fulcio')],
                      ['valid', '2031-10-05T13:56:58Z'],
                    ],
                  ],
                  [
                    'certificate',
                    'sigstore-intermediate',
                    [
                      ['subject', 'O=sigstore.dev, CN=sigstore-intermediate'],
                      ['algorithm', 'ECDSA P-384'],
                      ['fingerprint', hex('fulcio-int')],
                    ],
                  ],
                  [
                    'certificate',
                    'release.yml@refs/heads/master',
                    [
                      ['issuer', 'https://token.actions.githubusercontent.com'],
                      ['valid', '2025-10-08T10:14:40Z'],
                      ['algorithm', 'ECDSA P-256'],
                      ['fingerprint', hex('leaf')],
                    ],
                  ],
                  [
                    'anchor',
                    'Rekor key',
                    [
                      ['key', hex('rekor')],
                      ['log', 'rekor.sigstore.dev'],
                    ],
                  ],
                  [
                    'log',
                    'rekor.sigstore.dev',
                    [
                      ['index', '148203377'],
                      ['entered', '2025-10-08T10:04:51Z'],
                      ['hash', hex('entry')],
                    ],
                  ],
                  [
                    'signature',
                    'ECDSA P-256',
                    [
                      ['algorithm', 'ECDSA P-256, SHA-256'],
                      ['hash', hex('sig')],
                    ],
                  ],
                  [
                    'payload',
                    'simple signing',
                    [
                      ['reference', 'docker.io/library/nginx'],
                      ['digest', digest],
                    ],
                  ],
                  [
                    'payload',
                    'linux/arm64/v8',
                    [
                      ['digest', digest],
                      ['length', '1 784 B'],
                    ],
                  ],
                  [
                    'digest',
                    digest,
                    [
                      ['expected', digest],
                      ['found', digest],
                    ],
                  ],
                ]),
                notes: [],
              },
            ),
          ],
          lookups: [
            look(dct, 'https://notary.docker.io/v2/docker.io/library/nginx/_trust/tuf/root.json', 'found'),
            look('cosign', `docker.io/library/nginx:sha256-${hex('nginx')}.sig`, 'found'),
            look('Notation', `https://registry-1.docker.io/v2/library/nginx/referrers/${digest}`, 'absent'),
          ],
        },
      ],
      pins: pins.filter((pin) => pin.gun.includes('nginx')),
    };

  return {
    subject: line,
    summary: say({
      en: 'Docker Content Trust and Notation each vouch for exactly this digest; a cosign signature is for another one.',
      de: 'Docker Content Trust und Notation bürgen je für genau diesen Digest; eine cosign-Signatur gilt einem anderen.',
    }),
    tone: 'good',
    notice,
    sections: [
      {
        title: say({ en: 'This image', de: 'Dieses Image' }),
        named_by: '',
        reference: `${home}:2.14.3`,
        digests: [digest, sha('checkout-index')],
        at: '2025-11-21T09:12:20Z',
        official: '',
        official_tone: 'none',
        verdicts: [
          verdict(
            'content-trust',
            dct,
            'verified',
            'good',
            { en: 'Verified', de: 'Bestätigt' },
            {
              en: 'alice signed the tag 2.14.3 for this digest, in the role that the repository gives to releases.',
              de: 'alice hat das Tag 2.14.3 für diesen Digest signiert, in der Rolle, die das Repository für Freigaben vergibt.',
            },
            {
              place: `${notary} ${home}`,
              digest,
              signers,
              expires: '2025-12-05T08:11:40Z',
              chain: tuf(false),
              notes: [
                say({
                  en: 'The time stamp runs out in 11 days. It is renewed by the server; without it no client accepts the tag.',
                  de: 'Der Zeitstempel läuft in 11 Tagen ab. Der Server erneuert ihn; ohne ihn nimmt kein Client das Tag an.',
                }),
              ],
            },
          ),
          verdict(
            'cosign',
            'cosign',
            'other-digest',
            'bad',
            { en: 'For another digest', de: 'Für einen anderen Digest' },
            {
              en: 'The signature by "Release key 2025" is in order, but it speaks of the digest of version 2.14.2.',
              de: 'Die Signatur mit „Release key 2025“ ist in Ordnung, spricht aber vom Digest der Version 2.14.2.',
            },
            {
              place: `${home}:sha256-${hex('checkout')}.sig`,
              digest: sha('checkout-2.14.2'),
              signed_at: '2025-11-02T14:20:05Z',
              signers: [{ name: 'Release key 2025', keys: [hex('cosignkey')], issuer: '', not_after: '' }],
              chain: links([
                [
                  'anchor',
                  'Release key 2025',
                  [
                    ['key', hex('cosignkey')],
                    ['algorithm', 'ECDSA P-256'],
                  ],
                ],
                ['signature', 'ECDSA P-256, SHA-256', [['hash', hex('sig2')]]],
                [
                  'payload',
                  'simple signing',
                  [
                    ['reference', home],
                    ['digest', sha('checkout-2.14.2')],
                  ],
                ],
                [
                  'digest',
                  digest,
                  [
                    ['expected', digest],
                    ['found', sha('checkout-2.14.2')],
                  ],
                  false,
                  {
                    en: 'The signed digest is that of another image, so the signature says nothing about this one.',
                    de: 'Der signierte Digest gehört zu einem anderen Image; über dieses sagt die Signatur nichts.',
                  },
                ],
              ]),
            },
          ),
          verdict(
            'notation',
            'Notation',
            'verified',
            'good',
            { en: 'Verified', de: 'Bestätigt' },
            {
              en: 'Signed with a certificate that the policy "payments" trusts, and in date.',
              de: 'Mit einem Zertifikat signiert, dem die Richtlinie „payments“ vertraut, und nicht abgelaufen.',
            },
            {
              place: `${home}@${sha('notation')}`,
              digest,
              signed_at: '2025-11-19T16:02:11Z',
              expires: '2026-11-19T16:02:11Z',
              signers: [
                {
                  name: 'C=DE, O=ACME Payments GmbH & Co. KG, CN=Container Release',
                  keys: [hex('notationleaf')],
                  issuer: 'C=DE, O=ACME Payments GmbH & Co. KG, CN=Signing CA 2',
                  not_after: '2026-06-30T23:59:59Z',
                },
              ],
              chain: links([
                [
                  'anchor',
                  'ACME Root CA',
                  [
                    ['subject', 'C=DE, O=ACME Payments GmbH & Co. KG, CN=ACME Root CA'],
                    ['valid', '2036-01-01T00:00:00Z'],
                    ['fingerprint', hex('acmeroot')],
                  ],
                ],
                [
                  'certificate',
                  'Signing CA 2',
                  [
                    ['valid', '2029-01-01T00:00:00Z'],
                    ['algorithm', 'RSA 4096'],
                    ['fingerprint', hex('acmesub')],
                  ],
                ],
                [
                  'certificate',
                  'Container Release',
                  [
                    ['valid', '2026-06-30T23:59:59Z'],
                    ['algorithm', 'RSA 3072'],
                    ['fingerprint', hex('notationleaf')],
                  ],
                ],
                [
                  'signature',
                  'RSASSA-PSS, SHA-256',
                  [
                    ['algorithm', 'RSASSA-PSS, SHA-256'],
                    ['hash', hex('notationsig')],
                  ],
                ],
                [
                  'payload',
                  'application/vnd.cncf.notary.payload.v1+json',
                  [
                    ['type', 'application/vnd.cncf.notary.payload.v1+json'],
                    ['digest', digest],
                  ],
                ],
                [
                  'digest',
                  digest,
                  [
                    ['expected', digest],
                    ['found', digest],
                  ],
                ],
              ]),
              notes: [
                say({
                  en: 'The signature carries no time stamp of an authority, so the time of signing is what the signer says.',
                  de: 'Die Signatur trägt keinen Zeitstempel einer Stelle; die Zeit des Signierens ist die Angabe des Signierenden.',
                }),
              ],
            },
          ),
          verdict(
            'attestation',
            say({ en: 'attestation', de: 'Attestierung' }),
            'statement',
            'open',
            { en: 'Statement, not signed', de: 'Aussage, nicht signiert' },
            {
              en: 'BuildKit put a statement about the build beside the image. Nobody signed it, so it is a claim.',
              de: 'BuildKit hat eine Aussage über den Build neben das Image gelegt. Niemand hat sie signiert; sie ist eine Behauptung.',
            },
            {
              place: `${home}@${sha('attestation')}`,
              digest,
              predicate: 'https://slsa.dev/provenance/v0.2',
              chain: links([
                [
                  'payload',
                  'in-toto statement',
                  [
                    ['type', 'https://slsa.dev/provenance/v0.2'],
                    ['hash', hex('statement')],
                  ],
                ],
                [
                  'digest',
                  digest,
                  [
                    ['expected', digest],
                    ['found', digest],
                  ],
                ],
              ]),
            },
          ),
        ],
        lookups: [
          look(dct, `${notary}/v2/${home}/_trust/tuf/root.json`, 'found'),
          look('cosign', `${home}:sha256-${hex('checkout')}.sig`, 'found'),
          look('cosign', `${home}:sha256-${hex('checkout')}.att`, 'absent'),
          look(
            'Notation',
            `https://registry.example.com:5000/v2/payments/checkout-service/referrers/${digest}`,
            'found',
          ),
          look(say({ en: 'attestation', de: 'Attestierung' }), `${home}@${sha('checkout-index')}`, 'found'),
        ],
      },
      debian,
      node,
    ],
    pins: pins.filter((pin) => !pin.gun.includes('nginx')),
  };
}

/** The pins that the sample starts with. */
export const samplePins = (hex: (seed: string) => string): B.PinView[] => [
  {
    gun: 'registry.example.com:5000/payments/checkout-service',
    root: `2, ${hex('rootkey')}`,
    first_seen: '2025-06-02T08:11:40Z',
    last_seen: '2025-11-21T09:12:20Z',
  },
  {
    gun: 'docker.io/library/nginx',
    root: `1, ${hex('nginxroot')}`,
    first_seen: '2025-09-14T12:40:00Z',
    last_seen: '2025-11-18T07:30:12Z',
  },
];
