// Hosts and containers as lists, the place of a field in an answer, the figures of the coverage.
import { describe, expect, it } from 'vitest';
import type { CheckLine, CoverageRow, RuntimeLine } from '../src/lib/bindings';
import { grouped } from '../src/lib/checks';
import { cellsOf, count } from '../src/lib/counts';
import {
  figuresOf,
  kindsByCheck,
  matchesCoverage,
  NO_COVERAGE_FILTER,
  runtimeGroup,
} from '../src/lib/coverage';
import { Mock } from '../src/lib/mock';
import {
  answerOf,
  byRunning,
  containersOf,
  containerSource,
  fieldLine,
  groupsOf,
  NO_HOST_FILTER,
  rowsOf,
  steps,
  worstOutcome,
} from '../src/lib/runtime';

const line = (id: string, kind: string, host: string, fail = 0): RuntimeLine => ({
  subject: {
    id,
    label: id,
    kind,
    name: `${id}-name`,
    source: `${kind}:${id}`,
    dockerfile: null,
    digest: null,
    platform: null,
    size: null,
    error: null,
    collected: true,
  },
  host,
  about: `${id} about nginx`,
  counts: { fail, error: 0, undecided: 0, pass: 1, not_applicable: 0 },
  worst: '',
  collected: null,
});

describe('the list of hosts', () => {
  const lines = [
    line('h1', 'host', 'web'),
    line('c1', 'container', 'web', 2),
    line('c2', 'container', 'web'),
    line('h2', 'host', 'web', 1),
    line('c3', 'container', 'web'),
    line('c4', 'container', 'alone'),
    line('c5', 'container', 'alone'),
  ];
  const groups = groupsOf(lines);
  const keys = (filter = NO_HOST_FILTER, folded = new Set<string>()) =>
    rowsOf(groups, filter, folded).map((row) => row.key);

  it('puts containers under their host, also where two hosts have one name or none is there', () => {
    expect(groups.map((group) => [group.host, group.line?.subject.id, group.containers.length])).toEqual([
      ['web', 'h1', 2],
      ['web', 'h2', 1],
      ['alone', undefined, 2],
    ]);
    expect(keys()).toEqual(['h1', 'c1', 'c2', 'h2', 'c3', 'of c4', 'c4', 'c5']);
  });

  it('keeps a host above the containers that fit, and leaves out those that do not', () => {
    expect(keys({ text: '', failing: true })).toEqual(['h1', 'c1', 'h2']);
    expect(keys({ text: 'c3', failing: false })).toEqual(['h2', 'c3']);
    expect(keys({ text: 'C1 NGINX', failing: true })).toEqual(['h1', 'c1']);
    expect(keys({ text: 'nothing', failing: false })).toEqual([]);
  });

  it('folds hosts, but never hides what a text found', () => {
    expect(keys(NO_HOST_FILTER, new Set(['h1', 'of c4']))).toEqual(['h1', 'h2', 'c3', 'of c4']);
    expect(keys({ text: 'c1', failing: false }, new Set(['h1']))).toEqual(['h1', 'c1']);
  });

  it('is quick with a thousand containers', () => {
    const many = groupsOf([
      line('h', 'host', 'big'),
      ...Array.from({ length: 1000 }, (_, at) => line(`c${at}`, 'container', 'big', at % 2)),
    ]);
    expect(rowsOf(many, { text: '', failing: true }, new Set())).toHaveLength(501);
  });
});

describe('outcomes', () => {
  it('of several have a worst, and none of none', () => {
    expect(worstOutcome(['pass', 'undecided', 'error'])).toBe('error');
    expect(worstOutcome(['not-applicable', 'pass'])).toBe('pass');
    expect(worstOutcome([])).toBe('none');
  });

  it('of containers are said in one word for a row of the matrix', async () => {
    const mock = new Mock({ runtime: true });
    const view = mock.make(true);
    const containers = new Set(view.subjects.filter((one) => one.kind === 'container').map((one) => one.id));
    const row = (id: string) => view.use_cases.find((one) => one.id === id)!;
    expect(containersOf(row('D1'), containers)).toEqual({ n: 10, worst: 'fail' });
    expect(containersOf(row('A1'), containers)).toEqual({ n: 10, worst: 'none' });
    expect(containersOf(row('D1'), new Set())).toBeNull();
  });

  it('of hosts and containers do not count as fields of the matrix', () => {
    const without = count(new Mock().make(true));
    const withThem = count(new Mock({ runtime: true }).make(true));
    expect(withThem).toMatchObject({ cells: without.cells, notRun: 0, errors: without.errors });
    const view = new Mock({ runtime: true }).make(true);
    expect(cellsOf(view)).toHaveLength(14 * 3);
  });
});

describe('engines', () => {
  it('list running containers first', () => {
    const one = (name: string, state: string) => ({ name, state, image: '', status: '' });
    expect(
      byRunning([one('z', 'exited'), one('b', 'running'), one('a', 'created'), one('a2', 'running')]).map(
        (container) => container.name,
      ),
    ).toEqual(['a2', 'b', 'a', 'z']);
  });

  it('give containers the source that they have as subjects', () => {
    expect(containerSource('', 'web')).toBe('container:web');
    expect(containerSource('ssh://ops@box', 'web')).toBe('container:ssh://ops@box/web');
  });
});

