// A stand-in for the program, with believable data: for tests and for looking at the screens in a browser. Not in the product.
import { useTransport, type Transport } from './api';
import type * as B from './bindings';
import { MODES } from './coverage';
import { SUBJECT_TABS } from './jump';
import { CHECKS, PAGE, type CheckText } from './mock-checks';
import * as image from './mock-image';
import * as registry from './mock-registries';
import * as runtime from './mock-runtime';
import { RUNTIME_CHECKS } from './mock-runtime-checks';
import { samplePins, trustPage } from './mock-trust';
import type { MockScanOptions } from './mock-advisories';
import { estate, MockVulnerabilities } from './mock-vulnerabilities';
import { SETTINGS_TABS } from './settings';
import { RUNTIME_TABS } from './runtime';
import { SCREENS, type Workbench } from './state.svelte';

type Both = { en: string; de: string };
type Lists = { en: string[]; de: string[] };
interface RequirementText {
  id: string;
  level: number;
  title: Both;
  statement: Both;
  question: Both;
  evidence: Lists;
  subjects: string[];
  example?: Both;
}
interface UseCaseText {
  id: string;
  phase: string;
  roles: string[];
  csvs: { requirement: string; in_paper: boolean; pass: string; fail: string }[];
  title: Both;
  statement: Both;
  question: Both;
  evidence: Lists;
}

// The catalogue's own texts, read where they lie.
const chapterFiles = import.meta.glob<{ id: string; title: Both; requirements: RequirementText[] }>(
  '../../../src-tauri/crates/catalog/data/csvs/*.json',
  { eager: true, import: 'default' },
);
const useCaseFiles = import.meta.glob<{ phases: { id: string; title: Both }[]; use_cases: UseCaseText[] }>(
  '../../../src-tauri/crates/catalog/data/use-cases.json',
  { eager: true, import: 'default' },
);
const chapters = Object.values(chapterFiles).sort((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)));
const catalogue = Object.values(useCaseFiles)[0]!;
const paper = new Set(
  catalogue.use_cases.flatMap((row) =>
    row.csvs.filter((link) => link.in_paper).map((link) => link.requirement),
  ),
);

const hex = (seed: string, length = 64) => {
  let state = [...seed].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
  let out = '';
  while (out.length < length) {
    state = (state * 1664525 + 1013904223) >>> 0;
    out += state.toString(16).padStart(8, '0');
  }
  return out.slice(0, length);
};
const sha = (seed: string) => `sha256:${hex(seed)}`;

const S1: B.SubjectLine = {
  id: 'sub-1',
  label: 'S1',
  kind: 'image',
  name: 'registry.example.com:5000/payments/checkout-service:2.14.3',
  source: 'docker-daemon:registry.example.com:5000/payments/checkout-service:2.14.3',
  dockerfile: '/home/auditor/engagements/acme/evidence/checkout-service/build/Dockerfile',
  digest: sha('checkout'),
  platform: 'linux/amd64',
  size: '412.8 MB',
  error: null,
  collected: true,
};
const S2: B.SubjectLine = {
  id: 'sub-2',
  label: 'S2',
  kind: 'image',
  name: 'nginx:1.27-alpine',
  source:
    'oci-archive:/home/auditor/engagements/acme/incoming/2025-11-20/nginx-1.27-alpine.oci.tar:1.27-alpine',
  dockerfile: null,
  digest: sha('nginx'),
  platform: 'linux/arm64/v8',
  size: '52.1 MB',
  error: null,
  collected: true,
};
const S3: B.SubjectLine = {
  id: 'sub-3',
  label: 'S3',
  kind: 'dockerfile',
  name: 'batch/Dockerfile',
  source: 'dockerfile:/home/auditor/engagements/acme/source/batch/Dockerfile',
  dockerfile: null,
  digest: sha('batch'),
  platform: null,
  size: '1.4 kB',
  error: null,
  collected: true,
};

const table: Record<string, [string, string, string]> = {
  A1: ['pass', 'pass', 'pass'],
  A2: ['undecided', 'pass', 'undecided'],
  A3: ['fail', 'undecided', 'not-applicable'],
  A4: ['fail', 'pass', 'undecided'],
  A5: ['pass', 'pass', 'not-applicable'],
  B1: ['fail', 'undecided', 'fail'],
  B2: ['pass', 'not-applicable', 'fail'],
  B3: ['fail', 'not-applicable', 'pass'],
  B4: ['pass', 'fail', 'fail'],
  B5: ['fail', 'pass', 'pass'],
  C1: ['error', 'fail', 'not-applicable'],
  C2: ['undecided', 'not-applicable', 'not-applicable'],
  D1: ['fail', 'pass', 'fail'],
  D2: ['undecided', 'undecided', 'not-applicable'],
};

const dockerfile = `# syntax=docker/dockerfile:1
FROM debian:latest AS build
ENV DB_PASSWORD=hu•••••••••2
RUN apt-get update
RUN apt-get install -y curl git build-essential python3-dev openssh-client vim less net-tools telnet iputils-ping
WORKDIR /src
ADD https://downloads.example.com/tools/releases/v4/checkout-helper-linux-amd64.tar.gz /opt/helper/
ADD . /src
RUN make release

FROM debian:latest
COPY --from=build /src/dist /srv/app
EXPOSE 8443
HEALTHCHECK --interval=30s CMD curl -fsk https://localhost:8443/health || exit 1
CMD ["/srv/app/checkout", "--listen", ":8443"]`.split('\n');

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export interface MockOptions {
  /** Milliseconds that a call takes. */
  delay?: number;
  /** Start with no Docker daemon. */
  noDaemon?: boolean;
  /** The sample has three registries, too. */
  registries?: boolean;
  /** And eight images more, one for each way in which a scan can end. */
  estate?: boolean;
  scans?: MockScanOptions;
  /** Two hosts and ten containers; with a number so many more on a third. */
  runtime?: boolean | number;
}

/** The stand-in: state and commands. */
export class Mock implements Transport {
  calls: { name: string; args: Record<string, unknown> }[] = [];
  language: 'en' | 'de' = 'en';
  open: B.EngagementView | null = null;
  identity: B.IdentityView = {
    path: '/home/auditor/.local/share/plimsoll/identity.p12',
    exists: false,
    name: '',
    organization: '',
    not_after: '',
    fingerprint: '',
  };
  decisions = new Map<string, B.DecisionView[]>();
  settings: B.SettingsView = {
    lowest_efficiency: 90,
    oldest_days: 90,
    widest_gap_hours: 24,
    stale_days: 30,
    allowances: [
      {
        check: 'unneeded-packages',
        what: 'curl',
        reason: 'The health check calls the service with it; agreed on 18 November.',
      },
      {
        check: 'permissions-removed',
        what: '/usr/bin/su',
        reason: 'Part of the base; removed by the runtime profile.',
      },
      {
        check: 'no-secrets',
        what: '/srv/app/tests/**',
        reason: 'Keys made for the tests; they open nothing.',
      },
    ],
    approved_bases: [
      {
        what: 'registry.example.com:5000/base/*',
        reason: 'Built and scanned by the platform team each week; approved on 12 November.',
      },
    ],
    approved_registries: [
      { what: 'registry.example.com:5000', reason: 'The registry of the platform team.' },
    ],
    trust: {
      keys: [
        {
          name: 'Release key 2025',
          pem: '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEhyQCx0E9wQWSFI9ULGwy3BuRklnt\nIqozONbbdbqz11hlRJy9c7SG+hdcFl9jE9uE/dwtuwU2MqU9T/cN0YkWww==\n-----END PUBLIC KEY-----',
          scope: 'registry.example.com:5000/payments/**',
        },
      ],
      identities: [],
      logs: [],
      notation: [
        {
          name: 'payments',
          registry_scopes: ['registry.example.com:5000/payments/checkout-service'],
          level: 'strict',
          roots:
            '-----BEGIN CERTIFICATE-----\nMIIBtjCCAVugAwIBAgITBmyf1XSXNmY/Owua2eiedgPySjAKBggqhkjOPQQDAjA5\nMQswCQYDVQQGEwJVUzEPMA0GA1UEChMGQW1hem9uMRkwFwYDVQQDExBBbWF6b24g\n-----END CERTIFICATE-----',
          authority_roots: '',
          trusted_identities: ['x509.subject: C=DE, O=ACME Payments GmbH & Co. KG, CN=Container Release'],
        },
      ],
      notary: [],
    },
    vulnerabilities: {
      severity: 'vendor-first',
      fail_from: 'high',
      only_fixable: true,
      fail_exploited: true,
      oldest_data_days: 14,
    },
  };
  vulnerabilities: MockVulnerabilities;
  registries: registry.MockRegistry[] = [];
  pins: B.PinView[] = samplePins(hex);
  cancelled = false;
  noDaemon: boolean;
  #withRegistries: boolean;
  #withEstate: boolean;
  #withRuntime: boolean | number;
  runtime: runtime.MockRuntime[] = [];
  #delay: number;
  #contents = new Map<string, { media: string; base64: string }>();

