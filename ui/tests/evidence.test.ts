// The evidence itself: paths and folders, packages, marks, jumps, checks and settings, without a window.
import { describe, expect, it } from 'vitest';
import type {
  CheckLine,
  FolderView,
  HistoryRow,
  PackageRow,
  SubjectLine,
  TreeRow,
} from '../src/lib/bindings';
import { grouped } from '../src/lib/checks';
import { clean, crumbs, inView, linkTarget, locate, named, parentOf } from '../src/lib/folder';
import { absence, jumpOf, sameFile } from '../src/lib/jump';
import { byLine, configMarks, configRow, historyIndex, worst } from '../src/lib/marks';
import { folder } from '../src/lib/mock-image';
import { chosen, ecosystems, reorder, sorted } from '../src/lib/packages';
import { added, differs, fromDraft, problems, toDraft } from '../src/lib/settings';

const row = (path: string, more: Partial<TreeRow> = {}): TreeRow => ({
  name: path.slice(path.lastIndexOf('/') + 1),
  path,
  kind: 'file',
  size: '1 B',
  files: 0,
  mode: 'rw-r--r--',
  owner: 'root:root',
  layer: 1,
  link: '',
  package: '',
  state: 'visible',
  hidden_by: 0,
  capabilities: '',
  marks: [],
  ...more,
});

describe('paths in an image', () => {
  it('are cleaned, and never lead above the root', () => {
    expect(clean('usr//bin/')).toBe('/usr/bin');
    expect(clean('/a/./b/../c')).toBe('/a/c');
    expect(clean('../../etc')).toBe('/etc');
    expect(clean('')).toBe('/');
    expect(parentOf('/usr/bin')).toBe('/usr');
    expect(parentOf('/usr')).toBe('/');
    expect(parentOf('/')).toBe('/');
  });

  it('become crumbs', () => {
    expect(crumbs('/')).toEqual([{ name: '/', path: '/' }]);
    expect(crumbs('/usr/lib').map((crumb) => crumb.path)).toEqual(['/', '/usr', '/usr/lib']);
  });

  it('follow links, relative and absolute', () => {
    expect(linkTarget(row('/etc/os-release', { kind: 'symlink', link: '../usr/lib/os-release' }))).toBe(
      '/usr/lib/os-release',
    );
    expect(linkTarget(row('/usr/bin/awk', { kind: 'symlink', link: '/etc/alternatives/awk' }))).toBe(
      '/etc/alternatives/awk',
    );
    expect(linkTarget(row('/a/b', { kind: 'hard-link', link: 'c/d' }))).toBe('/c/d');
  });

  it('are filtered by every word', () => {
    const rows = [row('/a/LICENSE.txt'), row('/a/license.md'), row('/a/main.rs')];
    expect(named(rows, 'licen txt').map((found) => found.name)).toEqual(['LICENSE.txt']);
    expect(named(rows, '  ')).toHaveLength(3);
  });
});

describe('a long list', () => {
  it('draws only what is in view', () => {
    expect(inView(0, 600, 30, 5000)).toEqual({ from: 0, to: 32 });
    expect(inView(30 * 1000, 600, 30, 5000)).toEqual({ from: 988, to: 1032 });
    expect(inView(30 * 4990, 600, 30, 5000).to).toBe(5000);
    expect(inView(9999, 600, 30, 3)).toEqual({ from: 3, to: 3 });
    expect(inView(0, 600, 30, 0)).toEqual({ from: 0, to: 0 });
  });
});

describe('the place of an entry', () => {
  const trees: Record<string, TreeRow[]> = {
    'null /etc': [row('/etc/passwd', { layer: 3 }), row('/etc/ssl', { kind: 'directory', layer: 1 })],
    '1 /etc': [row('/etc/passwd', { state: 'replaced', hidden_by: 3 })],
    '2 /etc': [row('/etc/key', { layer: 2, state: 'deleted', hidden_by: 3 })],
  };
  const read = (layer: number | null, path: string): Promise<FolderView> => {
    const rows = trees[`${layer} ${path}`];
    return rows ? Promise.resolve({ path, layer, rows, more: 0 }) : Promise.reject(new Error('none'));
  };
  const at = (entry: string, layer: number | null, layers: number[] = []) =>
    locate(read, entry, layer, layers);

  it('is the merged tree while that shows it', async () => {
    expect(await at('etc/passwd', 3)).toEqual({
      layer: null,
      path: '/etc',
      select: '/etc/passwd',
      missing: false,
    });
    expect(await at('/etc/passwd', null)).toMatchObject({ layer: null, missing: false });
    expect(await at('/etc/ssl', 2)).toMatchObject({ layer: null, select: '/etc/ssl' });
  });

  it('is the layer when it is replaced or deleted', async () => {
    expect(await at('/etc/passwd', 1)).toMatchObject({ layer: 1, select: '/etc/passwd' });
    expect(await at('/etc/key', 2)).toMatchObject({ layer: 2, select: '/etc/key' });
    expect(await at('/etc/key', null, [1, 2, 3])).toMatchObject({ layer: 2, missing: false });
  });

  it('is said to be missing when no tree has it', async () => {
    expect(await at('/nowhere/at/all', 2)).toEqual({ layer: null, path: '/', select: null, missing: true });
    expect(await at('/', 2)).toMatchObject({ layer: 2, path: '/', missing: false });
  });
});

