// The inside of the stand-in's Debian image: four layers of files, its packages, config and history. Not in the product.
import type * as B from './bindings';
import { bytes } from './format';
import { clean, parentOf } from './folder';

interface Entry {
  layer: number;
  path: string;
  kind: string;
  mode: string;
  owner: string;
  bytes: number;
  link: string;
  package: string;
  capabilities: string;
}

const entries: Entry[] = [];
/** Paths that a layer deletes, with all that is below. */
const deletions: [number, string][] = [
  [4, '/srv/app/tests'],
  [4, '/srv/app/deploy_ed25519'],
];

function file(layer: number, path: string, size: number, more: Partial<Entry> = {}): void {
  entries.push({
    layer,
    path,
    kind: 'file',
    mode: 'rw-r--r--',
    owner: 'root:root',
    bytes: size,
    link: '',
    package: '',
    capabilities: '',
    ...more,
  });
}

const exe = { mode: 'rwxr-xr-x' };
const link = (layer: number, path: string, to: string, owner = '') =>
  file(layer, path, 0, { kind: 'symlink', mode: 'rwxrwxrwx', link: to, package: owner });

// Layer 1: Debian.
for (const name of ['bin', 'lib', 'lib64', 'sbin']) link(1, `/${name}`, `usr/${name}`, 'base-files');
for (const [name, size, of] of [
  ['bash', 1265648, 'bash'],
  ['cat', 44016, 'coreutils'],
  ['cp', 151152, 'coreutils'],
  ['dash', 125640, 'dash'],
  ['date', 121904, 'coreutils'],
  ['dpkg', 322208, 'dpkg'],
  ['grep', 203152, 'grep'],
  ['gzip', 98136, 'gzip'],
  ['ls', 151344, 'coreutils'],
  ['perl', 3806096, 'perl-base'],
  ['sed', 126424, 'sed'],
  ['tar', 531984, 'tar'],
] as const)
  file(1, `/usr/bin/${name}`, size, { ...exe, package: of });
for (const [path, size, of] of [
  ['/usr/bin/su', 72000, 'util-linux'],
  ['/usr/bin/mount', 59704, 'mount'],
  ['/usr/bin/umount', 35128, 'mount'],
  ['/usr/bin/passwd', 68248, 'passwd'],
  ['/usr/bin/chfn', 62672, 'passwd'],
  ['/usr/bin/newgrp', 48896, 'passwd'],
] as const)
  file(1, path, size, { mode: 'rwsr-xr-x', package: of });
file(1, '/usr/bin/chage', 80376, { mode: 'rwxr-sr-x', owner: 'root:shadow', package: 'passwd' });
link(1, '/usr/bin/sh', 'dash', 'dash');
link(1, '/usr/bin/awk', '/etc/alternatives/awk');
file(1, '/etc/passwd', 839);
file(1, '/etc/shadow', 474, { mode: 'rw-r-----', owner: 'root:shadow' });
file(1, '/etc/group', 434);
file(1, '/etc/debian_version', 6, { package: 'base-files' });
link(1, '/etc/os-release', '../usr/lib/os-release', 'base-files');
file(1, '/usr/lib/os-release', 267, { package: 'base-files' });
file(1, '/etc/apt/sources.list.d/debian.sources', 454);
file(1, '/usr/lib/x86_64-linux-gnu/libc.so.6', 1922136, { ...exe, package: 'libc6' });
file(1, '/usr/lib/x86_64-linux-gnu/libcrypto.so.3', 4713656, { package: 'libssl3' });
file(1, '/var/lib/dpkg/status', 68120);
for (const name of ['root', 'tmp', 'proc', 'sys', 'run'])
  file(1, `/${name}`, 0, {
    kind: 'directory',
    mode: name === 'tmp' ? 'rwxrwxrwt' : name === 'root' ? 'rwx------' : 'rwxr-xr-x',
  });
file(1, '/dev/null', 0, { kind: 'char-device', mode: 'rw-rw-rw-' });

// Layer 2: what apt-get installs.
for (const [name, size, of] of [
  ['curl', 284640, 'curl'],
  ['gcc-12', 1029400, 'gcc-12'],
  ['git', 3932088, 'git'],
  ['python3.11', 6831704, 'python3.11-minimal'],
  ['telnet', 113312, 'telnet'],
  ['vim.basic', 3739352, 'vim'],
] as const)
  file(2, `/usr/bin/${name}`, size, { ...exe, package: of });
