// What the stand-in's checks on hosts and containers say of themselves. Not in the product.
type Both = { en: string; de: string };

export interface RuntimeCheckText {
  id: string;
  use_case: string;
  title: Both;
  kinds: string[];
  /** Requirement, what a pass proves, what a fail proves. */
  links: [string, string, string][];
  aliases: [string, string][];
}

const D = 'decisive';
const S = 'supporting';
const check = (
  id: string,
  en: string,
  de: string,
  kinds: string[],
  links: [string, string, string][],
  use_case = '',
  aliases: [string, string][] = [],
): RuntimeCheckText => ({ id, use_case, title: { en, de }, kinds, links, aliases });

const HOST = ['host'];
const BOTH = ['container', 'compose'];
const RUNS = ['container'];

export const RUNTIME_CHECKS: RuntimeCheckText[] = [
  check(
    'engine-version',
    'The engine is supported and current',
    'Die Engine wird unterstützt und ist aktuell',
    HOST,
    [
      ['2.3', S, D],
      ['2.7', S, S],
      ['12.6', D, D],
    ],
    '',
    [['Docker Bench', '1.1.2']],
  ),
  check(
    'daemon-socket',
    'The API is not open on TCP without TLS',
    'Die API ist nicht über TCP ohne TLS offen',
    HOST,
    [
      ['2.10', S, D],
      ['2.15', S, D],
    ],
  ),
  check('live-restore', 'Live restore is on', 'Live Restore ist eingeschaltet', HOST, [['2.9', D, D]]),
  check('user-namespaces', 'User namespaces are in use', 'User Namespaces werden genutzt', HOST, [
    ['3.2', D, D],
  ]),
  check('lsm-enforced', 'AppArmor or SELinux is enforced', 'AppArmor oder SELinux wird erzwungen', HOST, [
    ['2.6', S, D],
  ]),
  check('userland-proxy', 'The userland proxy is off', 'Der Userland-Proxy ist aus', HOST, [['7.3', D, D]]),
  check(
    'bridge-icc',
    'Containers on the default bridge cannot reach each other',
    'Container an der Standard-Bridge erreichen einander nicht',
    HOST,
    [['7.5', D, D]],
  ),
  check(
    'packet-filter',
    'The daemon manages the packet filter',
    'Der Daemon verwaltet den Paketfilter',
    HOST,
    [['7.6', D, D]],
  ),
  check('subnets', 'Subnets do not overlap', 'Subnetze überschneiden sich nicht', HOST, [['7.11', D, D]]),
  check('storage-driver', 'The storage driver is dependable', 'Der Storage Driver ist verlässlich', HOST, [
    ['8.1', D, D],
  ]),
  check('log-level', 'The daemon logs at level info', 'Der Daemon protokolliert auf Stufe info', HOST, [
    ['9.6', D, D],
  ]),
  check(
    'insecure-registries',
    'No registry is reached without TLS',
    'Keine Registry wird ohne TLS erreicht',
    HOST,
    [['6.9', S, D]],
  ),
  check(
    'daemon-defaults',
    'Deviations from defaults are reasoned',
    'Abweichungen vom Standard sind begründet',
    HOST,
    [['2.14', S, S]],
  ),
  check('swarm-autolock', 'Swarm auto-lock is on', 'Swarm Auto-Lock ist eingeschaltet', HOST, [
    ['4.4', D, D],
  ]),
  check(
    'swarm-managers',
    'Managers are redundant and odd in number',
    'Manager sind redundant und ungerade',
    HOST,
    [
      ['4.1', D, D],
      ['4.2', D, D],
    ],
  ),
  check(
    'process-user',
    'No process runs as root',
    'Kein Prozess läuft als root',
    RUNS,
    [
      ['3.1', S, D],
      ['3.3', S, D],
    ],
    'D1',
    [['Docker Bench', '4.1']],
  ),
  check(
    'needless-permissions',
    'No permissions that the container does not need',
    'Keine Rechte, die der Container nicht braucht',
    BOTH,
    [['12.1', S, S]],
    'D2',
    [['Docker Bench', '5.3']],
  ),
  check(
    'privileged',
    'The container is not privileged and gains nothing',
    'Der Container ist nicht privilegiert und gewinnt keine Rechte',
    BOTH,
    [['3.5', S, D]],
    '',
    [
      ['Docker Bench', '5.4'],
      ['KICS', 'ae5b6871'],
    ],
  ),
  check('resource-limits', 'Memory and CPU are limited', 'Speicher und CPU sind begrenzt', BOTH, [
    ['2.5', D, D],
    ['12.2', S, D],
  ]),
  check('process-limit', 'The number of processes is limited', 'Die Zahl der Prozesse ist begrenzt', BOTH, [
    ['3.14', D, D],
  ]),
  check('seccomp-profile', 'A seccomp profile is applied', 'Ein seccomp-Profil gilt', BOTH, [['3.4', S, D]]),
  check('read-only-root', 'The root file system is read-only', 'Das Wurzeldateisystem ist nur lesbar', BOTH, [
    ['3.9', D, D],
  ]),
  check('docker-socket', 'The Docker socket is kept out', 'Der Docker-Socket bleibt draußen', BOTH, [
    ['3.15', D, D],
  ]),
  check(
    'published-ports',
    'Few ports, each bound to one interface',
    'Wenige Ports, je an einer Schnittstelle',
    BOTH,
    [
      ['7.7', D, D],
      ['7.12', S, S],
    ],
  ),
  check('restart-policy', 'The restart policy is on-failure', 'Die Restart Policy ist on-failure', BOTH, [
    ['11.5', D, D],
  ]),
  check('default-bridge', 'The default bridge is not used', 'Die Standard-Bridge wird nicht genutzt', BOTH, [
    ['7.4', D, D],
  ]),
  check('drift', 'Nothing was changed since the start', 'Seit dem Start wurde nichts verändert', RUNS, [
    ['3.10', S, S],
  ]),
  check('remote-services', 'No remote management runs inside', 'Im Container läuft keine Fernwartung', RUNS, [
    ['3.12', S, D],
  ]),
  check(
    'layer-data',
    'No data is written into the container layer',
    'Keine Daten in der Container-Schicht',
    RUNS,
    [['8.4', S, S]],
  ),
  check('health', 'A health check runs and passes', 'Ein Health Check läuft und besteht', RUNS, [
    ['9.4', D, D],
  ]),
  check(
    'current-image',
    "The container runs its tag's current image",
    'Der Container läuft mit dem aktuellen Image',
    RUNS,
    [['5.4', S, D]],
  ),
];
