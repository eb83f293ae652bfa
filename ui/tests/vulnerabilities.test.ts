// Vulnerabilities without a window: the page cache, what is asked for, the drawing of bars, figures.
import { describe, expect, it, vi } from 'vitest';
import { useTransport } from '../src/lib/api';
import { LEAST, partsOf, SPACE, ticks } from '../src/lib/bars';
import type { ComparedView, Facet, VulnerabilityQuery } from '../src/lib/bindings';
import { absence, SUBJECT_TABS } from '../src/lib/jump';
import { Mock } from '../src/lib/mock';
import { Pages } from '../src/lib/pages';
import { differs, fromDraft, problems, toDraft } from '../src/lib/settings';
import {
  acceptProblems,
  cleared,
  comparedRows,
  daysFrom,
  facetValues,
  GUTTER,
  inset,
  isDown,
  layoutFor,
  NO_FILTERS,
  otherSeverity,
  PAGE_ROWS,
  PAGES_KEPT,
  probability,
  restrictions,
  score,
  sortedBy,
  split,
  toggled,
  toQuery,
  weightOf,
} from '../src/lib/vulnerabilities';
import { TYPING, VulnerabilityList } from '../src/lib/vulnerability-list.svelte';

describe('pages of a list', () => {
  const rows = (page: number, n = 10) => Array.from({ length: n }, (_, at) => page * 10 + at);

  it('give the rows that are there and name the pages that are missing', () => {
    const pages = new Pages<number>(10, 4);
    expect(pages.get(0)).toBeUndefined();
    expect(pages.missing(5, 25)).toEqual([0, 1, 2]);
    pages.put(1, rows(1));
    expect(pages.get(15)).toBe(15);
    expect(pages.get(-1)).toBeUndefined();
    expect(pages.missing(5, 25)).toEqual([0, 2]);
    expect(pages.missing(10, 20)).toEqual([]);
    expect(pages.missing(-30, 5)).toEqual([0]);
    expect(pages.missing(7, 7)).toEqual([]);
  });

  it('let go the page that was used longest ago, never one in view', () => {
    const pages = new Pages<number>(10, 3);
    for (const page of [0, 1, 2]) pages.put(page, rows(page));
    pages.missing(0, 5);
    pages.put(3, rows(3));
    expect(pages.held).toBe(3);
    expect(pages.get(0), 'it was looked at').toBe(0);
    expect(pages.get(10)).toBeUndefined();
    pages.clear();
    expect(pages.held).toBe(0);
  });

  it('end where the last page ends', () => {
    const pages = new Pages<number>(10, 3);
    pages.put(2, rows(2, 3));
    expect(pages.get(22)).toBe(22);
    expect(pages.get(23)).toBeUndefined();
  });
});

describe('the list', () => {
  const setUp = (rows: number) => {
    const mock = new Mock({ scans: { rows } });
    useTransport(mock);
    mock.make(true);
    const asked = () =>
      mock.calls
        .filter((call) => call.name === 'vulnerabilities')
        .map((call) => call.args['query'] as VulnerabilityQuery);
    return { mock, asked, list: new VulnerabilityList() };
  };

  it('asks for what is in view and holds a few pages of many rows', async () => {
    const { list, asked } = setUp(6000);
    list.load({ ...NO_FILTERS, kernelHeaders: true }, 'sub-1');
    await vi.waitFor(() => expect(list.total).toBe(6000));
    expect(asked()).toHaveLength(1);
    expect(asked()[0]).toMatchObject({ subject: 'sub-1', offset: 0, limit: PAGE_ROWS });
    for (let at = 0; at < 6000; at += PAGE_ROWS) {
      list.want(at, at + 30);
      await vi.waitFor(() => expect(list.get(at)).toBeDefined());
    }
    expect(list.get(0), 'the first page was let go').toBeUndefined();
    expect(list.get(6000 - PAGE_ROWS)).toBeDefined();
    expect(asked().length).toBeLessThanOrEqual(6000 / PAGE_ROWS + PAGES_KEPT);
    list.want(0, 30);
    await vi.waitFor(() => expect(list.get(29)).toBeDefined());
  });

  it('passes over what was scrolled past', async () => {
    const { list, asked } = setUp(20_000);
    list.load({ ...NO_FILTERS, kernelHeaders: true }, 'sub-1');
    await vi.waitFor(() => expect(list.total).toBe(20_000));
    for (let at = 400; at < 20_000; at += 400) list.want(at, at + 40);
    await vi.waitFor(() => expect(list.get(19_600)).toBeDefined());
    expect(asked().length, 'the first, the one under way, the last').toBeLessThanOrEqual(4);
  });

  it('waits for the end of a word, not for the end of a click', async () => {
    const { list, asked } = setUp(40);
    vi.useFakeTimers();
    try {
      list.load(NO_FILTERS, null);
      expect(asked()).toHaveLength(1);
      for (const text of ['l', 'li', 'lib']) list.load({ ...NO_FILTERS, text }, null);
      expect(asked()).toHaveLength(1);
      await vi.advanceTimersByTimeAsync(TYPING + 1);
      expect(asked().map((query) => query.text)).toEqual(['', 'lib']);
      list.load({ ...NO_FILTERS, text: 'lib', exploited: true }, null);
      expect(asked()).toHaveLength(3);
    } finally {
      vi.useRealTimers();
    }
  });

  it('says why nothing came', async () => {
    const mock = new Mock();
    useTransport(mock);
    const list = new VulnerabilityList();
    list.load(NO_FILTERS, null);
    await vi.waitFor(() => expect(list.failure?.message).toContain('No engagement'));
    expect(list.busy).toBe(false);
  });
});