describe('a field in an answer', () => {
  const text = JSON.stringify(
    {
      Name: '/web',
      State: { Name: 'inner' },
      HostConfig: {
        Privileged: true,
        Binds: ['/a:/a', '/b:/b'],
        PortBindings: { '22/tcp': [{ HostIp: '0.0.0.0' }] },
      },
      Config: { Labels: { 'com.docker.x': '1' }, Env: [] },
    },
    null,
    2,
  );
  const lines = text.split('\n');
  const at = (field: string) => {
    const { line: number } = fieldLine(lines, field);
    return number === 0 ? null : lines[number - 1]!.trim();
  };

  it('is taken apart at points and brackets', () => {
    expect(steps('HostConfig.Binds[0]')).toEqual(['HostConfig', 'Binds', 0]);
    expect(steps('Config.Labels["com.docker.x"]')).toEqual(['Config', 'Labels', 'com.docker.x']);
    expect(steps('Env[DB_PASSWORD]')).toEqual(['Env', 'DB_PASSWORD']);
    expect(steps('')).toEqual([]);
  });

  it('is found at its own depth', () => {
    expect(at('Name')).toBe('"Name": "/web",');
    expect(at('State.Name')).toBe('"Name": "inner"');
    expect(at('HostConfig.Privileged')).toBe('"Privileged": true,');
    expect(at('HostConfig.Binds[1]')).toBe('"/b:/b"');
    expect(at('HostConfig.PortBindings["22/tcp"][0].HostIp')).toBe('"HostIp": "0.0.0.0"');
    expect(at('Config.Labels["com.docker.x"]')).toBe('"com.docker.x": "1"');
  });

  it('leads as far as it goes, and nowhere if nothing of it is there', () => {
    expect(at('HostConfig.Memory')).toBe('"HostConfig": {');
    expect(at('HostConfig.Binds[7]')).toBe('"Binds": [');
    expect(at('LiveRestoreEnabled')).toBeNull();
    expect(fieldLine([], 'x').line).toBe(0);
    expect(fieldLine(['[', '  {', '    "Id": 1', '  }', ']'], 'Id').line).toBe(3);
  });

  it('is looked for in every answer', () => {
    const answers: [string, string][] = [
      ['GET /version', '{\n  "Version": "28"\n}'],
      ['GET /containers/web/json', text],
    ];
    expect(answerOf(answers, 'HostConfig.Privileged')).toMatchObject({ at: 1, line: 7 });
    expect(answerOf(answers, 'Nothing.Here')).toBeNull();
  });
});

describe('the coverage', () => {
  const row = (id: string, level: number, mode: string, kinds: string[]): CoverageRow => ({
    id,
    chapter: `V${id.split('.')[0]}`,
    chapter_title: 'Chapter',
    level,
    title: `Title of ${id}`,
    mode,
    kinds,
    by:
      mode === 'manual'
        ? []
        : [
            {
              check: 'live-restore',
              title: 'Live restore is on',
              use_case: '',
              kinds: ['host'],
              pass: 'decisive',
              fail: 'decisive',
              unseen: '',
            },
          ],
    question: '',
    hints: [],
    example: '',
  });
  const rows = [
    row('2.9', 2, 'automated', ['host']),
    row('3.1', 1, 'assisted', ['container']),
    row('1.1', 3, 'manual', ['solution']),
  ];

  it('counts a level with those below it', () => {
    expect(figuresOf(rows, 1)).toEqual({ automated: 0, assisted: 1, manual: 0 });
    expect(figuresOf(rows, 3)).toEqual({ automated: 1, assisted: 1, manual: 1 });
  });

  it('is filtered by mode, level, chapter, kind and text', () => {
    const left = (filter: Partial<typeof NO_COVERAGE_FILTER>) =>
      rows.filter((one) => matchesCoverage(one, { ...NO_COVERAGE_FILTER, ...filter })).map((one) => one.id);
    expect(left({})).toHaveLength(3);
    expect(left({ mode: 'manual' })).toEqual(['1.1']);
    expect(left({ level: '2' })).toEqual(['2.9']);
    expect(left({ chapter: 'V3' })).toEqual(['3.1']);
    expect(left({ kind: 'host' })).toEqual(['2.9']);
    expect(left({ text: 'live restore 2.9' })).toEqual(['2.9']);
  });

  it('tells where a check without a use case belongs', () => {
    const kinds = kindsByCheck({ rows, automated: 1, assisted: 1, manual: 1 });
    expect(runtimeGroup('live-restore', kinds.get('live-restore'))).toBe('host');
    expect(runtimeGroup('swarm-autolock', new Set(['host']))).toBe('swarm');
    expect(runtimeGroup('privileged', new Set(['container', 'compose']))).toBe('workload');
    expect(runtimeGroup('drift', new Set(['container']))).toBe('container');
    expect(runtimeGroup('new', undefined)).toBe('runtime');
  });
});

describe('checks without a use case', () => {
  const check = (id: string, use_case: string): CheckLine => ({
    id,
    use_case,
    title: id,
    outcome: 'pass',
    observations: 0,
  });

  it('stand in groups of their own behind the use cases', () => {
    const groups = grouped(
      [check('drift', ''), check('non-root-user', 'D1'), check('live-restore', ''), check('odd', '')],
      new Map([['D1', 'Own user']]),
      { text: '', outcome: '' },
      new Map([
        ['drift', new Set(['container'])],
        ['live-restore', new Set(['host'])],
      ]),
      (group) => `<${group}>`,
    );
    expect(groups.map((group) => [group.useCase, group.title])).toEqual([
      ['D1', 'Own user'],
      ['', '<host>'],
      ['', '<container>'],
      ['', '<runtime>'],
    ]);
  });
});