describe('the stand-in for an image', () => {
  it('has a key that a later layer deletes, and a folder too large to list', () => {
    expect(folder(null, '/srv/app', 'en')?.rows.some((entry) => entry.name === 'deploy_ed25519')).toBe(false);
    const key = folder(3, '/srv/app', 'en')?.rows.find((entry) => entry.name === 'deploy_ed25519');
    expect(key).toMatchObject({ state: 'deleted', hidden_by: 4 });
    expect(worst(key!.marks)).toBe('critical');
    expect(folder(null, '/srv/app/assets', 'en')).toMatchObject({ more: 1200 });
    expect(folder(4, '/usr/bin', 'en')).toBeNull();
  });
});

describe('packages', () => {
  const pack = (name: string, version: string, more: Partial<PackageRow> = {}): PackageRow => ({
    ecosystem: 'deb',
    name,
    version,
    architecture: '',
    source: '',
    licence: '',
    size: '',
    bytes: 0,
    layer: 1,
    location: '/var/lib/dpkg/status',
    purl: '',
    ...more,
  });
  const rows = [
    pack('libb', '1.10', { bytes: 5, layer: 2 }),
    pack('liba', '1.9', { bytes: 50, ecosystem: 'npm' }),
    pack('libA', '1.2', { licence: 'MIT' }),
  ];

  it('are sorted by name, by version with figures, by size', () => {
    expect(sorted(rows, { column: 'name', down: false }).map((item) => item.version)).toEqual([
      '1.2',
      '1.9',
      '1.10',
    ]);
    expect(sorted(rows, { column: 'version', down: true }).map((item) => item.version)).toEqual([
      '1.10',
      '1.9',
      '1.2',
    ]);
    expect(sorted(rows, { column: 'bytes', down: true })[0]?.bytes).toBe(50);
    expect(rows[0]?.name).toBe('libb');
  });

  it('turn round at the second click', () => {
    expect(reorder({ column: 'name', down: false }, 'name')).toEqual({ column: 'name', down: true });
    expect(reorder({ column: 'name', down: true }, 'bytes')).toEqual({ column: 'bytes', down: true });
    expect(reorder({ column: 'bytes', down: true }, 'layer')).toEqual({ column: 'layer', down: false });
  });

  it('are filtered by words, kind and layer', () => {
    const found = (text: string, ecosystem = '', layer = '') =>
      chosen(rows, { text, ecosystem, layer }).map((item) => item.name);
    expect(found('LIB mit')).toEqual(['libA']);
    expect(found('', 'npm')).toEqual(['liba']);
    expect(found('', '', '2')).toEqual(['libb']);
    expect(ecosystems(rows)).toEqual([
      ['deb', 2],
      ['npm', 1],
    ]);
  });
});

describe('marks', () => {
  it('are known by the gravest', () => {
    expect(worst([])).toBeNull();
    expect(worst([{ severity: 'low' }, { severity: 'high' }, { severity: 'odd' }])).toBe('high');
  });

  it('stand by their line, the gravest first', () => {
    const lines = byLine([
      { line: 3, severity: 'low' },
      { line: 3, severity: 'critical' },
      { line: 1, severity: 'info' },
    ]);
    expect(lines[3]?.map((mark) => mark.severity)).toEqual(['critical', 'low']);
    expect(lines[2]).toBeUndefined();
  });

  const config: [string, string][] = [
    ['User', ''],
    ['Env PATH', '/bin'],
    ['Env TOKEN', '••'],
    ['Label org.example.source', 'x'],
  ];

  it('find the field of the config in every spelling', () => {
    expect(configRow(config, 'config.User')).toBe(0);
    expect(configRow(config, 'config.Env[TOKEN]')).toBe(2);
    expect(configRow(config, 'config.Env.TOKEN')).toBe(2);
    expect(configRow(config, 'config.Env TOKEN')).toBe(2);
    expect(configRow(config, 'config.Env[1]')).toBe(2);
    expect(configRow(config, 'config.Env')).toBe(1);
    expect(configRow(config, 'config.Labels["org.example.source"]')).toBe(3);
    expect(configRow(config, 'config.Healthcheck')).toBe(-1);
    expect(configRow(config, 'config.Env[NONE]')).toBe(-1);
    expect(historyIndex('history[12].created_by')).toBe(12);
    expect(historyIndex('config.User')).toBeNull();
  });

  it('that belong to no row are not lost', () => {
    const mark = (field: string, message: string) => ({ field, severity: 'low', use_case: 'D1', message });
    const history: HistoryRow[] = [
      {
        index: 0,
        created: '',
        command: '',
        layer: 1,
        size: '',
        marks: [{ severity: 'low', use_case: 'D1', message: 'h' }],
      },
    ];
    const found = configMarks(
      config,
      [
        mark('config.User', 'u'),
        mark('RepoTags', 'r'),
        mark('history[0].created_by', 'h'),
        mark('history[7]', 'z'),
      ],
      history,
    );
    expect(found.rows[0]?.map((one) => one.message)).toEqual(['u']);
    expect(found.elsewhere.map((one) => one.message)).toEqual(['r', 'z']);
  });
});

