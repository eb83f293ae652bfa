// The stand-in's registries: Docker Hub, one with TLS and a sign-in, an open one without; and what they offer. Not in the product.
import type * as B from './bindings';
import { named } from './registries';

export type Both = { en: string; de: string };
export type Say = (text: Both) => string;
type Hash = (seed: string) => string;

export interface MockRegistry {
  connection: B.ConnectionView;
  credentials: string;
  subject: string;
  /** Recorded by a run. */
  probed: boolean;
  outcome: string;
}

export const connection = (host: string, more: Partial<B.ConnectionView> = {}): B.ConnectionView => ({
  host,
  plain_http: false,
  ca: '',
  client_certificate: '',
  client_key: '',
  proxy: '',
  mirrors: [],
  trust_server: '',
  repositories: [],
  push_probe: false,
  delete_probe: false,
  consent: '',
  keep_archive: false,
  ...more,
});

const HOME = 'registry.example.com:5000';
const OPEN = 'legacy.example.com:5001';

export const subjectLine = (id: string, label: string, host: string, collected: boolean): B.SubjectLine => ({
  id,
  label,
  kind: 'registry',
  name: host,
  source: `registry:${host}`,
  dockerfile: null,
  digest: null,
  platform: null,
  size: null,
  error: null,
  collected,
});

/** The registries of the sample, in the order of their subjects. */
export const sampleRegistries = (): MockRegistry[] => [
  {
    connection: connection(HOME, {
      ca: '/home/auditor/engagements/acme/ca/acme-root-ca.pem',
      trust_server: 'https://notary.example.com',
      repositories: ['payments/checkout-service', 'payments/checkout-migrate', 'base/node'],
      push_probe: true,
      delete_probe: true,
      consent: 'Jonas Weber, Head of Platform, 2025-11-18',
      keep_archive: true,
    }),
    credentials: 'alice, typed in',
    subject: 'sub-4',
    probed: true,
    outcome: 'pass',
  },
  {
    connection: connection('docker.io', { mirrors: ['mirror.example.net'] }),
    credentials: '',
    subject: 'sub-5',
    probed: true,
    outcome: 'not-applicable',
  },
  {
    connection: connection(OPEN, { plain_http: true }),
    credentials: '',
    subject: 'sub-6',
    probed: true,
    outcome: 'fail',
  },
];

