// The stand-in's hosts and containers: one host kept well, one kept badly and read from a facts file; and a thousand on demand. Not in the product.
import type * as B from './bindings';
import { RUNTIME_CHECKS, type RuntimeCheckText } from './mock-runtime-checks';

type Both = { en: string; de: string };
type Say = (text: Both) => string;
type Hash = (seed: string) => string;

/** What the stand-in knows of a host or container. */
export interface MockRuntime {
  subject: B.SubjectLine;
  host: string;
  about: string;
  image: string;
  /** Its outcomes that are no pass, by check. */
  odd: Record<string, string>;
  collected: B.CollectedView | null;
}

const FACTS: B.CollectedView = {
  file: 'legacy-db-02.facts',
  file_sha256: '7f3c0f6d1f4b5a2c9e8d7b6a5948372615f0e1d2c3b4a59687f6e5d4c3b2a190',
  machine: 'legacy-db-02',
  user: 'ops-batch',
  tool: 'plimsoll 0.6.0',
  started: '2025-11-20T22:15:03Z',
  asked: ['host:', '--containers'],
  note: 'Collected by the nightly job of the platform team; the machine has no way in from outside.',
};

const line = (
  at: number,
  kind: string,
  name: string,
  source: string,
  hash: Hash,
  collected: boolean,
): B.SubjectLine => ({
  id: `sub-${at}`,
  label: `S${at}`,
  kind,
  name,
  source,
  dockerfile: null,
  digest: collected ? hash(source) : null,
  platform: kind === 'host' ? 'linux/amd64' : null,
  size: null,
  error: null,
  collected,
});

const WELL: [string, string, string, Record<string, string>][] = [
  [
    'checkout',
    'registry.example.com:5000/payments/checkout-service:2.14.3',
    'running, healthy',
    { 'read-only-root': 'fail' },
  ],
  [
    'edge-proxy',
    'nginx:1.27-alpine',
    'running, healthy',
    { 'published-ports': 'undecided', 'current-image': 'fail' },
  ],
  ['orders-db', 'postgres:17.2', 'running, healthy', { 'layer-data': 'undecided', 'read-only-root': 'fail' }],
  ['sessions', 'valkey/valkey:8.1-alpine', 'running, healthy', {}],
  ['mailer', 'registry.example.com:5000/payments/mailer:1.3.0', 'running, healthy', { health: 'undecided' }],
];
const BADLY: [string, string, string, Record<string, string>][] = [
  [
    'legacy-batch-importer-for-the-nightly-settlement-of-partner-accounts',
    'internal/batch:latest',
    'running 212 days',
    {
      'process-user': 'fail',
      'needless-permissions': 'fail',
      privileged: 'fail',
      'resource-limits': 'fail',
      'process-limit': 'fail',
      'seccomp-profile': 'fail',
      'read-only-root': 'fail',
      'docker-socket': 'fail',
      'published-ports': 'fail',
      'restart-policy': 'fail',
      'default-bridge': 'fail',
      drift: 'fail',
      'remote-services': 'fail',
      'layer-data': 'fail',
      health: 'fail',
      'current-image': 'undecided',
    },
  ],
  [
    'oracle-xe',
    'gvenzl/oracle-xe:18',
    'running 212 days, unhealthy',
    {
      'process-user': 'undecided',
      'resource-limits': 'fail',
      'process-limit': 'fail',
      'layer-data': 'fail',
      health: 'fail',
      'published-ports': 'fail',
      'read-only-root': 'fail',
      drift: 'error',
    },
  ],
  [
    'ci-runner',
    'gitlab/gitlab-runner:alpine',
    'running 14 days',
    {
      'docker-socket': 'fail',
      privileged: 'fail',
      'process-user': 'fail',
      'current-image': 'fail',
      'resource-limits': 'fail',
    },
  ],
  [
    'debug-shell',
    'debian:11',
    'exited 187 days ago',
    {
      'process-user': 'error',
      drift: 'error',
      'default-bridge': 'fail',
      health: 'not-applicable',
      'current-image': 'fail',
    },
  ],
  [
    'metrics',
    'prom/node-exporter:v1.3.1',
    'running 212 days',
    {
      'needless-permissions': 'undecided',
      'default-bridge': 'fail',
      'current-image': 'fail',
      'restart-policy': 'fail',
    },
  ],
];