describe('a jump', () => {
  const seen = (location_kind: string, location: string) => ({
    location_kind,
    location,
    line: 7,
    layer: 'sha256:1',
  });

  it('goes to the tab where the evidence lies', () => {
    expect(jumpOf(seen('file', 'a/Dockerfile'))).toEqual({ tab: 'source', file: 'a/Dockerfile', line: 7 });
    expect(jumpOf(seen('layer', '/etc/shadow'))).toEqual({
      tab: 'files',
      path: '/etc/shadow',
      layer: 'sha256:1',
    });
    expect(jumpOf(seen('field', 'config.User'))).toEqual({ tab: 'config', field: 'config.User' });
    expect(jumpOf(seen('', 'x'))).toBeNull();
    expect(jumpOf(seen('layer', ''))).toBeNull();
  });

  it('knows whether the file shown is the one named', () => {
    expect(sameFile('build/Dockerfile', 'Dockerfile')).toBe(true);
    expect(sameFile('.dockerignore', 'Dockerfile')).toBe(false);
  });

  it('says why there is nothing', () => {
    const line = (more: Partial<SubjectLine>): SubjectLine =>
      ({ kind: 'image', collected: true, error: null, ...more }) as SubjectLine;
    const view = { browsable: false, packages: 0, text: null } as never;
    expect(absence('overview', line({ collected: false }), null)).toBeNull();
    expect(absence('files', line({ collected: false }), null)).toBe('not-read');
    expect(absence('files', line({ collected: false, error: 'gone' }), null)).toBe('unreadable');
    expect(absence('config', line({ kind: 'dockerfile' }), null)).toBe('not-image');
    expect(absence('files', line({}), view)).toBe('not-recorded');
    expect(absence('packages', line({}), view)).toBe('not-recorded');
    expect(absence('config', line({}), view)).toBeNull();
    expect(absence('source', line({}), view)).toBe('no-source');
  });
});

describe('the list of checks', () => {
  const line = (use_case: string, id: string, outcome = 'pass'): CheckLine => ({
    id,
    use_case,
    outcome,
    title: `Title of ${id}`,
    observations: 0,
  });
  const lines = [line('B1', 'pinned', 'fail'), line('A1', 'official'), line('B1', 'tagged')];
  const titles = new Map([['B1', 'Base image']]);

  it('is grouped by use case and filtered', () => {
    const found = (text: string, outcome = '') =>
      grouped(lines, titles, { text, outcome }).map((group) => [
        group.useCase,
        group.rows.map((one) => one.id),
      ]);
    expect(found('')).toEqual([
      ['A1', ['official']],
      ['B1', ['pinned', 'tagged']],
    ]);
    expect(found('base IMAGE tagged')).toEqual([['B1', ['tagged']]]);
    expect(found('', 'fail')).toEqual([['B1', ['pinned']]]);
    expect(found('nothing')).toEqual([]);
  });
});

describe('the settings while they are typed', () => {
  const settings = {
    lowest_efficiency: 90,
    oldest_days: 90,
    widest_gap_hours: 24,
    stale_days: 30,
    allowances: [{ check: 'no-secrets', what: '/a/**', reason: 'tests' }],
    approved_bases: [],
    approved_registries: [],
    trust: { keys: [], identities: [], logs: [], notation: [], notary: [] },
    vulnerabilities: {
      severity: 'vendor-first',
      fail_from: 'high',
      only_fixable: true,
      fail_exploited: true,
      oldest_data_days: 14,
    },
  };

  it('are the same there and back', () => {
    expect(fromDraft(toDraft(settings), ['no-secrets'])).toEqual(settings);
    expect(differs(toDraft(settings), settings)).toBe(false);
  });

  it('take whole numbers within their limits only', () => {
    const wrong = (text: string) =>
      problems({ ...toDraft(settings), lowest_efficiency: text }, null).thresholds;
    for (const text of ['', '-1', '101', '9.5', '9e1', 'many'])
      expect(wrong(text), text).toEqual(['lowest_efficiency']);
    for (const text of ['0', ' 95 ', '100']) expect(wrong(text), text).toEqual([]);
    expect(fromDraft({ ...toDraft(settings), oldest_days: '0' }, null)).toBeNull();
  });

  it('want check, pattern and reason of each allowance, once', () => {
    const more = added(toDraft(settings), '');
    const key = more.allowances.at(-1)!.key;
    expect(key).not.toBe(more.allowances[0]!.key);
    expect(problems(more, null).allowances.get(key)).toEqual(['check', 'what', 'reason']);
    const twice = {
      ...more,
      allowances: more.allowances.map((one) => ({ ...one, check: 'no-secrets', what: '/a/**', reason: 'r' })),
    };
    expect(problems(twice, ['no-secrets']).allowances.get(key)).toEqual(['twice']);
    expect(problems(twice, ['other']).count).toBe(2);
  });
});