export function probes(registry: MockRegistry, at: string, say: Say, sha: Hash): B.ProbesView {
  const { connection: how } = registry;
  const { host } = how;
  const fingerprint = (seed: string) =>
    sha(seed)
      .slice(7)
      .toUpperCase()
      .replace(/(..)(?=.)/g, '$1:');
  const plain = host === OPEN || (how.plain_http && !/example\.com:5000|docker\.io/.test(host));
  const home = plain ? `http://${host}` : `https://${host === 'docker.io' ? 'registry-1.docker.io' : host}`;
  const repository = how.repositories[0] ?? (host === 'docker.io' ? 'library/hello-world' : 'tools/backup');
  const ca = how.ca ? ` --cacert ${how.ca}` : '';
  let second = 0;
  const row = (
    asked: Both,
    request: string,
    answer: Both | string,
    tone: string,
    command = true,
  ): B.ProbeRow => {
    const [method, address] = request.split(' ') as [string, string];
    second += 1;
    return {
      asked: say(asked),
      request,
      answer: typeof answer === 'string' ? answer : say(answer),
      tone,
      at: at.replace(/\d\dZ$/, `${String(second * 2).padStart(2, '0')}Z`),
      command: command ? `curl -sS -o /dev/null -w '%{http_code}\\n' -X ${method}${ca} '${address}'` : '',
    };
  };
  const noConsent = { en: 'not asked: no consent', de: 'nicht gefragt: keine Einwilligung' };
  if (/unreachable|down/.test(host))
    return {
      at,
      connection: 'unreachable',
      tls: [],
      tls_problem: '',
      certificates: [],
      auth: '',
      rows: [
        row(
          { en: 'Version over HTTPS', de: 'Version über HTTPS' },
          `GET ${home}/v2/`,
          { en: 'no answer within 10 s', de: 'keine Antwort innerhalb von 10 s' },
          'unknown',
        ),
        row(
          { en: 'Version over plain HTTP', de: 'Version über unverschlüsseltes HTTP' },
          `GET http://${host}/v2/`,
          { en: 'no answer within 10 s', de: 'keine Antwort innerhalb von 10 s' },
          'unknown',
        ),
      ],
    };
  const anonymous = host === OPEN;
  const denied = '401 Unauthorized';
  return {
    at,
    connection: plain ? 'plain-http' : 'https',
    tls: plain
      ? []
      : [
          [say({ en: 'Version', de: 'Version' }), 'TLS 1.3'],
          [say({ en: 'Cipher suite', de: 'Cipher-Suite' }), 'TLS13_AES_256_GCM_SHA384'],
          [
            say({ en: 'Authorities', de: 'Zertifizierungsstellen' }),
            how.ca || say({ en: 'of this system', de: 'dieses Systems' }),
          ],
          ['TLS 1.1', say({ en: 'refused', de: 'abgelehnt' })],
          ['TLS 1.0', say({ en: 'refused', de: 'abgelehnt' })],
        ],
    tls_problem:
      !plain && host !== 'docker.io' && !how.ca
        ? say({
            en: 'The certificate was issued by an authority that this system does not know: CN=ACME Root CA.',
            de: 'Das Zertifikat stammt von einer Zertifizierungsstelle, die dieses System nicht kennt: CN=ACME Root CA.',
          })
        : '',
    certificates: plain
      ? []
      : [
          {
            subject:
              host === 'docker.io'
                ? 'CN=*.docker.io'
                : `C=DE, O=ACME Payments GmbH & Co. KG, CN=${host.split(':')[0]}`,
            details: [
              [
                say({ en: 'Issuer', de: 'Aussteller' }),
                host === 'docker.io'
                  ? 'C=US, O=Amazon, CN=Amazon RSA 2048 M04'
                  : 'C=DE, O=ACME Payments GmbH & Co. KG, CN=ACME Root CA',
              ],
              [
                say({ en: 'Names', de: 'Namen' }),
                host === 'docker.io'
                  ? '*.docker.io, docker.io'
                  : `${host.split(':')[0]}, registry.internal.example.com, 10.20.30.40`,
              ],
              [say({ en: 'Valid from', de: 'Gültig ab' }), '2025-03-01T00:00:00Z'],
              [say({ en: 'Valid until', de: 'Gültig bis' }), '2026-03-30T23:59:59Z'],
              [say({ en: 'Key', de: 'Schlüssel' }), host === 'docker.io' ? 'RSA 2048' : 'ECDSA P-256'],
              [say({ en: 'Signature', de: 'Signatur' }), 'SHA-256'],
              ['SHA-256', fingerprint(`leaf${host}`)],
            ],
          },
          {
            subject:
              host === 'docker.io'
                ? 'C=US, O=Amazon, CN=Amazon RSA 2048 M04'
                : 'C=DE, O=ACME Payments GmbH & Co. KG, CN=ACME Root CA',
            details: [
              [
                say({ en: 'Issuer', de: 'Aussteller' }),
                host === 'docker.io'
                  ? 'C=US, O=Amazon, CN=Amazon Root CA 1'
                  : 'C=DE, O=ACME Payments GmbH & Co. KG, CN=ACME Root CA',
              ],
              [say({ en: 'Valid until', de: 'Gültig bis' }), '2030-08-23T22:26:35Z'],
              [say({ en: 'Key', de: 'Schlüssel' }), 'RSA 2048'],
              ['SHA-256', fingerprint(`ca${host}`)],
            ],
          },
        ],
    auth: anonymous
      ? ''
      : host === 'docker.io'
        ? 'Bearer, realm https://auth.docker.io/token, service registry.docker.io'
        : 'Basic, realm ACME Registry',
    rows: [
      row(
        { en: 'Version over plain HTTP', de: 'Version über unverschlüsseltes HTTP' },
        `GET http://${home.replace(/^https?:\/\//, '')}/v2/`,
        anonymous
          ? '200 OK'
          : host === 'docker.io'
            ? { en: '301, leads to HTTPS', de: '301, führt zu HTTPS' }
            : { en: 'connection refused', de: 'Verbindung abgelehnt' },
        anonymous ? 'bad' : 'good',
      ),
      row(
        { en: 'Version without credentials', de: 'Version ohne Anmeldung' },
        `GET ${home}/v2/`,
        anonymous ? '200 OK' : denied,
        anonymous ? 'bad' : 'good',
      ),
      row(
        { en: 'Version with credentials', de: 'Version mit Anmeldung' },
        `GET ${home}/v2/`,
        registry.credentials
          ? '200 OK'
          : { en: 'not asked: nobody is signed in', de: 'nicht gefragt: niemand ist angemeldet' },
        registry.credentials ? 'neutral' : 'unknown',
        registry.credentials !== '',
      ),
      row(
        { en: 'Catalogue without credentials', de: 'Katalog ohne Anmeldung' },
        `GET ${home}/v2/_catalog?n=1`,
        anonymous
          ? { en: '200 OK: lists repositories to anybody', de: '200 OK: zeigt jedem die Repositorys' }
          : denied,
        anonymous ? 'bad' : 'good',
      ),
      row(
        { en: 'Tags without credentials', de: 'Tags ohne Anmeldung' },
        `GET ${home}/v2/${repository}/tags/list?n=1`,
        anonymous ? { en: '200 OK: 18 tags', de: '200 OK: 18 Tags' } : denied,
        anonymous ? 'bad' : 'good',
      ),
      row(
        { en: 'Manifest without credentials', de: 'Manifest ohne Anmeldung' },
        `GET ${home}/v2/${repository}/manifests/${sha(`m${host}`)}`,
        anonymous ? '200 OK' : denied,
        anonymous ? 'bad' : 'good',
      ),
      row(
        { en: 'Layer without credentials', de: 'Schicht ohne Anmeldung' },
        `HEAD ${home}/v2/${repository}/blobs/${sha(`b${host}`)}`,
        anonymous ? '200 OK' : denied,
        anonymous ? 'bad' : 'good',
      ),
      row(
        { en: 'Upload without credentials', de: 'Upload ohne Anmeldung' },
        `POST ${home}/v2/${repository}/blobs/uploads/`,
        how.push_probe
          ? anonymous
            ? { en: '202 Accepted, cancelled at once', de: '202 Accepted, sofort abgebrochen' }
            : denied
          : noConsent,
        how.push_probe ? (anonymous ? 'bad' : 'good') : 'unknown',
        how.push_probe,
      ),
      row(
        { en: 'Deleting what cannot exist', de: 'Löschen, was es nicht geben kann' },
        `DELETE ${home}/v2/${repository}/manifests/sha256:${'0'.repeat(64)}`,
        how.delete_probe
          ? { en: '405 Method Not Allowed: deletion is off', de: '405 Method Not Allowed: Löschen ist aus' }
          : noConsent,
        how.delete_probe ? 'good' : 'unknown',
        how.delete_probe,
      ),
    ],
  };
}