const GOOD_HOST = {
  'daemon-defaults': 'undecided',
  'user-namespaces': 'fail',
  'swarm-autolock': 'not-applicable',
  'swarm-managers': 'not-applicable',
};
const BAD_HOST = {
  'engine-version': 'fail',
  'daemon-socket': 'fail',
  'live-restore': 'fail',
  'user-namespaces': 'fail',
  'userland-proxy': 'fail',
  'bridge-icc': 'fail',
  subnets: 'fail',
  'insecure-registries': 'fail',
  'log-level': 'error',
  'daemon-defaults': 'undecided',
  'lsm-enforced': 'undecided',
  'swarm-autolock': 'not-applicable',
  'swarm-managers': 'not-applicable',
};

/** Two hosts and ten containers, or with `many` a third host with a thousand of them. */
export function sampleRuntime(first: number, many: number, hash: Hash): MockRuntime[] {
  const found: MockRuntime[] = [];
  const add = (
    kind: string,
    name: string,
    source: string,
    host: string,
    about: string,
    image: string,
    odd: Record<string, string>,
    collected: B.CollectedView | null,
  ) =>
    found.push({
      subject: line(first + found.length, kind, name, source, hash, true),
      host,
      about,
      image,
      odd,
      collected,
    });
  add(
    'host',
    'pay-web-01',
    'host:',
    'pay-web-01',
    'Docker 28.5.1 on Debian GNU/Linux 12 (bookworm)',
    '',
    GOOD_HOST,
    null,
  );
  for (const [name, image, state, odd] of WELL)
    add('container', name, `container:${name}`, 'pay-web-01', `${image}, ${state}`, image, odd, null);
  const of = `facts:/home/auditor/engagements/acme/incoming/${FACTS.file}#`;
  add(
    'host',
    'legacy-db-02',
    `${of}host:`,
    'legacy-db-02',
    'Docker 19.03.8 on Ubuntu 18.04.6 LTS',
    '',
    BAD_HOST,
    FACTS,
  );
  for (const [name, image, state, odd] of BADLY)
    add('container', name, `${of}container:${name}`, 'legacy-db-02', `${image}, ${state}`, image, odd, FACTS);
  if (many > 0) {
    add(
      'host',
      'cluster-node-07',
      'host:ssh://ops@cluster-node-07',
      'cluster-node-07',
      'Docker 27.3.1 on Flatcar Container Linux 3975.2.2',
      '',
      GOOD_HOST,
      null,
    );
    for (let at = 0; at < many; at += 1) {
      const [base, image, state, odd] = [...WELL, ...BADLY][at % 10]!;
      const name = `${base.slice(0, 18)}-${String(at + 1).padStart(4, '0')}`;
      add(
        'container',
        name,
        `container:ssh://ops@cluster-node-07/${name}`,
        'cluster-node-07',
        `${image}, ${state}`,
        image,
        odd,
        null,
      );
    }
  }
  return found;
}

export const checksFor = (kind: string): RuntimeCheckText[] =>
  RUNTIME_CHECKS.filter((check) => check.kinds.includes(kind));

export const found = (one: MockRuntime, check: string): string =>
  one.subject.collected ? (one.odd[check] ?? 'pass') : 'none';

export function countsOf(one: MockRuntime): B.OutcomeCounts {
  const counts: B.OutcomeCounts = { fail: 0, error: 0, undecided: 0, pass: 0, not_applicable: 0 };
  if (!one.subject.collected) return counts;
  for (const check of checksFor(one.subject.kind)) {
    const outcome = found(one, check.id);
    if (outcome === 'not-applicable') counts.not_applicable += 1;
    else counts[outcome as 'pass'] += 1;
  }
  return counts;
}

const GRAVE: Record<string, string> = {
  'docker-socket': 'critical',
  privileged: 'critical',
  'daemon-socket': 'critical',
  'engine-version': 'high',
  'process-user': 'high',
  'remote-services': 'high',
  'needless-permissions': 'high',
  'insecure-registries': 'high',
  'read-only-root': 'low',
  'restart-policy': 'low',
  'current-image': 'low',
};
const RANK = ['critical', 'high', 'medium', 'low', 'info'];

export function lineOf(one: MockRuntime): B.RuntimeLine {
  const fails = checksFor(one.subject.kind).filter((check) => found(one, check.id) === 'fail');
  const severities = fails.map((check) => GRAVE[check.id] ?? 'medium');
  return {
    subject: one.subject,
    host: one.host,
    about: one.subject.collected ? one.about : '',
    counts: countsOf(one),
    worst: one.subject.collected ? (RANK.find((severity) => severities.includes(severity)) ?? '') : '',
    collected: one.collected,
  };
}