file(2, '/usr/bin/ping', 90568, { ...exe, package: 'iputils-ping', capabilities: 'cap_net_raw' });
file(2, '/usr/bin/ssh-agent', 371560, { mode: 'rwxr-sr-x', owner: 'root:_ssh', package: 'openssh-client' });
file(2, '/usr/lib/openssh/ssh-keysign', 653888, { mode: 'rwsr-xr-x', package: 'openssh-client' });
link(2, '/usr/bin/python3', 'python3.11', 'python3-minimal');
file(2, '/var/lib/dpkg/status', 214807);
file(2, '/etc/passwd', 921);
file(2, '/var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_main_binary-amd64_Packages.lz4', 18.2e6);
for (let n = 1; n <= 240; n += 1)
  file(2, `/var/lib/dpkg/info/package-${String(n).padStart(3, '0')}.list`, 400 + n);

// Layer 3: the application.
file(3, '/srv/app/checkout', 31457280, { ...exe, owner: '1000:1000' });
file(3, '/srv/app/config.yaml', 2140, { owner: '1000:1000' });
file(3, '/srv/app/deploy_ed25519', 411, { mode: 'rw-------', owner: '1000:1000' });
file(3, '/srv/app/tests/fixtures/transactions-2024-full-export.ndjson', 9.7e6, { owner: '1000:1000' });
file(3, '/srv/app/tests/run.sh', 812, { ...exe, owner: '1000:1000' });
for (let n = 1; n <= 6200; n += 1)
  file(3, `/srv/app/assets/chunk-${String(n).padStart(5, '0')}.js`, 3000 + ((n * 37) % 900), {
    owner: '1000:1000',
  });
// Layer 4: what is removed and rewritten in the end.
file(4, '/srv/app/config.yaml', 1996, { owner: '1000:1000' });
file(4, '/etc/passwd', 962);

type Both = { en: string; de: string };
const seen: { path: string; layer: number; severity: string; use_case: string; message: Both }[] = [
  {
    path: '/srv/app/deploy_ed25519',
    layer: 3,
    severity: 'critical',
    use_case: 'B5',
    message: {
      en: 'A private key (OpenSSH, 411 bytes) is stored here.',
      de: 'Hier liegt ein privater Schlüssel (OpenSSH, 411 Bytes).',
    },
  },
  {
    path: '/srv/app/config.yaml',
    layer: 3,
    severity: 'high',
    use_case: 'B5',
    message: {
      en: 'Line 14 holds a password: `hu•••••••••2`.',
      de: 'Zeile 14 enthält ein Passwort: `hu•••••••••2`.',
    },
  },
  ...entries
    .filter((entry) => /s/.test(entry.mode) && entry.kind === 'file')
    .map((entry) => ({
      path: entry.path,
      layer: entry.layer,
      severity: entry.path.includes('ssh') ? 'medium' : 'low',
      use_case: 'D2',
      message: {
        en: `The ${entry.mode[2] === 's' ? 'set-user-id' : 'set-group-id'} bit is set (\`${entry.mode}\`, ${entry.owner}).`,
        de: `Das ${entry.mode[2] === 's' ? 'Set-User-ID' : 'Set-Group-ID'}-Bit ist gesetzt (\`${entry.mode}\`, ${entry.owner}).`,
      },
    })),
  ...['curl', 'vim.basic', 'telnet', 'gcc-12', 'git'].map((name) => ({
    path: `/usr/bin/${name}`,
    layer: 2,
    severity: 'medium',
    use_case: 'A4',
    message: {
      en: `\`${name}\` is a tool that a service does not need.`,
      de: `\`${name}\` ist ein Werkzeug, das ein Dienst nicht braucht.`,
    },
  })),
  {
    path: '/var/lib/apt/lists/deb.debian.org_debian_dists_bookworm_main_binary-amd64_Packages.lz4',
    layer: 2,
    severity: 'low',
    use_case: 'A3',
    message: {
      en: '18.2 MB of package lists were left behind.',
      de: '18,2 MB Paketlisten wurden zurückgelassen.',
    },
  },
];

const below = (path: string, folder: string) => folder === '/' || path.startsWith(`${folder}/`);