describe('what is asked for', () => {
  it('is restricted by what is set, and to the subject whose list it is', () => {
    const filters = {
      ...NO_FILTERS,
      subject: 'sub-2',
      text: '  openssl ',
      severities: ['critical'],
      fixable: false,
    };
    expect(toQuery(filters, null, 400, 9999)).toMatchObject({
      subject: 'sub-2',
      text: 'openssl',
      severities: ['critical'],
      fixable: false,
      kernel_headers: false,
      sort: 'severity',
      descending: false,
      offset: 400,
      limit: 500,
    });
    expect(toQuery(filters, 'sub-1', 0, 10).subject).toBe('sub-1');
  });

  it('counts and clears restrictions, and keeps the order', () => {
    let filters = toggled(NO_FILTERS, 'states', 'affected');
    filters = {
      ...toggled(filters, 'severities', 'high'),
      package: 'curl',
      exploited: true,
      kernelHeaders: true,
    };
    expect(restrictions(filters)).toBe(4);
    expect(toggled(filters, 'states', 'affected').states).toEqual([]);
    filters = sortedBy(filters, 'epss');
    expect(cleared(filters)).toEqual({ ...NO_FILTERS, kernelHeaders: true, sort: 'epss' });
    expect(restrictions(cleared(filters))).toBe(0);
  });

  it('turns round with a second click', () => {
    expect(isDown(NO_FILTERS), 'the gravest first').toBe(true);
    const once = sortedBy(NO_FILTERS, 'package');
    expect([once.reversed, isDown(once)]).toEqual([false, false]);
    const twice = sortedBy(once, 'package');
    expect([twice.reversed, isDown(twice)]).toEqual([true, true]);
    expect(sortedBy(twice, 'score').reversed).toBe(false);
  });

  const facets: Facet[] = [
    {
      name: 'severity',
      values: ['low', 'critical', 'unknown', 'high'].map((value, at) => ({
        value,
        label: value,
        count: at + 1,
      })),
    },
    {
      name: 'fixable',
      values: [
        { value: 'true', label: '', count: 7 },
        { value: 'false', label: '', count: 5 },
      ],
    },
  ];

  it('lists the values of a facet by gravity, and keeps one that is set', () => {
    expect(facetValues(facets, 'severity', ['none']).map((value) => value.value)).toEqual([
      'critical',
      'high',
      'low',
      'none',
      'unknown',
    ]);
    expect(facetValues(facets, 'severity', ['none']).find((value) => value.value === 'none')?.count).toBe(0);
    expect(facetValues(facets, 'other')).toEqual([]);
    expect(split(facets, 'fixable')).toEqual([7, 5]);
    expect(split(facets, 'exploited')).toEqual([0, 0]);
  });
});