const FIELDS: Record<string, [string, string]> = {
  'docker-socket': [
    'Mounts[0].Source',
    '`/var/run/docker.sock` is mounted from the host; whoever has it has the host.',
  ],
  privileged: [
    'HostConfig.Privileged',
    'The container is privileged: nothing separates its root from the host.',
  ],
  'process-user': ['Config.User', '`importer` (pid 4711) and 3 more processes run as root.'],
  'needless-permissions': [
    'HostConfig.CapAdd',
    '`SYS_ADMIN` and `NET_ADMIN` are added and not needed by what runs.',
  ],
  'resource-limits': [
    'HostConfig.Memory',
    'Memory is not limited: the container can take all that the host has.',
  ],
  'process-limit': ['HostConfig.PidsLimit', 'The number of processes is not limited.'],
  'seccomp-profile': ['HostConfig.SecurityOpt', 'seccomp is switched off: `seccomp=unconfined`.'],
  'read-only-root': ['HostConfig.ReadonlyRootfs', 'The root file system can be written to.'],
  'published-ports': [
    'HostConfig.PortBindings["22/tcp"]',
    'Port 22 is published on all interfaces (`0.0.0.0:2222`).',
  ],
  'restart-policy': [
    'HostConfig.RestartPolicy.Name',
    'The container is always started again, without a limit.',
  ],
  'default-bridge': ['HostConfig.NetworkMode', 'The container is attached to the default bridge.'],
  health: ['State.Health.Status', 'The health check fails: 14 times in a row.'],
  'live-restore': [
    'LiveRestoreEnabled',
    'Live restore is off, so a restart of the daemon stops every container.',
  ],
  'insecure-registries': [
    'RegistryConfig.InsecureRegistryCIDRs[0]',
    '`10.40.0.0/16` is reached without TLS.',
  ],
  'engine-version': ['ServerVersion', 'Docker 19.03.8 has had no fixes since July 2020.'],
};

function observations(one: MockRuntime, check: RuntimeCheckText): B.ObservationView[] {
  const blank = { line: 0, layer: '', aliases: check.aliases.map(([tool, rule]) => `${tool} ${rule}`) };
  const severity = GRAVE[check.id] ?? 'medium';
  const name = one.subject.name;
  if (check.id === 'daemon-socket')
    return [
      {
        ...blank,
        severity: 'critical',
        message:
          'The daemon listens on `tcp://0.0.0.0:2375` without TLS: whoever reaches the port has the host.',
        location_kind: 'file',
        location: '/etc/docker/daemon.json',
        line: 3,
        reproduce: 'sed -n 3p /etc/docker/daemon.json',
      },
      {
        ...blank,
        severity: 'high',
        message: 'The unit file passes `-H tcp://0.0.0.0:2375` as well.',
        location_kind: 'file',
        location: '/lib/systemd/system/docker.service',
        line: 13,
        reproduce: 'systemctl cat docker | grep -n ExecStart',
      },
    ];
  if (check.id === 'drift')
    return Array.from({ length: 18 }, (_, at) => ({
      ...blank,
      severity: at < 2 ? 'high' : 'medium',
      message:
        at < 2
          ? `The program \`/usr/local/bin/hotfix-${at + 1}\` was added after the start.`
          : `\`/etc/importer/conf.d/partner-${at}.yaml\` was changed after the start.`,
      location_kind: '',
      location: at < 2 ? `/usr/local/bin/hotfix-${at + 1}` : `/etc/importer/conf.d/partner-${at}.yaml`,
      reproduce: `docker diff ${name} | grep -E '^[AC] /(usr|etc)'`,
    }));
  const [field, message] = FIELDS[check.id] ?? ['', `${check.title.en}: this does not hold here.`];
  const format = one.subject.kind === 'host' ? 'docker info' : `docker inspect`;
  return [
    {
      ...blank,
      severity,
      message,
      location_kind: field ? 'field' : '',
      location: field,
      reproduce: `${format} --format '{{json .${field.replace(/[["].*$/, '')}}}'${one.subject.kind === 'host' ? '' : ` ${name}`}`,
    },
  ];
}

const WHY: Record<string, Both> = {
  why: {
    en: 'What a container may do beyond its task, an attacker who gets into it may do as well.',
    de: 'Was ein Container über seine Aufgabe hinaus darf, darf auch ein Angreifer, der in ihn eindringt.',
  },
  how: {
    en: 'Reads the settings that the container was started with (`docker inspect`) and compares them with what the requirement asks for.',
    de: 'Liest die Einstellungen, mit denen der Container gestartet wurde (`docker inspect`), und vergleicht sie mit dem, was die Anforderung verlangt.',
  },
  blind_spots: {
    en: 'What was changed from inside after the start, and settings that an orchestrator sets elsewhere.',
    de: 'Was nach dem Start von innen verändert wurde, und Einstellungen, die ein Orchestrator anderswo setzt.',
  },
  remedy: {
    en: 'Start the container anew with the setting below, and put it into the Compose file so that it stays.',
    de: 'Starten Sie den Container mit der Einstellung unten neu und schreiben Sie sie in die Compose-Datei, damit sie bleibt.',
  },
};