export const client = (say: Say): [string, string][] => [
  ['config.json', '/home/auditor/.docker/config.json'],
  [say({ en: 'Permissions', de: 'Rechte' }), '0600'],
  ['credsStore', 'secretservice'],
  [say({ en: 'Passwords in clear', de: 'Kennwörter im Klartext' }), say({ en: 'none', de: 'keine' })],
  ['docker', '27.3.1'],
  ['DOCKER_CONTENT_TRUST', say({ en: 'not set', de: 'nicht gesetzt' })],
];

// —— What they offer ——

const hub = [
  'library/nginx',
  'library/node',
  'library/debian',
  'library/alpine',
  'library/postgres',
  'library/redis',
  'library/python',
  'nginx/nginx-ingress',
  'bitnami/nginx',
  'nginxinc/nginx-unprivileged',
  'linuxserver/nginx',
];
const legacy = Array.from(
  { length: 340 },
  (_, at) =>
    `${['batch', 'crm', 'portal', 'tools'][at % 4]}/${['api', 'backup', 'export', 'import', 'mailer', 'worker'][at % 6]}-${String(at + 1).padStart(3, '0')}`,
).sort();

export function repositories(
  registry: MockRegistry | undefined,
  host: string,
  search: string,
  say: Say,
): B.OfferView {
  if (host === 'docker.io')
    return search.trim() === ''
      ? {
          rows: [],
          more: true,
          note: say({
            en: 'Docker Hub does not list all of its repositories. Type to search it.',
            de: 'Docker Hub führt nicht alle seine Repositorys auf. Zum Suchen tippen.',
          }),
        }
      : { rows: [...named(hub, search)].sort(), more: false, note: '' };
  if (host === OPEN) return { rows: legacy, more: false, note: '' };
  if (/unreachable|down/.test(host))
    throw {
      message: `The registry ${host} did not answer within 10 s; check its address and the network.`,
      details: 'tcp connect: timed out',
    } satisfies B.Failure;
  return {
    rows: [],
    more: false,
    note: say({
      en: `The catalogue is closed for ${registry?.credentials ? 'these credentials' : 'callers without credentials'}. Type the repository by hand.`,
      de: `Der Katalog ist ${registry?.credentials ? 'für diese Anmeldung' : 'ohne Anmeldung'} verschlossen. Das Repository von Hand eingeben.`,
    }),
  };
}