describe('the columns', () => {
  it('never need more room than there is', () => {
    for (let width = 330; width <= 2000; width += 7)
      for (const subjects of [true, false]) {
        const { columns, template, narrow } = layoutFor(width, subjects);
        const least = [...template.matchAll(/(?:minmax\()?(\d+)px/g)].reduce(
          (sum, found) => sum + Number(found[1]),
          0,
        );
        expect(least + GUTTER * (columns.length - 1) + 2 * inset(narrow), String(width)).toBeLessThanOrEqual(
          width,
        );
        expect(columns.slice(0, 2)).toEqual(['severity', 'id']);
        expect(columns.includes('subject') && !subjects).toBe(false);
      }
    expect(layoutFor(1400, true).columns).toHaveLength(10);
    expect(layoutFor(700, true).columns).toContain('fixed');
  });
});

describe('bars', () => {
  it('are as wide as their share, without a gap too many', () => {
    const parts = partsOf([10, 30, 60, 0, 0, 0], 100, 502);
    expect(parts.map((part) => part.at)).toEqual([0, 1, 2]);
    expect(parts.map((part) => part.width)).toEqual([50, 150, 300]);
    expect(parts[1]!.x).toBe(50 + SPACE);
    const last = parts.at(-1)!;
    expect(last.x + last.width).toBeCloseTo(502);
    expect(partsOf([10, 0, 0], 100, 500)[0]!.width).toBe(50);
  });

  it('show what is one of thousands, and never leave their space', () => {
    for (const counts of [
      [1, 0, 40_000, 1, 1, 1],
      [0, 0, 0, 0, 0, 3],
      [5, 5, 5, 5, 5, 5],
      [1, 20, 3, 900, 0, 12],
    ]) {
      const parts = partsOf(counts, 40_004, 300);
      expect(parts).toHaveLength(counts.filter((count) => count > 0).length);
      for (const part of parts) expect(part.width).toBeGreaterThanOrEqual(LEAST);
      const last = parts.at(-1)!;
      expect(last.x + last.width).toBeLessThanOrEqual(300.001);
    }
    expect(partsOf([0, 0], 10, 100)).toEqual([]);
    expect(partsOf([1], 1, 0)).toEqual([]);
    expect(partsOf([-4, 2], 2, 100).map((part) => part.at)).toEqual([1]);
  });

  it('have round ticks', () => {
    expect(ticks(0)).toEqual([0]);
    expect(ticks(3)).toEqual([0, 1, 2, 3]);
    expect(ticks(474)).toEqual([0, 200, 400, 600]);
    expect(ticks(40_793, 2)).toEqual([0, 50_000]);
  });
});

describe('figures', () => {
  it('never round a chance to none', () => {
    expect(probability(null)).toBe('—');
    expect(probability(0)).toBe('0.0 %');
    expect(probability(0.00004)).toBe('<0.1 %');
    expect(probability(0.0123)).toBe('1.2 %');
    expect(probability(0.973)).toBe('97 %');
    expect(score(null)).toBe('—');
    expect(score(9)).toBe('9.0');
  });

  it('say the other opinion where two differ', () => {
    const row = { severity: 'high', vendor_severity: 'high', nvd_severity: 'critical', differs: true };
    expect(otherSeverity(row)).toEqual(['nvd', 'critical']);
    expect(otherSeverity({ ...row, severity: 'critical' })).toEqual(['vendor', 'high']);
    expect(otherSeverity({ ...row, differs: false })).toBeNull();
    expect(otherSeverity({ ...row, nvd_severity: '' })).toBeNull();
  });

  it('tell what counts, what is accepted and what is settled', () => {
    expect(weightOf({ counts: true, state: 'affected' })).toBe('counts');
    expect(weightOf({ counts: true, state: 'accepted' })).toBe('accepted');
    expect(weightOf({ counts: true, state: 'acceptance_expired' })).toBe('counts');
    expect(weightOf({ counts: false, state: 'not_affected' })).toBe('settled');
  });

  it('check an acceptance', () => {
    const draft = { owner: ' ', reason: '', expires: '2025-11-23' };
    expect(acceptProblems(draft, '2025-11-24')).toEqual(['owner', 'reason', 'past']);
    expect(acceptProblems({ owner: 'J', reason: 'r', expires: '24.11.' }, '2025-11-24')).toEqual(['expires']);
    expect(acceptProblems({ owner: 'J', reason: 'r', expires: '2025-11-24' }, '2025-11-24')).toEqual([]);
    expect(daysFrom('2025-11-24', 90)).toBe('2026-02-22');
  });
});

describe('a comparison', () => {
  const line = (by: string, id: string, why = ''): ComparedView => ({
    by,
    id,
    package: 'curl',
    version: '1',
    our_severity: '',
    their_severity: '',
    why,
  });
  const lines = [line('ours', 'CVE-1', 'put off'), line('theirs', 'CVE-2'), line('both', 'CVE-3')];
  const ids = (...args: Parameters<typeof comparedRows>) => comparedRows(...args).map((row) => row.id);

  it('shows the differences first, and the reason is sought, too', () => {
    expect(ids(lines, 'differences', '')).toEqual(['CVE-1', 'CVE-2']);
    expect(ids(lines, 'both', '')).toEqual(['CVE-3']);
    expect(ids(lines, 'all', 'PUT curl')).toEqual(['CVE-1']);
    expect(ids(lines, 'theirs', 'put')).toEqual([]);
  });
});

describe('a bill of materials', () => {
  const line = { ...new Mock().make(true).subjects[0]!, kind: 'sbom' };

  it('has packages and vulnerabilities, and nothing else to show', () => {
    const shown = SUBJECT_TABS.filter((tab) => absence(tab, line, null) === null);
    expect(shown).toEqual(['overview', 'packages', 'vulnerabilities']);
    expect(absence('vulnerabilities', { ...line, collected: false }, null)).toBe('not-read');
    expect(absence('vulnerabilities', { ...line, kind: 'dockerfile' }, null)).toBe('not-image');
  });
});

describe('the policy on vulnerabilities', () => {
  const settings = new Mock().settings;
  const typed = (days: string) => ({
    ...toDraft(settings),
    vulnerabilities: { ...toDraft(settings).vulnerabilities, oldest_data_days: days },
  });

  it('is the same there and back, and takes a whole number of days', () => {
    expect(fromDraft(toDraft(settings), null)?.vulnerabilities).toEqual(settings.vulnerabilities);
    expect(fromDraft(typed(' 30 '), null)?.vulnerabilities.oldest_data_days).toBe(30);
    for (const days of ['', '0', '4000', '1.5']) {
      const found = problems(typed(days), null);
      expect(found.dataAge, days).toBe(true);
      expect(found.tabs).toEqual({ checks: 0, vulnerabilities: 1, approved: 0, trust: 0 });
    }
    expect(differs(typed('14'), settings)).toBe(false);
    expect(differs(typed('15'), settings)).toBe(true);
  });
});