export const unseen = (say: Say): string => say(WHY['blind_spots']!);

export function outcomeOf(one: MockRuntime, check: RuntimeCheckText, say: Say): B.OutcomeView {
  const outcome = found(one, check.id);
  const seen = outcome === 'fail' || outcome === 'undecided' ? observations(one, check) : [];
  const summaries: Record<string, string> = {
    pass: 'Nothing was found that speaks against it.',
    fail:
      seen.length === 1
        ? seen[0]!.message
        : `${seen.length} places speak against it; the first: ${seen[0]?.message ?? ''}`,
    undecided: 'There are signs against it; whether the service needs it is for you to decide.',
    error: 'The engine refused the request, so nothing can be said about it.',
    'not-applicable': 'The engine is in no swarm.',
  };
  return {
    check: check.id,
    title: say(check.title),
    outcome,
    summary: summaries[outcome] ?? '',
    why: say(WHY['why']!),
    how: say(WHY['how']!),
    blind_spots: say(WHY['blind_spots']!),
    remedy: say(WHY['remedy']!),
    example:
      'services:\n  importer:\n    read_only: true\n    cap_drop: [ALL]\n    security_opt: ["no-new-privileges:true"]\n    pids_limit: 200\n    mem_limit: 512m',
    observations: seen,
  };
}

const inspect = (one: MockRuntime) => ({
  Id: '9f0c6ad2b1e44c7f8f1f0c5e6d7a8b9c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f6',
  Created: '2025-04-22T06:31:10.441Z',
  Path: '/usr/local/bin/importer',
  Args: ['--token', '••••••••', '--partners', '/etc/importer/conf.d'],
  State: {
    Status: 'running',
    Running: true,
    Pid: 4711,
    StartedAt: '2025-04-22T06:31:11Z',
    Health: { Status: 'unhealthy', FailingStreak: 14 },
  },
  Image: 'sha256:4f0a…',
  Name: `/${one.subject.name}`,
  HostConfig: {
    Binds: ['/var/run/docker.sock:/var/run/docker.sock', '/:/host:ro'],
    NetworkMode: 'default',
    PortBindings: {
      '22/tcp': [{ HostIp: '0.0.0.0', HostPort: '2222' }],
      '8080/tcp': [{ HostIp: '', HostPort: '8080' }],
    },
    RestartPolicy: { Name: 'always', MaximumRetryCount: 0 },
    CapAdd: ['SYS_ADMIN', 'NET_ADMIN'],
    CapDrop: null,
    Privileged: 'privileged' in one.odd,
    ReadonlyRootfs: !('read-only-root' in one.odd),
    SecurityOpt: 'seccomp-profile' in one.odd ? ['seccomp=unconfined'] : null,
    Memory: 'resource-limits' in one.odd ? 0 : 536870912,
    NanoCpus: 0,
    PidsLimit: 'process-limit' in one.odd ? null : 200,
  },
  Mounts: [
    { Type: 'bind', Source: '/var/run/docker.sock', Destination: '/var/run/docker.sock', Mode: '', RW: true },
    { Type: 'bind', Source: '/', Destination: '/host', Mode: 'ro', RW: false },
  ],
  Config: {
    Hostname: '9f0c6ad2b1e4',
    User: '',
    Env: [
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'DB_PASSWORD=se•••••••9',
      'PARTNER_MODE=full',
    ],
    Image: one.image,
    Labels: { 'com.docker.compose.project': 'settlement', 'com.docker.compose.service': 'importer' },
  },
});

const info = (one: MockRuntime) => ({
  ID: 'b0a1f3c2-51a9-4f0e-9a1c-52d1e0c4a7aa',
  Containers: 6,
  ContainersRunning: 5,
  Driver: 'overlay2',
  LoggingDriver: 'json-file',
  CgroupVersion: one.collected ? '1' : '2',
  LiveRestoreEnabled: !('live-restore' in one.odd),
  SecurityOptions: one.collected
    ? ['name=seccomp,profile=default']
    : ['name=apparmor', 'name=seccomp,profile=builtin', 'name=cgroupns'],
  OperatingSystem: one.about.split(' on ')[1],
  ServerVersion: one.about.split(' ')[1],
  RegistryConfig: {
    InsecureRegistryCIDRs: one.collected ? ['10.40.0.0/16', '127.0.0.0/8'] : ['::1/128', '127.0.0.0/8'],
    Mirrors: [],
  },
  Swarm: { NodeID: '', LocalNodeState: 'inactive' },
  Warnings: one.collected ? ['WARNING: No swap limit support'] : null,
});