const writers = new Map<string, number[]>();
for (const { path, layer } of entries) writers.set(path, [...(writers.get(path) ?? []), layer]);

function hiddenBy(entry: Entry): { state: string; by: number } {
  const next = writers.get(entry.path)?.find((layer) => layer > entry.layer);
  if (next !== undefined) return { state: 'replaced', by: next };
  const gone = deletions.find(
    ([by, path]) => by > entry.layer && (path === entry.path || below(entry.path, path)),
  );
  return gone ? { state: 'deleted', by: gone[0] } : { state: 'visible', by: 0 };
}

/** One folder, as the program gives it; null if the tree has none of that name. */
export function folder(layer: number | null, asked: string, language: 'en' | 'de'): B.FolderView | null {
  const path = clean(asked);
  const tree = entries.filter((entry) =>
    layer === null ? hiddenBy(entry).state === 'visible' : entry.layer === layer,
  );
  const inside = tree.filter((entry) => below(entry.path, path) && entry.path !== path);
  const known = tree.some((entry) => entry.path === path && entry.kind === 'directory');
  if (path !== '/' && inside.length === 0 && !known) return null;
  const marksAt = (at: string, folderToo: boolean): B.PathMark[] =>
    seen
      .filter((mark) => mark.path === at || (folderToo && below(mark.path, at)))
      .filter((mark) => tree.some((entry) => entry.path === mark.path && entry.layer === mark.layer))
      .map(({ severity, use_case, message }) => ({ severity, use_case, message: message[language] }));
  const rows = new Map<string, B.TreeRow>();
  const depth = path === '/' ? 1 : path.split('/').length;
  for (const entry of inside) {
    const name = entry.path.split('/')[depth]!;
    const at = path === '/' ? `/${name}` : `${path}/${name}`;
    if (at === entry.path && entry.kind !== 'directory') {
      const hidden = hiddenBy(entry);
      rows.set(at, {
        name,
        path: at,
        kind: entry.kind,
        size: entry.kind === 'file' ? bytes(entry.bytes) : '',
        files: 0,
        mode: entry.mode,
        owner: entry.owner,
        layer: entry.layer,
        link: entry.link,
        package: entry.package,
        state: hidden.state,
        hidden_by: hidden.by,
        capabilities: entry.capabilities,
        marks: marksAt(at, false),
      });
    } else if (!rows.has(at)) {
      const all = inside.filter((other) => below(other.path, at));
      const own = inside.find((other) => other.path === at);
      const hidden = all.length > 0 && all.every((other) => hiddenBy(other).state === 'deleted');
      rows.set(at, {
        name,
        path: at,
        kind: 'directory',
        size: bytes(all.reduce((sum, other) => sum + other.bytes, 0)),
        files: all.filter((other) => other.kind === 'file').length,
        mode: own?.mode ?? 'rwxr-xr-x',
        owner: own?.owner ?? all[0]?.owner ?? 'root:root',
        layer: own?.layer ?? Math.min(...all.map((other) => other.layer)),
        link: '',
        package: '',
        state: hidden ? 'deleted' : 'visible',
        hidden_by: hidden ? 4 : 0,
        capabilities: '',
        marks: marksAt(at, true),
      });
    }
  }
  const list = [...rows.values()].sort(
    (a, b) => Number(b.kind === 'directory') - Number(a.kind === 'directory') || (a.name < b.name ? -1 : 1),
  );
  return { path, layer, rows: list.slice(0, 5000), more: Math.max(0, list.length - 5000) };
}

export const COMMANDS = [
  '/bin/sh -c #(nop) ADD file:4eedf861fb567fffb2694b65ebdd58d5e371a2c28c3863f363f333cb34e5eb7b in /',
  'RUN /bin/sh -c apt-get update && apt-get install -y curl git build-essential python3-dev openssh-client vim less net-tools telnet iputils-ping # buildkit',
  'COPY /src/dist /srv/app # buildkit',
  'RUN /bin/sh -c rm -rf /srv/app/tests /srv/app/deploy_ed25519 && sed -i s/debug/info/ /srv/app/config.yaml # buildkit',
];
export const SHARES = [0.19, 0.626, 0.178, 0.006];