const many = Array.from({ length: 9_996 }, (_, at) => `build-${String(at + 1).padStart(5, '0')}`);

export function tags(host: string, repository: string, say: Say): B.OfferView {
  if (/secret|forbidden/.test(repository))
    throw {
      message: `${host} does not let these credentials read ${repository}.`,
      details: '403 Forbidden, DENIED: requested access to the resource is denied',
    } satisfies B.Failure;
  if (repository === 'payments/checkout-service')
    return { rows: ['2.14.1', '2.14.2', '2.14.3', ...many, 'latest'], more: false, note: '' };
  if (/empty/.test(repository)) return { rows: [], more: false, note: '' };
  if (/nginx/.test(repository))
    return {
      rows: ['1.26', '1.26-alpine', '1.27', '1.27-alpine', 'alpine', 'latest', 'stable'],
      more: true,
      note: '',
    };
  void say;
  return { rows: ['1.0.0', '1.0.1', '1.1.0', 'latest'], more: false, note: '' };
}

export function image(reference: string, say: Say, sha: Hash): B.TagView {
  if (!/^[^/\s]+\/\S+$/.test(reference) || /missing/.test(reference))
    throw {
      message: `There is no image ${reference}; check the name and the tag.`,
      details: '404 Not Found, MANIFEST_UNKNOWN',
    } satisfies B.Failure;
  const one = /legacy|build-/.test(reference);
  const signed = reference.includes('checkout-service:2.14.3');
  const platforms = one ? [''] : ['linux/amd64', 'linux/arm64/v8', 'linux/arm/v7', 'linux/s390x'];
  return {
    reference,
    digest: sha(`index${reference}`),
    images: platforms.slice(0, signed ? 2 : 4).map((platform, at) => ({
      platform,
      digest: sha(`${platform}${reference}`),
      size: ['148.2 MB', '144.9 MB', '139.0 MB', '151.7 MB'][at]!,
      layers: [7, 7, 6, 7][at]!,
    })),
    signatures: signed
      ? [
          say({ en: 'cosign signature', de: 'cosign-Signatur' }),
          say({ en: 'Notation signature', de: 'Notation-Signatur' }),
          say({ en: 'statement about the build (BuildKit)', de: 'Aussage über den Build (BuildKit)' }),
        ]
      : [],
  };
}