const DAEMON_JSON =
  '{\n  "log-level": "info",\n  "hosts": ["unix:///var/run/docker.sock", "tcp://0.0.0.0:2375"],\n  "insecure-registries": ["10.40.0.0/16"],\n  "bip": "172.26.0.1/16",\n  "default-address-pools": [{ "base": "172.26.0.0/16", "size": 24 }],\n  "userland-proxy": true\n}\n';
const UNIT =
  '# /lib/systemd/system/docker.service\n[Unit]\nDescription=Docker Application Container Engine\nDocumentation=https://docs.docker.com\nBindsTo=containerd.service\nAfter=network-online.target firewalld.service containerd.service\nWants=network-online.target\nRequires=docker.socket\n\n[Service]\nType=notify\nEnvironment=HTTP_PROXY=http://svc:••••••@proxy.example.com:3128\nExecStart=/usr/bin/dockerd -H fd:// -H tcp://0.0.0.0:2375 --containerd=/run/containerd/containerd.sock\nExecReload=/bin/kill -s HUP $MAINPID\nLimitNOFILE=infinity\nDelegate=yes\nKillMode=process\n\n[Install]\nWantedBy=multi-user.target\n';

function tables(one: MockRuntime, all: readonly MockRuntime[], say: Say): B.RuntimeTable[] {
  const table = (
    id: string,
    title: Both,
    columns: [Both, ...Both[]],
    rows: string[][],
    note: Both = { en: '', de: '' },
  ): B.RuntimeTable => ({ id, title: say(title), columns: columns.map(say), rows, note: say(note) });
  const both = (en: string, de = en): Both => ({ en, de });
  if (one.subject.kind === 'host')
    return [
      table(
        'containers',
        both('Containers', 'Container'),
        [both('Name'), both('Image'), both('State', 'Zustand'), both('Ports')],
        all
          .filter((other) => other.subject.kind === 'container' && other.host === one.host)
          .slice(0, 400)
          .map((other) => [other.subject.name, other.image, other.about.split(', ').slice(1).join(', '), '']),
      ),
      table(
        'networks',
        both('Networks', 'Netze'),
        [both('Name'), both('Driver', 'Treiber'), both('Subnets', 'Subnetze'), both('Options', 'Optionen')],
        [
          ['bridge', 'bridge', '172.26.0.0/16', 'com.docker.network.bridge.enable_icc=true'],
          ['settlement_default', 'bridge', '172.26.1.0/24', ''],
          ['host', 'host', '', ''],
          ['none', 'null', '', ''],
        ],
      ),
      table(
        'volumes',
        both('Volumes'),
        [both('Name'), both('Driver', 'Treiber'), both('Options', 'Optionen')],
        [
          ['orders_data', 'local', ''],
          ['3b6c1f0f2d9a4c6db1f2a7c5e8d9f0a1b2c3d4e5f60718293a4b5c6d7e8f9012', 'local', ''],
        ],
      ),
      table(
        'plugins',
        both('Plugins'),
        [both('Name'), both('Enabled', 'Aktiv')],
        [],
        both('The engine has no managed plugins.', 'Die Engine hat keine verwalteten Plugins.'),
      ),
      table(
        'settings',
        both('Settings of the daemon', 'Einstellungen des Daemons'),
        [both('Setting', 'Einstellung'), both('Value', 'Wert'), both('Where', 'Wo')],
        [
          ['live-restore', String(!('live-restore' in one.odd)), 'GET /info'],
          ['userland-proxy', 'true', '/etc/docker/daemon.json'],
          ['insecure-registries', one.collected ? '10.40.0.0/16' : '', 'GET /info'],
          ['log-level', one.collected ? '' : 'info', '/etc/docker/daemon.json'],
        ],
      ),
    ];
  const bad = 'drift' in one.odd && one.odd['drift'] === 'fail';
  return [
    table(
      'processes',
      both('Processes', 'Prozesse'),
      [both('UID'), both('PID'), both('PPID'), both('Started', 'Start'), both('Command', 'Befehl')],
      bad
        ? [
            [
              'root',
              '4711',
              '4688',
              'Apr22',
              '/usr/local/bin/importer --token •••••••• --partners /etc/importer/conf.d --spool /var/spool/importer --retry-after 30s --settle-at 02:30 --notify ops@example.com',
            ],
            ['root', '4790', '4711', 'Apr22', '/usr/sbin/sshd -D -p 22'],
            ['root', '90117', '4790', 'Nov18', 'sshd: root@pts/0'],
            ['root', '90133', '90117', 'Nov18', '-bash'],
          ]
        : [
            ['10001', '2210', '2188', 'Nov19', '/srv/app/main'],
            ['10001', '2241', '2210', 'Nov19', '/srv/app/worker --queue default'],
          ],
    ),
    table(
      'mounts',
      both('Mounts', 'Einhängungen'),
      [both('Kind', 'Art'), both('Source', 'Quelle'), both('Target', 'Ziel'), both('Access', 'Zugriff')],
      bad
        ? [
            ['bind', '/var/run/docker.sock', '/var/run/docker.sock', 'rw'],
            ['bind', '/', '/host', 'ro'],
          ]
        : [['volume', 'app_data', '/var/lib/app', 'rw']],
    ),
    table(
      'ports',
      both('Published ports', 'Veröffentlichte Ports'),
      [both('Port'), both('Interface', 'Schnittstelle'), both('On the host', 'Auf dem Host')],
      bad
        ? [
            ['22/tcp', '0.0.0.0', '2222'],
            ['8080/tcp', '0.0.0.0', '8080'],
          ]
        : [['8443/tcp', '127.0.0.1', '8443']],
    ),
    table(
      'environment',
      both('Environment', 'Umgebung'),
      [both('Name'), both('Value', 'Wert'), both('From', 'Aus')],
      [
        ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', say(both('image', 'Image'))],
        ...(bad ? [['DB_PASSWORD', 'se•••••••9', say(both('start', 'Start'))]] : []),
        ['LANG', 'C.UTF-8', say(both('image', 'Image'))],
      ],
    ),
    table(
      'changes',
      both('Changes since the start', 'Änderungen seit dem Start'),
      [both('Kind', 'Art'), both('Path', 'Pfad')],
      bad
        ? Array.from({ length: 640 }, (_, at) => [
            at % 3 === 0 ? 'added' : 'changed',
            at < 2
              ? `/usr/local/bin/hotfix-${at + 1}`
              : `/var/spool/importer/2025-11-${String((at % 28) + 1).padStart(2, '0')}/batch-${at}.xml`,
          ])
        : [],
      bad
        ? both(
            'The engine told 24 113 changes; the first 640 by weight are shown.',
            'Die Engine nannte 24 113 Änderungen; die 640 gewichtigsten werden gezeigt.',
          )
        : both('Nothing was changed.', 'Nichts wurde verändert.'),
    ),
    table(
      'networks',
      both('Networks', 'Netze'),
      [both('Name'), both('Address', 'Adresse'), both('Gateway')],
      [[bad ? 'bridge' : 'payments_default', '172.26.0.4', '172.26.0.1']],
    ),
  ];
}