  constructor({
    delay = 0,
    noDaemon = false,
    registries = false,
    estate = false,
    runtime: withRuntime = false,
    scans = {},
  }: MockOptions = {}) {
    this.#delay = delay;
    this.#withEstate = estate;
    this.#withRuntime = withRuntime;
    this.vulnerabilities = new MockVulnerabilities(scans, (text) => this.#say(text), sha);
    this.noDaemon = noDaemon;
    this.#withRegistries = registries;
  }

  channel(receive: (progress: B.Progress) => void): unknown {
    return receive;
  }

  pickFile: Transport['pickFile'] = ({ folder }) =>
    Promise.resolve(
      folder ? '/home/auditor/images/layout' : '/home/auditor/images/checkout-service-2.14.3.tar',
    );

  pickFiles: Transport['pickFiles'] = ({ filters }) =>
    Promise.resolve(
      filters?.some((one) => one.extensions.includes('facts'))
        ? [
            '/media/usb0/facts/pay-web-03.facts',
            '/media/usb0/facts/pay-web-04-broken.facts',
            '/media/usb0/facts/pay-web-05-newer.facts',
          ]
        : ['/media/usb0/advisories/PyPI/all.zip', '/media/usb0/advisories/secdb/main.json'],
    );

  pickSave: Transport['pickSave'] = ({ path }) => Promise.resolve(path.replace(/([^/]+)$/, 'chosen-$1'));

  async call(name: string, args: Record<string, unknown>): Promise<unknown> {
    this.calls.push({ name, args });
    if (args['language'] === 'en' || args['language'] === 'de') this.language = args['language'];
    if (this.#delay > 0) await wait(this.#delay);
    const command = this.#commands[name];
    if (!command) throw { message: `No command ${name}`, details: '' } satisfies B.Failure;
    const answer = await command(args);
    return answer === undefined ? undefined : structuredClone(answer);
  }

  #say(text: Both): string {
    return text[this.language];
  }

  #must(): B.EngagementView {
    if (!this.open) throw { message: 'No engagement is open.', details: '' } satisfies B.Failure;
    return this.open;
  }