export function history(language: 'en' | 'de'): B.HistoryRow[] {
  const en = language === 'en';
  const row = (index: number, command: string, layer: number, marks: B.PathMark[] = []): B.HistoryRow => ({
    index,
    created: `2025-11-${layer === 1 ? '04' : '19'}T0${index % 9}:12:00Z`,
    command,
    layer,
    size: layer > 0 ? bytes(SHARES[layer - 1]! * 412.8e6) : '',
    marks,
  });
  return [
    row(0, COMMANDS[0]!, 1),
    row(1, 'CMD ["bash"]', 0),
    row(2, 'ENV DB_PASSWORD=hu•••••••••2', 0, [
      {
        severity: 'critical',
        use_case: 'B5',
        message: en
          ? 'A password is set in an environment variable.'
          : 'Ein Passwort wird in einer Umgebungsvariablen gesetzt.',
      },
    ]),
    row(3, COMMANDS[1]!, 2, [
      {
        severity: 'low',
        use_case: 'A3',
        message: en
          ? 'The package lists are not removed in the same instruction.'
          : 'Die Paketlisten werden nicht in derselben Anweisung entfernt.',
      },
    ]),
    row(4, 'WORKDIR /srv/app', 0),
    row(5, COMMANDS[2]!, 3),
    row(6, COMMANDS[3]!, 4, [
      {
        severity: 'medium',
        use_case: 'A3',
        message: en
          ? '9.7 MB are removed in a later layer than the one that brought them.'
          : '9,7 MB werden in einer späteren Schicht entfernt als der, die sie brachte.',
      },
    ]),
    row(7, 'EXPOSE map[8443/tcp:{}]', 0),
    row(8, 'CMD ["/srv/app/checkout","--listen",":8443"]', 0),
  ];
}