const links = (
  check: RuntimeCheckText,
  outcome: string,
  requirement: (id: string) => B.RequirementRow | undefined,
): B.LinkView[] =>
  check.links.flatMap(([id, pass, fail]) => {
    const row = requirement(id);
    const verdict =
      outcome === 'fail' && fail === 'decisive'
        ? 'not-satisfied'
        : outcome === 'pass' && pass === 'decisive'
          ? 'satisfied'
          : 'open';
    return row ? [{ id, title: row.title, level: row.level, verdict, pass, fail }] : [];
  });

export function page(
  one: MockRuntime,
  all: readonly MockRuntime[],
  requirement: (id: string) => B.RequirementRow | undefined,
  say: Say,
): B.RuntimePage {
  const read = one.subject.collected;
  const isHost = one.subject.kind === 'host';
  const order = ['fail', 'error', 'undecided', 'pass', 'not-applicable'];
  const outcomes = checksFor(one.subject.kind)
    .map((check) => {
      const outcome = outcomeOf(one, check, say);
      return { requirements: links(check, outcome.outcome, requirement), use_case: check.use_case, outcome };
    })
    .sort((a, b) => order.indexOf(a.outcome.outcome) - order.indexOf(b.outcome.outcome));
  const summary: [Both, string][] = isHost
    ? [
        [{ en: 'Engine', de: 'Engine' }, one.about.split(' on ')[0]!],
        [{ en: 'Operating system', de: 'Betriebssystem' }, one.about.split(' on ')[1] ?? ''],
        [{ en: 'Kernel', de: 'Kernel' }, one.collected ? '4.15.0-213-generic' : '6.1.0-28-amd64'],
        [{ en: 'API', de: 'API' }, one.collected ? '1.40 (1.12 and later)' : '1.51 (1.44 and later)'],
        [{ en: 'Containers', de: 'Container' }, '5'],
        [{ en: 'Storage driver', de: 'Storage Driver' }, 'overlay2'],
        [{ en: 'Swarm', de: 'Swarm' }, say({ en: 'not active', de: 'nicht aktiv' })],
      ]
    : [
        [{ en: 'Image', de: 'Image' }, one.image],
        [{ en: 'State', de: 'Zustand' }, one.about.split(', ').slice(1).join(', ')],
        [{ en: 'Started', de: 'Gestartet' }, '2025-04-22 06:31'],
        [{ en: 'User', de: 'Benutzer' }, 'process-user' in one.odd ? 'root' : '10001'],
        [
          { en: 'Privileged', de: 'Privilegiert' },
          'privileged' in one.odd ? say({ en: 'yes', de: 'ja' }) : say({ en: 'no', de: 'nein' }),
        ],
        [
          { en: 'Memory limit', de: 'Speichergrenze' },
          'resource-limits' in one.odd ? say({ en: 'none', de: 'keine' }) : '512 MiB',
        ],
        [
          { en: 'Container id', de: 'Container-Id' },
          '9f0c6ad2b1e44c7f8f1f0c5e6d7a8b9c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f6',
        ],
      ];
  const unread: [string, string][] = Object.values(one.odd).includes('error')
    ? isHost
      ? [
          [
            '/etc/docker/daemon.json: log-level',
            'The file is JSON, but the value of `log-level` is a number.',
          ],
          ['GET /plugins', 'The engine answered 501: not supported on this platform.'],
        ]
      : [
          ['GET /containers/…/top', 'The container does not run, so it has no processes.'],
          [
            'GET /containers/…/changes',
            'The engine did not answer within 30 s; it has very many files to compare.',
          ],
        ]
    : [];
  return {
    line: lineOf(one),
    at: read ? (one.collected?.started ?? '2025-11-21T09:13:20Z') : '',
    summary: read ? summary.map(([name, value]) => [say(name), value]) : [],
    outcomes: read ? outcomes : [],
    tables: read ? tables(one, all, say) : [],
    files:
      read && isHost && one.collected
        ? [
            ['/etc/docker/daemon.json', DAEMON_JSON],
            ['/lib/systemd/system/docker.service', UNIT],
          ]
        : [],
    answers: read
      ? isHost
        ? [
            [
              'GET /version',
              JSON.stringify(
                { Version: one.about.split(' ')[1], ApiVersion: '1.51', MinAPIVersion: '1.44' },
                null,
                2,
              ),
            ],
            ['GET /info', JSON.stringify(info(one), null, 2)],
          ]
        : [
            [`GET /containers/${one.subject.name}/json`, JSON.stringify(inspect(one), null, 2)],
            [
              `GET /containers/${one.subject.name}/top?ps_args=-eo%20uid,pid,ppid,stime,args`,
              JSON.stringify(
                {
                  Titles: ['UID', 'PID', 'PPID', 'STIME', 'CMD'],
                  Processes: [['0', '4711', '4688', 'Apr22', '/usr/local/bin/importer']],
                },
                null,
                2,
              ),
            ],
          ]
      : [],
    unread: read ? unread : [],
  };
}