  #rows(subjects: B.SubjectLine[], ran: boolean): B.UseCaseRow[] {
    return catalogue.use_cases.map((row) => ({
      id: row.id,
      phase: row.phase,
      phase_title: this.#say(catalogue.phases.find((phase) => phase.id === row.phase)!.title),
      title: this.#say(row.title),
      roles: row.roles,
      verdict: 'open',
      cells: subjects.map((subject, at) => {
        const outcome = !ran || !subject.collected ? 'none' : this.#found(row.id, subject, at);
        const taken = this.decisions.get(`${row.id}/${subject.id}`)?.[0];
        const said =
          { satisfied: 'pass', 'not-satisfied': 'fail' }[taken?.conclusion ?? ''] ?? taken?.conclusion;
        return {
          subject: subject.id,
          outcome: taken && outcome !== 'fail' ? said! : outcome,
          decided_by: taken
            ? 'auditor'
            : ['pass', 'fail', 'not-applicable'].includes(outcome)
              ? 'check'
              : 'nobody',
          conflict: taken !== undefined && outcome === 'fail' && taken.conclusion !== 'not-satisfied',
          stale: taken?.stale ?? false,
          observations: outcome === 'fail' ? 3 : outcome === 'undecided' ? 1 : 0,
          evidence: this.#evidenceFor(row.id, subject).length,
        };
      }),
    }));
  }

  #runtimeOf(id: string): runtime.MockRuntime | undefined {
    const line = this.open?.subjects.find((other) => other.id === id);
    const one = this.runtime.find((other) => other.subject.id === id);
    if (one && line) one.subject = line;
    return line ? one : undefined;
  }

  #found(useCase: string, subject: B.SubjectLine, at: number): string {
    const runs = this.#runtimeOf(subject.id);
    if (runs) {
      const check = RUNTIME_CHECKS.find((other) => other.use_case === useCase);
      return check?.kinds.includes(subject.kind) ? runtime.found(runs, check.id) : 'none';
    }
    if (subject.kind !== 'registry') return table[useCase]?.[Math.min(at, 2)] ?? 'undecided';
    if (useCase !== 'C2') return 'not-applicable';
    return this.registries.find((other) => other.subject === subject.id)?.outcome ?? 'undecided';
  }

  #evidenceFor(target: string, subject: B.SubjectLine | null): B.EvidenceView[] {
    const about = subject ? `${target} · ${subject.label}` : target;
    return (this.open?.evidence ?? []).filter((item) => item.about.includes(about));
  }

  #requirements(full: boolean): B.RequirementRow[] {
    const verdicts = ['open', 'satisfied', 'open', 'not-satisfied', 'open', 'not-applicable', 'satisfied'];
    let at = 0;
    return chapters.flatMap((chapter) =>
      chapter.requirements.map((row) => {
        const inProfile = full || paper.has(row.id);
        const verdict = this.open?.last_run ? verdicts[at++ % verdicts.length]! : 'open';
        return {
          id: row.id,
          chapter: chapter.id,
          chapter_title: this.#say(chapter.title),
          level: row.level,
          title: this.#say(row.title),
          in_profile: inProfile,
          verdict,
          decided_by: verdict === 'open' ? 'nobody' : verdict === 'not-applicable' ? 'auditor' : 'check',
          look: inProfile && verdict === 'open',
        };
      }),
    );
  }

  /** Works out what follows from subjects, run and decisions. */
  #settle(): B.EngagementView {
    const view = this.#must();
    view.use_cases = this.#rows(view.subjects, view.last_run !== null);
    view.requirements = this.#requirements(view.profile === 'full');
    view.levels = [1, 2, 3].map((level) => {
      const rows = view.requirements.filter((row) => row.in_profile && row.level <= level);
      const n = (verdict: string) => rows.filter((row) => row.verdict === verdict).length;
      const failed = n('not-satisfied');
      return {
        level,
        verdict: failed > 0 ? 'not-achieved' : n('open') > 0 ? 'incomplete' : 'achieved',
        satisfied: n('satisfied'),
        failed,
        not_applicable: n('not-applicable'),
        open: n('open'),
      };
    });
    view.trail_entries += 1;
    view.trail_head = hex(`trail${view.trail_entries}`);
    return view;
  }

  make(sample: boolean, args: Partial<B.NewEngagement> = {}): B.EngagementView {
    this.decisions.clear();
    this.registries = sample && this.#withRegistries ? registry.sampleRegistries() : [];
    this.pins = samplePins(hex);
    const before = 4 + this.registries.length + (sample && this.#withEstate ? 8 : 0);
    this.runtime =
      sample && this.#withRuntime !== false
        ? runtime.sampleRuntime(before, Number(this.#withRuntime === true ? 0 : this.#withRuntime), sha)
        : [];
    this.open = {
      path:
        args.path ??
        '/home/auditor/Documents/Plimsoll/acme-container-audit-of-the-payment-platform-q4.plimsoll',
      title: args.title ?? 'Container audit of the payment platform, Q4',
      client: args.client ?? 'ACME Payments GmbH & Co. KG',
      scope:
        args.scope ??
        'Images of the checkout service and its reverse proxy as deployed on 20 November; the batch Dockerfile as source.',
      auditor: args.auditor ?? 'Dr. Mareike Vandenberg-Osterhagen',
      organization: args.organization ?? 'Osterhagen Assurance',
      target_level: args.target_level ?? 2,
      profile: args.profile ?? 'image',
      sample,
      levels: [],
      subjects: sample
        ? [
            { ...S1 },
            { ...S2 },
            { ...S3 },
            ...this.registries.map((one, at) =>
              registry.subjectLine(one.subject, `S${at + 4}`, one.connection.host, true),
            ),
            ...(this.#withEstate ? estate(this.registries.length + 4, sha) : []),
            ...this.runtime.map((one) => one.subject),
          ]
        : [],
      use_cases: [],
      requirements: [],
      last_run: sample
        ? {
            started: '2025-11-21T09:12:04Z',
            finished: '2025-11-21T09:14:41Z',
            state: 'completed-with-errors',
            errors: [
              [
                'S1',
                'The registry registry.example.com:5000 did not answer within 10 s, so its signatures could not be fetched.',
              ],
            ],
          }
        : null,
      evidence: [],
      reports: [],
      trail_entries: sample ? 46 : 1,
      trail_head: hex('head'),
    };
    if (sample) {
      this.#keep(
        'A3 · S1',
        'trivy-report-checkout-service-2.14.3-linux-amd64-2025-11-20.json',
        'file',
        'application/json',
        'Delivered by the client',
        btoa('{\n  "SchemaVersion": 2,\n  "ArtifactName": "checkout-service:2.14.3"\n}\n'),
      );
      this.#keep(
        'C2 · S1',
        'Screenshot 2025-11-21 10:20',
        'screenshot',
        'image/png',
        'Pasted from the clipboard',
        PIXEL,
      );
      this.#keep(
        'D1 · S2',
        'Interview with platform team',
        'text',
        'text/plain',
        'Interview, 20 November',
        btoa('The proxy runs as uid 101 in all clusters; checked with kubectl on stage and prod.\n'),
      );
      this.open.reports = [
        {
          number: 'R-1',
          path: '/home/auditor/Documents/Plimsoll/acme-container-audit-of-the-payment-platform-q4-report.pdf',
          sha256: hex('report'),
          signer: 'Dr. Mareike Vandenberg-Osterhagen',
          at: '2025-11-21T16:40:00Z',
          pages: 34,
        },
      ];
      this.decisions.set('D1/sub-2', [
        {
          version: 2,
          conclusion: 'satisfied',
          rationale:
            'The image config names uid 101; the platform team confirmed in the interview (E-3) that no manifest overrides it.',
          author: 'Dr. Mareike Vandenberg-Osterhagen',
          at: '2025-11-21T10:02:00Z',
          stale: false,
          whole_engagement: false,
          evidence: ['E-3'],
        },
        {
          version: 1,
          conclusion: 'satisfied',
          rationale: 'The config names uid 101.',
          author: 'Dr. Mareike Vandenberg-Osterhagen',
          at: '2025-11-20T15:31:00Z',
          stale: true,
          whole_engagement: false,
          evidence: [],
        },
      ]);
      this.decisions.set('B1/sub-1', [
        {
          version: 1,
          conclusion: 'satisfied',
          rationale: 'The base is pinned in the pipeline by digest (see the build log).',
          author: 'Dr. Mareike Vandenberg-Osterhagen',
          at: '2025-11-21T11:00:00Z',
          stale: false,
          whole_engagement: false,
          evidence: [],
        },
      ]);
      this.decisions.set('A2/sub-2', [
        {
          version: 1,
          conclusion: 'satisfied',
          rationale: 'Signature verified by hand.',
          author: 'Dr. Mareike Vandenberg-Osterhagen',
          at: '2025-11-18T11:00:00Z',
          stale: true,
          whole_engagement: false,
          evidence: [],
        },
      ]);
    }
    return this.#settle();
  }

  #keep(about: string, name: string, kind: string, media: string, source: string, base64: string): void {
    const view = this.#must();
    const number = `E-${view.evidence.length + 1}`;
    this.#contents.set(number, { media, base64 });
    const size = Math.floor((base64.length * 3) / 4);
    view.evidence.push({
      number,
      name,
      kind,
      media_type: media,
      size: size < 1000 ? `${size} B` : `${(size / 1000).toFixed(1)} kB`,
      sha256: hex(number + name),
      source,
      author: view.auditor,
      at: '2025-11-21T09:20:00Z',
      about: [about],
    });
  }

  #cell(subjectId: string, useCase: string): B.CellView {
    const view = this.#must();
    const subject = view.subjects.find((line) => line.id === subjectId);
    const text = catalogue.use_cases.find((row) => row.id === useCase);
    const cell = view.use_cases
      .find((row) => row.id === useCase)
      ?.cells.find((other) => other.subject === subjectId);
    if (!subject || !text || !cell)
      throw { message: 'There is no such field.', details: `${useCase} ${subjectId}` };
    const at = view.subjects.indexOf(subject);
    const outcome = view.last_run && subject.collected ? this.#found(useCase, subject, at) : 'none';
    return {
      use_case: useCase,
      subject,
      title: this.#say(text.title),
      statement: this.#say(text.statement),
      question: this.#say(text.question),
      hints: text.evidence[this.language],
      cell,
      outcomes:
        outcome === 'none'
          ? []
          : CHECKS.filter((check) => check.use_case === useCase).map((check) =>
              this.#outcome(check, outcome),
            ),
      requirements: text.csvs.map((link) => {
        const row = view.requirements.find((other) => other.id === link.requirement)!;
        return {
          id: row.id,
          title: row.title,
          level: row.level,
          verdict: row.verdict,
          pass: link.pass,
          fail: link.fail,
        };
      }),
      decisions: this.decisions.get(`${useCase}/${subjectId}`) ?? [],
      evidence: this.#evidenceFor(useCase, subject),
    };
  }

  #seen(useCase: string): B.ObservationView[] {
    const blank = { line: 0, layer: '', reproduce: '', aliases: [] };
    const byUseCase: Record<string, B.ObservationView[]> = {
      B5: [
        {
          ...blank,
          severity: 'critical',
          message:
            'A private key (OpenSSH, 411 bytes) lies in layer 3. Layer 4 deletes it, but it can still be read.',
          location_kind: 'layer',
          location: '/srv/app/deploy_ed25519',
          layer: sha('layer3'),
          reproduce: `docker save ${S1.name} | tar -xO ${hex('layer3', 20)}/layer.tar | tar -xO srv/app/deploy_ed25519 | head -1`,
        },
        {
          ...blank,
          severity: 'critical',
          message: 'A password is set in the variable `DB_PASSWORD`: `hu•••••••••2`.',
          location_kind: 'field',
          location: 'config.Env[DB_PASSWORD]',
        },
        {
          ...blank,
          severity: 'high',
          message: 'The history shows the password as well.',
          location_kind: 'field',
          location: 'history[2].created_by',
        },
      ],
      C2: [
        {
          ...blank,
          severity: 'critical',
          message: 'The catalogue is shown to anybody: `GET /v2/_catalog` was answered with 200.',
          location_kind: '',
          location: 'http://legacy.example.com:5001/v2/_catalog?n=1',
          reproduce: `curl -sS -o /dev/null -w '%{http_code}\\n' 'http://legacy.example.com:5001/v2/_catalog?n=1'`,
        },
        {
          ...blank,
          severity: 'high',
          message: 'The registry speaks plain HTTP, so images can be changed on the way.',
          location_kind: '',
          location: 'http://legacy.example.com:5001/v2/',
        },
      ],
      C1: [
        {
          ...blank,
          severity: 'high',
          message: 'The snapshot of Content Trust is older than the one seen before.',
          location_kind: '',
          location: 'https://notary.docker.io docker.io/library/nginx',
        },
      ],
      D1: [
        {
          ...blank,
          severity: 'high',
          message: 'No user is set, so the process runs as root.',
          location_kind: 'field',
          location: 'config.User',
          reproduce: `docker image inspect --format '{{json .Config.User}}' ${S1.name}`,
        },
      ],
      D2: [
        {
          ...blank,
          severity: 'medium',
          message: '`ssh-keysign` has the set-user-id bit.',
          location_kind: 'layer',
          location: '/usr/lib/openssh/ssh-keysign',
          layer: sha('layer2'),
        },
      ],
      A4: [
        {
          ...blank,
          severity: 'medium',
          message: '`telnet` is a tool that a service does not need.',
          location_kind: 'layer',
          location: '/usr/bin/telnet',
          layer: sha('layer2'),
        },
      ],
    };
    const seen: B.ObservationView[] = byUseCase[useCase] ?? [
      {
        severity: 'high',
        message:
          '`ADD` fetches `https://downloads.example.com/tools/releases/v4/checkout-helper-linux-amd64.tar.gz` without a checksum.',
        location_kind: 'file',
        location: 'build/Dockerfile',
        line: 7,
        layer: '',
        reproduce: `grep -nE '^\\s*ADD\\s' /home/auditor/engagements/acme/evidence/checkout-service/build/Dockerfile`,
        aliases: ['DL3020', 'CIS 4.9'],
      },
      {
        severity: 'medium',
        message: 'The whole context is brought in with `ADD`, `COPY` would do.',
        location_kind: 'file',
        location: 'build/Dockerfile',
        line: 8,
        layer: '',
        reproduce: '',
        aliases: ['DL3020'],
      },
      {
        severity: 'info',
        message: 'An executable with the set-user-id bit lies in the image.',
        location_kind: 'layer',
        location: '/usr/lib/openssh/ssh-keysign',
        line: 0,
        layer: sha('layer2'),
        reproduce: `docker save ${S1.name} | tar -xO ${hex('layer3', 20)}/layer.tar | tar -tvf - usr/lib/openssh/ssh-keysign`,
        aliases: [],
      },
    ];
    return seen;
  }

  #outcome(check: CheckText, outcome: string): B.OutcomeView {
    const seen = this.#seen(check.use_case);
    const summaries: Record<string, string> = {
      pass: 'Nothing was found that speaks against it.',
      fail:
        check.use_case === 'B3'
          ? '2 of 2 `ADD` instructions do what `COPY` should do, or fetch from the network unverified.'
          : `${seen.length} ${seen.length === 1 ? 'place speaks' : 'places speak'} against it.`,
      undecided: 'Signals were gathered, but whether the source is trusted is for you to decide.',
      error: 'The registry did not answer within 10 s, so the signatures could not be read.',
      'not-applicable': 'There is no Dockerfile for this subject.',
    };
    return {
      check: check.id,
      title: this.#say(check.title),
      outcome,
      summary: summaries[outcome] ?? '',
      why: this.#say(PAGE.why),
      how: this.#say(PAGE.how),
      blind_spots: this.#say(PAGE.blind_spots),
      remedy: this.#say(PAGE.remedy),
      example:
        'COPY dist/ /srv/app/\nADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d \\\n    https://downloads.example.com/helper.tar.gz /opt/helper/',
      observations: outcome === 'fail' ? seen : outcome === 'undecided' ? seen.slice(-1) : [],
    };
  }

  #outcomeOf(useCase: string, subject: B.SubjectLine): string {
    const view = this.#must();
    const at = view.subjects.indexOf(subject);
    return view.last_run && subject.collected ? this.#found(useCase, subject, at) : 'none';
  }

  /** The checks that speak to a requirement. */
  #by(id: string, subjects: readonly string[]): B.CoverageBy[] {
    const say = (text: Both) => this.#say(text);
    const image = ['image', 'dockerfile', 'compose', 'registry', 'sbom'];
    return [
      ...CHECKS.flatMap((check) => {
        const useCase = catalogue.use_cases.find((other) => other.id === check.use_case);
        const link = useCase?.csvs.find((other) => other.requirement === id);
        if (!link) return [];
        return [
          {
            check: check.id,
            title: say(check.title),
            use_case: check.use_case,
            kinds: image.filter((kind) => subjects.includes(kind)),
            pass: link.pass,
            fail: link.fail,
            unseen: say(PAGE.blind_spots),
          },
        ];
      }),
      ...RUNTIME_CHECKS.flatMap((check) =>
        check.links
          .filter(([link]) => link === id)
          .map(([, pass, fail]) => ({
            check: check.id,
            title: say(check.title),
            use_case: check.use_case,
            kinds: check.kinds,
            pass,
            fail,
            unseen: runtime.unseen(say),
          })),
      ),
    ];
  }

  #mode(id: string): string {
    const by = this.#by(id, ['image', 'host', 'container']);
    if (by.length === 0) return 'manual';
    return by.some((one) => one.pass === 'decisive' && one.fail === 'decisive') ? 'automated' : 'assisted';
  }

  #coverage(): B.CoverageView {
    const rows = chapters.flatMap((chapter) =>
      chapter.requirements.map((row) => ({
        id: row.id,
        chapter: chapter.id,
        chapter_title: this.#say(chapter.title),
        level: row.level,
        title: this.#say(row.title),
        mode: this.#mode(row.id),
        kinds: row.subjects,
        by: this.#by(row.id, row.subjects),
        question: this.#say(row.question),
        hints: row.evidence[this.language],
        example: this.#say(row.example ?? EXAMPLE),
      })),
    );
    const [automated, assisted, manual] = MODES.map(
      (mode) => rows.filter((row) => row.mode === mode).length,
    ) as [number, number, number];
    return { rows, automated, assisted, manual };
  }

  #checks(): B.CheckLine[] {
    const view = this.#must();
    const worst = ['fail', 'error', 'undecided', 'pass', 'not-applicable', 'none'];
    const runs = RUNTIME_CHECKS.map((check) => {
      const outcomes = this.runtime
        .filter((one) => this.#runtimeOf(one.subject.id) && check.kinds.includes(one.subject.kind))
        .map((one) => runtime.found(one, check.id));
      return {
        id: check.id,
        use_case: check.use_case,
        title: this.#say(check.title),
        outcome: worst.find((outcome) => outcomes.includes(outcome)) ?? 'none',
        observations: outcomes.filter((outcome) => outcome === 'fail').length,
      };
    });
    return [...this.#imageChecks(worst, view), ...(this.#withRuntime === false ? [] : runs)];
  }

  #imageChecks(worst: readonly string[], view: B.EngagementView): B.CheckLine[] {
    return CHECKS.map((check) => {
      const outcomes = view.subjects
        .filter((line) => !this.#runtimeOf(line.id))
        .map((subject) => this.#outcomeOf(check.use_case, subject));
      return {
        id: check.id,
        use_case: check.use_case,
        title: this.#say(check.title),
        outcome: worst.find((outcome) => outcomes.includes(outcome)) ?? 'none',
        observations: outcomes
          .map((outcome) => this.#outcome(check, outcome).observations.length)
          .reduce((a, b) => a + b, 0),
      };
    });
  }

  #check(id: string): B.CheckPage {
    const view = this.#must();
    const runs = RUNTIME_CHECKS.find((other) => other.id === id);
    if (runs) return this.#runtimeCheck(runs);
    const check = CHECKS.find((other) => other.id === id);
    if (!check) throw { message: `There is no check ${id}.`, details: '' } satisfies B.Failure;
    const text = catalogue.use_cases.find((row) => row.id === check.use_case)!;
    return {
      id,
      use_case: check.use_case,
      use_case_title: this.#say(text.title),
      mode: ['A5', 'C2'].includes(check.use_case) ? 'assisted' : 'automated',
      title: this.#say(check.title),
      why: this.#say(PAGE.why),
      how: this.#say(PAGE.how),
      blind_spots: this.#say(PAGE.blind_spots),
      remedy: this.#say(PAGE.remedy),
      example: this.#outcome(check, 'pass').example,
      requirements: text.csvs.map((link) => {
        const row = view.requirements.find((other) => other.id === link.requirement)!;
        return {
          id: row.id,
          title: row.title,
          level: row.level,
          verdict: row.verdict,
          pass: link.pass,
          fail: link.fail,
        };
      }),
      aliases: check.aliases,
      outcomes: view.last_run
        ? view.subjects
            .filter((subject) => subject.collected && !this.#runtimeOf(subject.id))
            .map((subject) => ({
              subject,
              outcome: this.#outcome(check, this.#outcomeOf(check.use_case, subject)),
            }))
        : [],
      allowances: this.settings.allowances.filter((allowance) => allowance.check === id),
    };
  }

  #runtimeCheck(check: (typeof RUNTIME_CHECKS)[number]): B.CheckPage {
    const view = this.#must();
    const say = (text: Both) => this.#say(text);
    const text = catalogue.use_cases.find((row) => row.id === check.use_case);
    const mine = this.runtime.filter(
      (one) =>
        this.#runtimeOf(one.subject.id) && one.subject.collected && check.kinds.includes(one.subject.kind),
    );
    const sample = runtime.outcomeOf(mine[0] ?? runtime.sampleRuntime(1, 0, sha)[0]!, check, say);
    return {
      id: check.id,
      use_case: check.use_case,
      use_case_title: text ? say(text.title) : '',
      mode: '',
      title: say(check.title),
      why: sample.why,
      how: sample.how,
      blind_spots: sample.blind_spots,
      remedy: sample.remedy,
      example: sample.example,
      requirements: check.links.flatMap(([link, pass, fail]) => {
        const row = view.requirements.find((other) => other.id === link);
        return row
          ? [{ id: row.id, title: row.title, level: row.level, verdict: row.verdict, pass, fail }]
          : [];
      }),
      aliases: check.aliases,
      outcomes: mine.map((one) => ({ subject: one.subject, outcome: runtime.outcomeOf(one, check, say) })),
      allowances: this.settings.allowances.filter((allowance) => allowance.check === check.id),
    };
  }

  #requirement(id: string): B.RequirementView {
    const view = this.#must();
    const row = view.requirements.find((other) => other.id === id);
    const text = chapters.flatMap((chapter) => chapter.requirements).find((other) => other.id === id);
    if (!row || !text) throw { message: `There is no requirement ${id}.`, details: '' };
    const cases = catalogue.use_cases.filter((useCase) =>
      useCase.csvs.some((link) => link.requirement === id),
    );
    const cells: B.RequirementCellView[] =
      cases.length > 0
        ? view.subjects
            .filter((line) => !this.#runtimeOf(line.id))
            .map((subject, at) => ({
              subject,
              verdict: ['not-satisfied', 'open', 'satisfied'][at % 3]!,
              decided_by: ['check', 'nobody', 'check'][at % 3]!,
              basis: [
                `${cases[0]!.id} fails, and that decides it.`,
                `${cases.map((useCase) => useCase.id).join(', ')} support it; a person must decide.`,
                `${cases[0]!.id} passes, and that decides it.`,
              ][at % 3]!,
              conflict: false,
              decisions: this.decisions.get(`${id}/${subject.id}`) ?? [],
              evidence: this.#evidenceFor(id, subject),
            }))
        : [];
    for (const one of this.runtime) {
      const check = RUNTIME_CHECKS.find(
        (other) => other.links.some(([link]) => link === id) && other.kinds.includes(one.subject.kind),
      );
      const line = view.subjects.find((other) => other.id === one.subject.id);
      if (!check || !line || cells.some((cell) => cell.subject?.id === line.id)) continue;
      const outcome = runtime.found(one, check.id);
      cells.push({
        subject: line,
        verdict: { fail: 'not-satisfied', pass: 'satisfied' }[outcome] ?? 'open',
        decided_by: ['fail', 'pass'].includes(outcome) ? 'check' : 'nobody',
        basis:
          outcome === 'fail'
            ? 'Failed by check.'
            : outcome === 'pass'
              ? 'Passed by check.'
              : 'Open: nobody has decided it.',
        conflict: false,
        decisions: this.decisions.get(`${id}/${line.id}`) ?? [],
        evidence: this.#evidenceFor(id, line),
      });
    }
    const whole = this.decisions.get(`${id}/`);
    if (cells.length === 0 || whole)
      cells.push({
        subject: null,
        verdict: whole?.[0]?.conclusion ?? 'open',
        decided_by: whole ? 'auditor' : 'nobody',
        basis: whole
          ? 'The auditor decided for the engagement as a whole.'
          : 'No check speaks to it; the auditor decides.',
        conflict: false,
        decisions: whole ?? [],
        evidence: this.#evidenceFor(id, null),
      });
    return {
      row,
      statement: this.#say(text.statement),
      question: this.#say(text.question),
      hints: text.evidence[this.language],
      example: this.#say(text.example ?? EXAMPLE),
      mode: this.#mode(id),
      checks: this.#by(id, text.subjects).map((by) => [by.check, by.title]),
      cells,
      use_cases: cases.map((useCase) => [useCase.id, this.#say(useCase.title)]),
    };
  }

  #subject(id: string): B.SubjectView {
    const line = this.#must().subjects.find((other) => other.id === id);
    if (!line) throw { message: 'There is no such subject.', details: id };
    const isImage = line.kind === 'image';
    return {
      line,
      identity: [
        ['Source', line.source],
        ['Digest', line.digest ?? ''],
        ['Config digest', sha(`config${id}`)],
        ['Platform', line.platform ?? '—'],
        ['Read', '2025-11-21 09:12'],
      ],
      figures: isImage
        ? [
            ['Size', line.size ?? '—'],
            ['Layers', '4'],
            ['Files', '18 402'],
            ['Packages', `${image.COUNT - 5} (deb), 5 (npm)`],
            ['Set-id files', '9'],
            ['Wasted', '28.4 MB (6.9 %)'],
          ]
        : [['Instructions', '14']],
      layers: isImage
        ? image.COMMANDS.map((command, at) => ({
            number: at + 1,
            digest: sha(`blob${at}`),
            diff_id: sha(`layer${at + 1}`),
            size: `${(image.SHARES[at]! * 412.8).toFixed(1)} MB`,
            share: image.SHARES[at]!,
            files: [3402, 12904, 6206, 2][at]!,
            command,
          }))
        : [],
      waste: isImage
        ? [
            {
              path: '/var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_main_binary-amd64_Packages.lz4',
              copies: 2,
              size: '18.2 MB',
              deleted: false,
            },
            {
              path: '/srv/app/tests/fixtures/transactions-2024-full-export.ndjson',
              copies: 1,
              size: '9.7 MB',
              deleted: true,
            },
            { path: '/etc/passwd', copies: 3, size: '2.9 kB', deleted: false },
          ]
        : [],
      config: isImage ? image.config : [],
      config_marks: isImage && line.collected ? image.configMarks(this.language) : [],
      history: isImage ? image.history(this.language) : [],
      // One was read before files were recorded.
      browsable: isImage && line.collected && id !== 'sub-2',
      packages: isImage && id !== 'sub-2' ? image.COUNT : 0,
      text:
        line.dockerfile || line.kind !== 'image'
          ? {
              name: 'Dockerfile',
              lines: dockerfile,
              marks: [
                {
                  line: 2,
                  severity: 'medium',
                  use_case: 'B1',
                  message: 'The base image debian:latest is not pinned.',
                },
                {
                  line: 3,
                  severity: 'critical',
                  use_case: 'B5',
                  message: 'A password is set in an environment variable.',
                },
                {
                  line: 4,
                  severity: 'low',
                  use_case: 'B2',
                  message: 'apt-get update stands in an instruction of its own.',
                },
                {
                  line: 5,
                  severity: 'medium',
                  use_case: 'A4',
                  message: 'Tools that a service does not need are installed: vim, telnet, net-tools.',
                },
                {
                  line: 7,
                  severity: 'high',
                  use_case: 'B3',
                  message: 'ADD fetches an address without a checksum.',
                },
                {
                  line: 8,
                  severity: 'medium',
                  use_case: 'B3',
                  message: 'The whole context is brought in with ADD.',
                },
                {
                  line: 15,
                  severity: 'high',
                  use_case: 'D1',
                  message: 'No USER is set, so the process runs as root.',
                },
              ],
            }
          : null,
    };
  }

  #registry(host: string): registry.MockRegistry | undefined {
    return this.registries.find((one) => one.connection.host === host);
  }

  #registries(): B.RegistriesView {
    const view = this.#must();
    const say = (text: Both) => this.#say(text);
    return {
      rows: this.registries.flatMap((one) => {
        const subject = view.subjects.find((line) => line.id === one.subject);
        if (!subject) return [];
        return [
          {
            subject,
            connection: one.connection,
            credentials: one.credentials,
            probed: one.probed ? registry.probes(one, '2025-11-21T09:14:00Z', say, sha) : null,
            outcome: one.probed ? one.outcome : 'none',
          },
        ];
      }),
      client: this.registries.some((one) => one.probed) ? registry.client(say) : [],
    };
  }

  #trust(id: string): B.TrustPage {
    const line = this.#must().subjects.find((other) => other.id === id);
    if (!line) throw { message: 'There is no such subject.', details: id } satisfies B.Failure;
    const page = trustPage(line, this.pins, (text) => this.#say(text), sha);
    // Those that a run of an older version read know nothing of trust.
    return /old/.test(line.name) ? { ...page, sections: [], pins: [] } : page;
  }

  readonly #registryCommands: Record<string, (args: Record<string, unknown>) => unknown> = {
    registries: () => this.#registries(),
    registry_save: ({ args, consentBy }) => {
      const view = this.#must();
      const asked = args as B.ConnectionView;
      if (/\s/.test(asked.host))
        throw { message: `"${asked.host}" is no host.`, details: '' } satisfies B.Failure;
      const consent = asked.push_probe || asked.delete_probe;
      const next = {
        ...asked,
        consent: !consent ? '' : consentBy ? `${String(consentBy)}, 2025-11-24` : asked.consent,
      };
      const known = this.#registry(asked.host);
      if (known) known.connection = next;
      else {
        const n = Math.max(0, ...view.subjects.map((line) => Number(line.label.slice(1)))) + 1;
        view.subjects.push(registry.subjectLine(`sub-${n}`, `S${n}`, asked.host, false));
        this.registries.push({
          connection: next,
          credentials: '',
          subject: `sub-${n}`,
          probed: false,
          outcome: 'undecided',
        });
      }
      this.#settle();
      return this.#registries();
    },
    registry_remove: ({ host }) => {
      const view = this.#must();
      const gone = this.#registry(String(host));
      view.subjects = view.subjects.filter((line) => line.id !== gone?.subject);
      this.registries = this.registries.filter((one) => one !== gone);
      this.#settle();
      return this.#registries();
    },
    registry_login: ({ host, user, password, remember }) => {
      if (password === 'wrong')
        throw {
          message: `${String(host)} does not accept this user and password.`,
          details: '401 Unauthorized',
        } satisfies B.Failure;
      const known = this.#registry(String(host));
      if (known)
        known.credentials = `${String(user)}, ${this.#say(
          remember
            ? { en: 'from the keyring', de: 'aus dem Schlüsselbund' }
            : { en: 'typed in', de: 'eingegeben' },
        )}`;
      return this.#registries();
    },
    registry_logout: ({ host }) => {
      const known = this.#registry(String(host));
      if (known) known.credentials = '';
      return this.#registries();
    },
    registry_test: async ({ host }) => {
      await wait(this.#delay * 20);
      const known = this.#registry(String(host));
      if (!known || /nowhere/.test(String(host)))
        throw {
          message: `The name ${String(host)} is not known; check how it is spelt.`,
          details: 'dns error: failed to lookup address information',
        } satisfies B.Failure;
      return registry.probes(known, '2025-11-24T10:31:00Z', (text) => this.#say(text), sha);
    },
    registry_repositories: ({ host, search }) =>
      registry.repositories(this.#registry(String(host)), String(host), String(search), (text) =>
        this.#say(text),
      ),
    registry_tags: ({ host, repository }) =>
      registry.tags(String(host), String(repository), (text) => this.#say(text)),
    registry_image: ({ reference }) => registry.image(String(reference), (text) => this.#say(text), sha),
    trust: ({ subject }) => this.#trust(String(subject)),
    pin_forget: ({ subject, gun, reason }) => {
      if (String(reason).trim() === '')
        throw { message: 'Enter why the root is forgotten.', details: '' } satisfies B.Failure;
      this.pins = this.pins.filter((pin) => pin.gun !== gun);
      return this.#trust(String(subject));
    },
    read_text: ({ path }) => {
      if (/\.tar$/.test(String(path)))
        return '-----BEGIN CERTIFICATE-----\nMIIBtjCCAVugAwIBAgITBmyf1XSXNmY\n-----END CERTIFICATE-----\n';
      throw { message: `There is no file ${String(path)}.`, details: 'os error 2' } satisfies B.Failure;
    },
  };

  /** The number of the next subject. */
  #next(): number {
    return Math.max(0, ...this.#must().subjects.map((line) => Number(line.label.slice(1)))) + 1;
  }

  readonly #runtimeCommands: Record<string, (args: Record<string, unknown>) => unknown> = {
    coverage: () => this.#coverage(),
    runtime_list: () =>
      ({
        lines: this.runtime.flatMap((one) => {
          const known = this.#runtimeOf(one.subject.id);
          return known ? [runtime.lineOf(known)] : [];
        }),
      }) satisfies B.RuntimeList,
    runtime_page: ({ subject }) => {
      const one = this.#runtimeOf(String(subject));
      if (!one) throw { message: 'There is no such host or container.', details: '' } satisfies B.Failure;
      return runtime.page(
        one,
        this.runtime,
        (id) => this.#must().requirements.find((row) => row.id === id),
        (text) => this.#say(text),
      );
    },
    engines: () => {
      if (this.noDaemon)
        throw {
          message: 'The file ~/.docker/config.json is no JSON, so its contexts are not known.',
          details: 'expected value at line 1 column 1',
        } satisfies B.Failure;
      return runtime.ENGINES;
    },
    ask_engine: async ({ address }) => {
      await wait(this.#delay * 8);
      return runtime.ask(String(address), Number(this.#withRuntime === true ? 0 : this.#withRuntime));
    },
    add_host: ({ new: args }) => {
      const asked = args as B.NewHost;
      if (asked.files.some((path) => /\.tar$/.test(path)))
        throw {
          message: `${asked.files[0]} is neither a daemon.json nor a unit file.`,
          details: '',
        } satisfies B.Failure;
      const entries = runtime.added(
        asked,
        this.#next(),
        sha,
        Number(this.#withRuntime === true ? 0 : this.#withRuntime),
      );
      this.runtime.push(...entries);
      this.#must().subjects.push(...entries.map((one) => one.subject));
      return this.#settle();
    },
    import_facts: async ({ paths }) => {
      const view = this.#must();
      const brought: B.FactsImport = { added: 0, known: 0, refused: [], notes: [] };
      await wait(this.#delay * 10);
      for (const path of paths as string[]) {
        const { entries, refused } = runtime.fromFacts(path, this.#next(), sha);
        if (refused !== null) brought.refused.push([path, refused]);
        const fresh = entries.filter(
          (one) => !view.subjects.some((line) => line.source === one.subject.source),
        );
        brought.added += fresh.length;
        brought.known += entries.length - fresh.length;
        this.runtime.push(...fresh);
        view.subjects.push(...fresh.map((one) => one.subject));
      }
      this.#settle();
      return brought;
    },
  };

  readonly #vulnerabilityCommands: Record<string, (args: Record<string, unknown>) => unknown> = {
    vulnerabilities: ({ query }) =>
      this.vulnerabilities.page(this.#must().subjects, query as B.VulnerabilityQuery),
    vulnerability: ({ subject, key }) =>
      this.vulnerabilities.view(this.#must().subjects, String(subject), Number(key)),
    acceptances: () => this.vulnerabilities.acceptances,
    accept_risk: ({ args }) => {
      const { subjects, auditor } = this.#must();
      return this.vulnerabilities.accept(subjects, args as B.NewAcceptance, auditor);
    },
    withdraw_acceptance: ({ id }) => {
      this.vulnerabilities.withdraw(String(id));
      return this.#settle();
    },
    set_category: ({ subject, category }) => {
      this.vulnerabilities.setCategory(String(subject), category as string | null);
      return this.#settle();
    },
    comparisons: ({ subject, lines }) =>
      this.vulnerabilities.comparisons(this.#must().subjects, String(subject), Boolean(lines)),
    export_sbom: () => undefined,
    match_again: async () => {
      await wait(this.#delay * 10);
      return this.#settle();
    },
    advisories_status: () => this.vulnerabilities.advisories.database(),
    advisories_import: ({ paths, onProgress }) => this.#import(paths as string[], onProgress),
    advisories_update: ({ onProgress }) => this.#import([], onProgress),
    advisories_cancel: () => {
      this.cancelled = true;
    },
  };

  async #import(paths: string[], onProgress: unknown): Promise<B.ImportEnded | null> {
    const receive = onProgress as (progress: B.Progress) => void;
    this.cancelled = false;
    for (let done = 0; done <= 6 && !this.cancelled; done += 1) {
      receive({
        subject: 1 + Math.floor(done / 4),
        subjects: 2,
        name: done < 4 ? 'Debian security tracker' : 'OSV: PyPI',
        step: this.#say(done < 6 ? { en: 'Reading', de: 'Lesen' } : { en: 'Writing', de: 'Schreiben' }),
        done: done * 11.3e6,
        total: done < 6 ? 68e6 : 0,
      });
      await wait(this.#delay * 8);
    }
    return this.cancelled ? null : this.vulnerabilities.advisories.imported(paths);
  }

  readonly #commands: Record<string, (args: Record<string, unknown>) => unknown> = {
    ...this.#registryCommands,
    ...this.#vulnerabilityCommands,
    ...this.#runtimeCommands,
    start: () =>
      ({
        version: '0.1.0',
        folder: '/home/auditor/Documents/Plimsoll',
        auditor: 'Dr. Mareike Vandenberg-Osterhagen',
        organization: 'Osterhagen Assurance',
        open: null,
        recent: [
          {
            path: '/home/auditor/Documents/Plimsoll/acme-container-audit-of-the-payment-platform-q4.plimsoll',
            title: 'Container audit of the payment platform, Q4',
            client: 'ACME Payments GmbH & Co. KG',
            opened: '2025-11-21T08:55:00Z',
            exists: true,
          },
          {
            path: '/home/auditor/Documents/Plimsoll/stadtwerke.plimsoll',
            title: 'Portal images, annual audit',
            client: 'Stadtwerke Mittelhausen',
            opened: '2025-11-12T13:20:00Z',
            exists: true,
          },
          {
            path: '/media/usb0/engagements/2025/northwind-registry-hardening-review-final.plimsoll',
            title: 'Registry hardening review',
            client: 'Northwind Traders',
            opened: '2025-09-30T07:02:00Z',
            exists: false,
          },
        ],
      }) satisfies B.Start,
    engagement: () => this.#settle(),
    engagement_new: ({ args }) => this.make(false, args as B.NewEngagement),
    engagement_open: ({ path }) => {
      if (String(path).includes('stadtwerke'))
        throw {
          message: 'This engagement was written by a newer version of Plimsoll.',
          details:
            'schema 7 is newer than 5, the newest that this version reads\n/home/auditor/Documents/Plimsoll/stadtwerke.plimsoll',
        } satisfies B.Failure;
      return this.make(true);
    },
    engagement_sample: () => this.make(true),
    engagement_close: () => {
      this.open = null;
    },
    daemon_images: () => {
      if (this.noDaemon)
        throw {
          message: 'Nothing answers at /var/run/docker.sock.',
          details: 'connect: no such file or directory (os error 2)',
        } satisfies B.Failure;
      return [
        ['registry.example.com:5000/payments/checkout-service:2.14.3', '412.8 MB', '2025-11-19'],
        ['registry.example.com:5000/payments/checkout-service:2.14.2', '411.9 MB', '2025-11-02'],
        ['nginx:1.27-alpine', '52.1 MB', '2025-10-08'],
        ['postgres:17.2', '438.2 MB', '2025-09-25'],
        [sha('untagged'), '1.21 GB', '2025-08-14'],
      ].map(([reference, size, created]) => ({
        reference: reference!,
        id: sha(reference!),
        size: size!,
        created: `${created}T10:00:00Z`,
        digests: [`${reference}@${sha(`d${reference}`)}`],
      })) satisfies B.DaemonImage[];
    },
    detect: ({ path }) => {
      const file = String(path);
      if (/missing/.test(file))
        throw { message: `There is no file ${file}.`, details: 'os error 2' } satisfies B.Failure;
      if (/compose|docker/i.test(file) && !/\.tar$/.test(file))
        return {
          sources: [`dockerfile:${file}`],
          platforms: [],
          kind: 'dockerfile',
          dockerfile: null,
        } satisfies B.Detected;
      return {
        sources: [
          `docker-archive:${file}:payments/checkout-service:2.14.3`,
          `docker-archive:${file}:payments/checkout-migrate:2.14.3`,
        ],
        platforms: /oci/.test(file) ? ['linux/amd64', 'linux/arm64'] : [],
        kind: 'image',
        dockerfile: '/home/auditor/images/Dockerfile',
      } satisfies B.Detected;
    },
    subject_add: ({ source, dockerfile: beside, platform }) => {
      const view = this.#must();
      const n = Math.max(0, ...view.subjects.map((line) => Number(line.label.slice(1)))) + 1;
      const from = String(source);
      view.subjects.push({
        id: `sub-${n}`,
        label: `S${n}`,
        kind: from.startsWith('dockerfile:') ? 'dockerfile' : from.startsWith('sbom:') ? 'sbom' : 'image',
        name: from.slice(from.indexOf(':') + 1),
        source: from,
        dockerfile: (beside as string | null) ?? null,
        digest: null,
        platform: (platform as string | null) ?? null,
        size: null,
        error: null,
        collected: false,
      });
      return this.#settle();
    },
    subject_remove: ({ id }) => {
      const view = this.#must();
      view.subjects = view.subjects.filter((line) => line.id !== id);
      return this.#settle();
    },
    audit_run: async ({ onProgress }) => {
      const view = this.#must();
      const receive = onProgress as (progress: B.Progress) => void;
      this.cancelled = false;
      const subjects = view.subjects.length;
      const steps = {
        en: ['Reading layers', 'Applying checks'],
        de: ['Schichten lesen', 'Prüfungen anwenden'],
      }[this.language];
      for (let at = 0; at < subjects && !this.cancelled; at += 1) {
        for (let done = 0; done <= 4 && !this.cancelled; done += 1) {
          receive({
            subject: at + 1,
            subjects,
            name: view.subjects[at]!.name,
            step: done < 4 ? steps[0]! : steps[1]!,
            done: done * 103.2e6,
            total: done < 4 ? 412.8e6 : 0,
          });
          await wait(this.#delay * 4);
        }
      }
      if (!this.cancelled)
        view.subjects = view.subjects.map((line, at) =>
          ['registry', 'sbom', 'host', 'container'].includes(line.kind)
            ? { ...line, collected: true }
            : {
                ...[S1, S2, S3][at % 3]!,
                ...line,
                collected: true,
                digest: line.digest ?? sha(line.source),
                size: line.size ?? '88.0 MB',
              },
        );
      if (!this.cancelled) for (const one of this.registries) one.probed = true;
      view.last_run = {
        started: '2025-11-24T09:00:00Z',
        finished: '2025-11-24T09:02:00Z',
        state: this.cancelled ? 'cancelled' : 'completed',
        errors: [],
      };
      return { engagement: this.#settle(), cancelled: this.cancelled } satisfies B.RunEnded;
    },
    audit_cancel: () => {
      this.cancelled = true;
    },
    cell: ({ subject, useCase }) => this.#cell(String(subject), String(useCase)),
    requirement: ({ id }) => this.#requirement(String(id)),
    subject: ({ id }) => this.#subject(String(id)),
    folder: ({ layer, path }) => {
      const found = image.folder(layer as number | null, String(path), this.language);
      if (!found) throw image.noSuchFolder(String(path));
      return found;
    },
    packages: () => image.packages(this.language),
    checks: () => this.#checks(),
    check: ({ id }) => this.#check(String(id)),
    settings: () => this.settings,
    settings_set: ({ args }) => {
      const pem = (args as B.SettingsView).trust.keys.find((key) => key.pem.includes('broken'));
      if (pem)
        throw {
          message: `The key "${pem.name}" cannot be read: it is no PEM.`,
          details: '',
        } satisfies B.Failure;
      this.settings = args as B.SettingsView;
      return this.#settle();
    },
    decide: ({ args }) => {
      const { subject, target, conclusion, rationale } = args as B.Decide;
      const key = `${target}/${subject ?? ''}`;
      const before = this.decisions.get(key) ?? [];
      this.decisions.set(key, [
        {
          version: before.length + 1,
          conclusion,
          rationale,
          author: this.#must().auditor,
          at: '2025-11-24T10:00:00Z',
          stale: false,
          whole_engagement: subject === null,
          evidence: [],
        },
        ...before,
      ]);
      return this.#settle();
    },
    evidence_add: ({ args }) => {
      const item = args as B.AddEvidence;
      const subject = this.#must().subjects.find((line) => line.id === item.subject);
      this.#keep(
        subject ? `${item.target} · ${subject.label}` : item.target,
        item.name,
        item.kind,
        item.media_type || 'application/octet-stream',
        item.source,
        item.base64,
      );
      return this.#settle();
    },
    evidence_get: ({ number }) => {
      const evidence = this.#must().evidence.find((item) => item.number === number);
      const content = this.#contents.get(String(number));
      if (!evidence || !content)
        throw { message: 'There is no such evidence.', details: String(number) } satisfies B.Failure;
      return { evidence, base64: content.base64 } satisfies B.EvidenceBytes;
    },
    identity: () => this.identity,
    identity_create: ({ name, organization }) => {
      this.identity = {
        ...this.identity,
        exists: true,
        name: String(name),
        organization: String(organization),
        not_after: '2028-11-24T00:00:00Z',
        fingerprint: hex(`id${String(name)}`),
      };
      return this.identity;
    },
    report_export: ({ args }) => {
      const { path, passphrase } = args as B.ExportReport;
      if (passphrase === 'wrong')
        throw {
          message: 'The passphrase does not open the identity.',
          details: 'PKCS#12: the MAC does not match',
        } satisfies B.Failure;
      const view = this.#must();
      view.reports = [
        {
          number: `R-${view.reports.length + 1}`,
          path,
          sha256: hex(path),
          signer: this.identity.name || view.auditor,
          at: '2025-11-24T11:00:00Z',
          pages: 36,
        },
        ...view.reports,
      ];
      return this.#settle();
    },
    report_open: () => undefined,
  };
}

// For requirements whose example is not in the catalogue.
const EXAMPLE: Both = {
  en: 'Output of `docker info` from each node, taken by the auditor on site on 20 November, with the name of the machine and the hour in it.',
  de: 'Ausgabe von `docker info` auf jedem Knoten, vom Prüfer am 20. November vor Ort aufgenommen, mit dem Namen der Maschine und der Uhrzeit darin.',
};

// A small drawing, so that the preview has an image to show.
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAGCAYAAAD68A/GAAAAIElEQVR42mNkYPj/n4EIwMjAwPCfGIVEK2QcVUhHhQAAEQsH/QX2Y1MAAAAASUVORK5CYII=';

/** Puts the stand-in in the program's place. */
export function install(
  options: MockOptions = {
    delay: location.search.includes('slow') ? 800 : 60,
    noDaemon: location.search.includes('no-daemon'),
    registries: !location.search.includes('no-registries'),
    estate: location.search.includes('estate'),
    runtime: location.search.includes('no-hosts')
      ? false
      : Number(/containers=(\d+)/.exec(location.search + location.hash)?.[1] ?? 0) || true,
    scans: {
      rows: Number(/rows=(\d+)/.exec(location.search + location.hash)?.[1] ?? 412),
      noDatabase: location.search.includes('no-database'),
      broken: location.search.includes('broken'),
    },
  },
): Mock {
  const mock = new Mock(options);
  useTransport(mock);
  return mock;
}

/** Brings a browser to a screen: `#screen=matrix&cell=B3-S1&theme=dark&lang=de`, `#screen=check&id=no-secrets`, `#screen=subjects&subject=S1&tab=files&path=/usr/bin&layer=1`. */
export async function stage(workbench: Workbench): Promise<void> {
  const asked = new URLSearchParams(location.hash.slice(1));
  const theme = asked.get('theme');
  if (theme === 'dark' || theme === 'light') workbench.setTheme(theme);
  const lang = asked.get('lang');
  if (lang === 'de' || lang === 'en') await workbench.setLanguage(lang);
  const wanted = asked.get('screen');
  const screen =
    wanted === 'check' || wanted === 'settings'
      ? 'checks'
      : wanted === 'coverage'
        ? 'coverage'
        : wanted === 'runtime'
          ? 'hosts'
          : SCREENS.find((name) => name === wanted);
  if (!screen) return;
  if (asked.has('new'))
    await workbench.create({
      path: '/tmp/new.plimsoll',
      title: 'New',
      client: 'Client',
      scope: '',
      auditor: 'A',
      organization: '',
      target_level: 2,
      profile: asked.get('new') || 'image',
    });
  else await workbench.openSample();
  workbench.go(screen);
  const cell = asked.get('cell')?.split('-');
  if (cell?.[0] && cell[1]) workbench.showCell(cell[0], `sub-${cell[1].slice(1)}`);
  const requirement = asked.get('requirement');
  if (requirement) workbench.showRequirement(requirement);
  const subject = asked.get('subject');
  if (subject && !['registries', 'runtime'].includes(wanted ?? ''))
    workbench.showSubject(`sub-${subject.slice(1)}`);
  const tab = SUBJECT_TABS.find((name) => name === asked.get('tab'));
  if (tab) workbench.subjectTab = tab;
  const path = asked.get('path');
  if (subject && path) {
    const layer = Number(asked.get('layer')) || null;
    workbench.browse(`sub-${subject.slice(1)}`, { layer, path, select: asked.get('select') });
  }
  if (wanted === 'check') workbench.showCheck(asked.get('id'));
  if (wanted === 'settings')
    workbench.showSettings(SETTINGS_TABS.find((name) => name === asked.get('part')) ?? 'checks');
  if (wanted === 'registries' && subject) workbench.showRegistry(`sub-${subject.slice(1)}`);
  const inside = subject && wanted === 'subjects' ? `sub-${subject.slice(1)}` : null;
  if (asked.has('text')) workbench.filter(inside, { text: asked.get('text') ?? '' });
  if (asked.has('severity')) workbench.filter(inside, { severities: [asked.get('severity') ?? ''] });
  if (wanted === 'runtime' && subject)
    workbench.showRuntime(
      `sub-${subject.slice(1)}`,
      RUNTIME_TABS.find((name) => name === asked.get('tab')) ?? 'findings',
    );
  if (wanted === 'coverage' && asked.get('id')) workbench.showCoverage(asked.get('id'));
  if (wanted === 'hosts' && asked.has('text')) workbench.hostFilter.text = asked.get('text') ?? '';
  if (asked.has('add-host')) workbench.addHost();
  if (asked.has('import')) void workbench.chooseFacts();
  const row = /^S(\d+)-(\d+)$/.exec(asked.get('row') ?? '');
  if (row) workbench.openVulnerability = { subject: `sub-${row[1]}`, key: Number(row[2]) };
  if (asked.has('folded')) workbench.hideSummary = true;
  if (asked.has('importing')) void workbench.importAdvisories(['/media/usb0/advisories/PyPI/all.zip']);
  if (asked.has('add')) workbench.addSubject();
  const from = asked.get('from');
  if (from) workbench.addFrom(from);
  if (asked.has('help')) workbench.help = true;
  if (asked.has('run')) void workbench.audit();
  // What is only seen after clicks: `&click=facet-severity,facet-severity-high`.
  for (const id of asked.get('click')?.split(',') ?? []) {
    await wait(400);
    document.querySelector<HTMLElement>(`[data-testid="${id}"]`)?.click();
  }
  if (asked.has('fail'))
    workbench.failure = {
      message: 'The engagement file could not be written: the disk is full.',
      details: 'sqlite: database or disk is full (code 13)\nwhile appending to the trail',
    };
}