export const config: [string, string][] = [
  ['User', ''],
  ['Entrypoint', '["/usr/local/bin/docker-entrypoint.sh"]'],
  ['Cmd', '["/srv/app/checkout","--listen",":8443"]'],
  ['Healthcheck', '["CMD-SHELL","curl -fsk https://localhost:8443/health || exit 1"]'],
  ['WorkingDir', '/srv/app'],
  ['ExposedPorts', '8443/tcp'],
  ['Env PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  ['Env DB_PASSWORD', 'hu•••••••••2'],
  ['Label org.opencontainers.image.source', 'https://git.example.com/payments/checkout-service'],
  ['Label org.opencontainers.image.revision', '7c1f0b6f7c0a4f5e9a54f4b3d1e0f7d2f0b2a9c8'],
];

export function configMarks(language: 'en' | 'de'): B.FieldMark[] {
  const en = language === 'en';
  return [
    {
      field: 'config.User',
      severity: 'high',
      use_case: 'D1',
      message: en
        ? 'No user is set, so the process runs as root.'
        : 'Kein Benutzer gesetzt: Der Prozess läuft als root.',
    },
    {
      field: 'config.Env[DB_PASSWORD]',
      severity: 'critical',
      use_case: 'B5',
      message: en
        ? 'A password is set in an environment variable.'
        : 'Ein Passwort wird in einer Umgebungsvariablen gesetzt.',
    },
    {
      field: 'RepoTags',
      severity: 'info',
      use_case: 'B1',
      message: en
        ? 'The image is tagged `2.14.3` and `latest`.'
        : 'Das Image trägt die Tags `2.14.3` und `latest`.',
    },
  ];
}

const debs = `apt 2.6.1|GPL-2.0-or-later|4232|1
base-files 12.4+deb12u12|GPL-2.0|341|1
bash 5.2.15-2+b8|GPL-3.0-or-later|7164|1
binutils 2.40-2|GPL-3.0-or-later|27710|2
build-essential 12.9|GPL-2.0|20|2
bzip2 1.0.8-5+b1|BSD-variant|120|1
coreutils 9.1-1|GPL-3.0-or-later|18062|1
cpp-12 12.2.0-14+deb12u1|GPL-3.0-or-later|25910|2
curl 7.88.1-10+deb12u14|curl|520|2
dash 0.5.12-2|BSD-3-Clause|191|1
dpkg 1.21.22|GPL-2.0-or-later|6448|1
gcc-12 12.2.0-14+deb12u1|GPL-3.0-or-later|51204|2
git 1:2.39.5-0+deb12u2|GPL-2.0|46160|2
grep 3.8-5|GPL-3.0-or-later|1137|1
gzip 1.12-1|GPL-3.0-or-later|252|1
iputils-ping 3:20221126-1+deb12u1|BSD-3-Clause|128|2
less 590-2.1~deb12u2|GPL-3.0-or-later|312|2
libc6 2.36-9+deb12u13|LGPL-2.1|12999|1
libcurl4 7.88.1-10+deb12u14|curl|854|2
libpython3.11-dev 3.11.2-6+deb12u6|PSF-2.0|21634|2
libssl3 3.0.17-1~deb12u3|Apache-2.0|6020|1
make 4.3-4.1|GPL-3.0-or-later|1654|2
mount 2.38.1-5+deb12u3|GPL-2.0-or-later|379|1
net-tools 2.10-0.1+deb12u2|GPL-2.0-or-later|998|2
openssh-client 1:9.2p1-2+deb12u7|BSD-2-Clause|5898|2
passwd 1:4.13+dfsg1-1+deb12u1|BSD-3-Clause|2798|1
perl-base 5.36.0-7+deb12u3|GPL-1.0-or-later|7846|1
python3.11 3.11.2-6+deb12u6|PSF-2.0|620|2
python3.11-minimal 3.11.2-6+deb12u6|PSF-2.0|11402|2
sed 4.9-1|GPL-3.0-or-later|987|1
tar 1.34+dfsg-1.2+deb12u1|GPL-3.0-or-later|3146|1
telnet 0.17+2.4-2+deb12u2|BSD-4-Clause|152|2
tzdata 2025b-0+deb12u2|public-domain|3264|1
util-linux 2.38.1-5+deb12u3|GPL-2.0-or-later|4668|1
vim 2:9.0.1378-2+deb12u2|Vim|3803|2
zlib1g 1:1.2.13.dfsg-1|Zlib|168|1`
  .split('\n')
  .map((line): B.PackageRow => {
    const [what, licence, kilobytes, layer] = line.split('|') as [string, string, string, string];
    const [name, version] = what.split(' ') as [string, string];
    return {
      ecosystem: 'deb',
      name,
      version,
      architecture: 'amd64',
      source:
        name === 'libc6' ? 'glibc 2.36-9+deb12u13' : name === 'libssl3' ? 'openssl 3.0.17-1~deb12u3' : '',
      licence,
      size: bytes(Number(kilobytes) * 1024),
      bytes: Number(kilobytes) * 1024,
      layer: Number(layer),
      location: '/var/lib/dpkg/status',
      purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=amd64&distro=debian-12`,
    };
  });

const npms = [
  'express 4.21.2|MIT',
  'pg 8.13.1|MIT',
  'pino 9.5.0|MIT',
  'undici 6.21.0|MIT',
  'zod 3.24.1|MIT',
].map((line): B.PackageRow => {
  const [what, licence] = line.split('|') as [string, string];
  const [name, version] = what.split(' ') as [string, string];
  return {
    ecosystem: 'npm',
    name,
    version,
    architecture: '',
    source: '',
    licence,
    size: '',
    bytes: 0,
    layer: 3,
    location: '/srv/app/package-lock.json',
    purl: `pkg:npm/${name}@${version}`,
  };
});

export function packages(language: 'en' | 'de'): B.PackagesView {
  const en = language === 'en';
  return {
    os: 'Debian GNU/Linux 12 (bookworm)',
    support: en ? 'security fixes until 2026-06-10' : 'Sicherheitskorrekturen bis 2026-06-10',
    unsupported: false,
    rows: [...debs, ...npms],
    sources: [
      { path: '/var/lib/dpkg/status', kind: 'dpkg', packages: debs.length, error: '' },
      { path: '/srv/app/package-lock.json', kind: 'npm', packages: npms.length, error: '' },
      {
        path: '/usr/lib/python3/dist-packages/legacy_tools.egg-info',
        kind: 'python',
        packages: 0,
        error: en ? 'The file has no field Name.' : 'Die Datei hat kein Feld Name.',
      },
    ],
    unread: [['/opt/vendor/bundle.jar', en ? 'It is larger than 256 MB.' : 'Sie ist größer als 256 MB.']],
  };
}

export const COUNT = debs.length + npms.length;
export const noSuchFolder = (path: string): B.Failure => ({
  message: `There is no folder ${clean(path)} in this tree.`,
  details: parentOf(path),
});