// —— Engines ——

export const ENGINES: B.EngineChoice[] = [
  { address: '', endpoint: 'unix:///var/run/docker.sock', name: 'default', current: true },
  { address: 'prod', endpoint: 'ssh://ops@pay-web-02.example.com', name: 'prod', current: false },
  { address: 'rootless', endpoint: 'unix:///run/user/1000/docker.sock', name: 'rootless', current: false },
  { address: 'broken', endpoint: 'tcp://10.20.30.40:2376', name: 'broken', current: false },
];

const failure = (message: string, details: string): B.Failure => ({ message, details });

export function ask(address: string, many: number): B.EngineAnswer {
  if (address === 'broken' || /10\.20\.30\.40/.test(address))
    throw failure(
      'The engine at tcp://10.20.30.40:2376 did not answer within 10 s; check the address, the firewall, and whether the engine listens there.',
      'connect: connection timed out (os error 110)',
    );
  if (/^ssh:.*nobody/.test(address))
    throw failure(
      `ssh does not let nobody in at ${address.replace('ssh://', '')}; check the key and the agent.`,
      'nobody@web-01: Permission denied (publickey).',
    );
  if (
    address !== '' &&
    !/^(unix|tcp|ssh):\/\//.test(address) &&
    !ENGINES.some((one) => one.address === address)
  )
    throw failure(
      `"${address}" names no Docker engine; write unix:///PATH, tcp://HOST:PORT, ssh://USER@HOST or the name of a Docker context.`,
      '',
    );
  const choice = ENGINES.find((one) => one.address === address);
  const running: B.EngineContainer[] = [
    ...WELL.map(([name, image, state]) => ({
      name,
      image,
      state: 'running',
      status: `Up 3 days (${state.split(', ')[1]})`,
    })),
    {
      name: 'migrate-2.14.3',
      image: 'registry.example.com:5000/payments/checkout-migrate:2.14.3',
      state: 'exited',
      status: 'Exited (0) 3 days ago',
    },
    { name: 'old-proxy', image: 'nginx:1.21', state: 'exited', status: 'Exited (137) 8 months ago' },
    ...Array.from({ length: many }, (_, at) => ({
      name: `worker-${String(at + 1).padStart(4, '0')}`,
      image: 'registry.example.com:5000/payments/worker:5.2.0',
      state: 'running',
      status: 'Up 9 days',
    })),
  ];
  // As an engine gives them: the youngest first.
  return {
    endpoint: choice?.endpoint ?? address,
    name: address === '' ? 'pay-web-01' : 'pay-web-02',
    engine: address === 'rootless' ? 'Podman 5.4.2' : 'Docker 28.5.1',
    containers: running.reverse(),
    reads: [
      'GET /version',
      'GET /info',
      'GET /networks',
      'GET /volumes',
      'GET /plugins',
      'GET /system/df',
      'GET /containers/json?all=true',
      'GET /swarm, /nodes, /services (only in a swarm)',
      'for each chosen container:',
      'GET /containers/NAME/json',
      'GET /containers/NAME/top',
      'GET /containers/NAME/changes',
      'GET /containers/NAME/stats?stream=false',
      '/etc/docker/daemon.json, when the engine is local',
      '/lib/systemd/system/docker.service, when the engine is local',
    ],
  };
}

/** What a facts file brings, by its name. */
export function fromFacts(
  path: string,
  first: number,
  hash: Hash,
): { entries: MockRuntime[]; refused: string | null } {
  const file = path.slice(path.lastIndexOf('/') + 1);
  if (/broken|cut/.test(file))
    return { entries: [], refused: 'The file ends before its facts do; copy it again from the machine.' };
  if (/newer/.test(file))
    return { entries: [], refused: 'It was written by a newer version of Plimsoll (plimsoll/facts/2).' };
  const machine = file.replace(/\.facts$/, '');
  const collected: B.CollectedView = { ...FACTS, file, machine, file_sha256: hash(file).slice(7) };
  const of = `facts:${path}#`;
  const entries: MockRuntime[] = [
    { kind: 'host', name: machine, source: `${of}host:` },
    { kind: 'container', name: 'agent', source: `${of}container:agent` },
  ].map(({ kind, name, source }, at) => ({
    subject: line(first + at, kind, name, source, hash, false),
    host: machine,
    about: kind === 'host' ? 'Docker 27.3.1 on Debian GNU/Linux 12 (bookworm)' : 'datadog/agent:7, running',
    image: kind === 'host' ? '' : 'datadog/agent:7',
    odd: kind === 'host' ? GOOD_HOST : { 'docker-socket': 'fail' },
    collected,
  }));
  return { entries, refused: null };
}

/** Subjects for a host that is added. */
export function added(args: B.NewHost, first: number, hash: Hash, many: number): MockRuntime[] {
  const answer = ask(args.address, many);
  const entries: MockRuntime[] = [];
  if (args.host)
    entries.push({
      subject: line(first, 'host', answer.name, `host:${args.address}`, hash, false),
      host: answer.name,
      about: `${answer.engine} on Debian GNU/Linux 12 (bookworm)`,
      image: '',
      odd: GOOD_HOST,
      collected: null,
    });
  for (const name of args.containers) {
    const one = answer.containers.find((other) => other.name === name);
    const source = args.address ? `container:${args.address}/${name}` : `container:${name}`;
    entries.push({
      subject: line(first + entries.length, 'container', name, source, hash, false),
      host: answer.name,
      about: `${one?.image ?? ''}, ${one?.status ?? ''}`,
      image: one?.image ?? '',
      odd: WELL.find(([other]) => other === name)?.[3] ?? {},
      collected: null,
    });
  }
  return entries;
}
