// What the window knows and does, against the mock.
import { beforeEach, describe, expect, it } from 'vitest';
import { useTransport } from '../src/lib/api';
import { count, nextSteps, preflight } from '../src/lib/counts';
import { matches, type Filter } from '../src/lib/filter';
import { Mock } from '../src/lib/mock';
import { Workbench } from '../src/lib/state.svelte';

let mock: Mock;
let workbench: Workbench;

beforeEach(() => {
  mock = new Mock();
  useTransport(mock);
  workbench = new Workbench();
});

describe('an engagement', () => {
  it('opens on its overview, and closes to the first screen', async () => {
    await workbench.openSample();
    expect(workbench.engagement?.subjects).toHaveLength(3);
    expect(workbench.screen).toBe('overview');
    await workbench.close();
    expect(workbench.engagement).toBeNull();
    expect(workbench.start?.recent).toHaveLength(3);
  });

  it('shows why it could not be opened', async () => {
    expect(await workbench.openPath('/x/stadtwerke.plimsoll')).toBe(false);
    expect(workbench.engagement).toBeNull();
    expect(workbench.failure?.message).toContain('newer version');
    expect(workbench.failure?.details).toContain('schema 7');
  });

  it('comes again in the other language', async () => {
    await workbench.openSample();
    await workbench.setLanguage('de');
    expect(mock.calls.at(-1)).toMatchObject({ name: 'engagement', args: { language: 'de' } });
    expect(workbench.engagement?.use_cases[0]?.title).toBe('Offizielles Image');
    expect(localStorage.getItem('plimsoll.language')).toBe('de');
    expect(document.documentElement.lang).toBe('de');
    await workbench.setLanguage('en');
  });

  it('remembers the appearance', () => {
    workbench.setTheme('dark');
    expect(document.documentElement.dataset['theme']).toBe('dark');
    workbench.setTheme('light');
    expect(document.documentElement.dataset['theme']).toBe('light');
    expect(localStorage.getItem('plimsoll.theme')).toBe('light');
  });
});

describe('drafts', () => {
  beforeEach(() => workbench.openSample());

  it('are kept by target and subject', () => {
    workbench.write('B3', 'sub-1', { rationale: 'one' });
    workbench.write('B3', 'sub-2', { conclusion: 'satisfied' });
    expect(workbench.draft('B3', 'sub-1').rationale).toBe('one');
    expect(workbench.draft('B3', 'sub-2').rationale).toBe('');
    expect(workbench.draft('B3', null).rationale).toBe('');
    expect(workbench.unsaved).toHaveLength(2);
  });

  it('vanish when nothing is left in them', () => {
    workbench.write('B3', 'sub-1', { rationale: 'one' });
    workbench.write('B3', 'sub-1', { rationale: '' });
    expect(workbench.unsaved).toHaveLength(0);
    expect(workbench.drafts.size).toBe(0);
  });

  it('outlive a change of the screen and of the engagement', async () => {
    const { path } = workbench.engagement!;
    workbench.write('3.11', null, { rationale: 'kept' });
    workbench.go('report');
    await workbench.close();
    expect(workbench.unsaved).toHaveLength(0);
    await workbench.openPath(path);
    expect(workbench.draft('3.11', null).rationale).toBe('kept');
  });

  it('become a decision; a pasted text stays', async () => {
    workbench.write('A2', 'sub-1', { conclusion: 'satisfied', rationale: '  seen  ', text: 'note' });
    expect(await workbench.decide('A2', 'sub-1')).toBe(true);
    expect(mock.calls.at(-1)?.args['args']).toEqual({
      subject: 'sub-1',
      target: 'A2',
      conclusion: 'satisfied',
      rationale: 'seen',
    });
    expect(workbench.draft('A2', 'sub-1')).toMatchObject({ conclusion: null, rationale: '', text: 'note' });
    expect(workbench.toasts.at(-1)?.text).toMatch(/A2\s·\sS1/);
  });

  it('are not sent without conclusion and rationale', async () => {
    workbench.write('A2', 'sub-1', { conclusion: 'satisfied', rationale: '   ' });
    expect(await workbench.decide('A2', 'sub-1')).toBe(false);
    expect(mock.calls.some((call) => call.name === 'decide')).toBe(false);
  });

  it('stay when saving fails', async () => {
    workbench.write('A2', 'sub-1', { conclusion: 'satisfied', rationale: 'seen' });
    mock.open = null;
    expect(await workbench.decide('A2', 'sub-1')).toBe(false);
    expect(workbench.failure?.message).toContain('No engagement');
    expect(workbench.draft('A2', 'sub-1').rationale).toBe('seen');
  });
});

describe('a run', () => {
  it('shows progress and its end', async () => {
    await workbench.openSample();
    const done = workbench.audit();
    await Promise.resolve();
    expect(workbench.run).not.toBeNull();
    await done;
    expect(workbench.run).toBeNull();
    expect(workbench.engagement?.last_run?.state).toBe('completed');
    expect(workbench.toasts.at(-1)?.text).toBe('Audit run completed');
  });

  it('can be cancelled once', async () => {
    await workbench.openSample();
    const done = workbench.audit();
    await workbench.cancel();
    await workbench.cancel();
    await done;
    expect(mock.calls.filter((call) => call.name === 'audit_cancel')).toHaveLength(1);
    expect(workbench.engagement?.last_run?.state).toBe('cancelled');
    expect(workbench.toasts.at(-1)?.tone).toBe('plain');
  });

  it('does not begin twice, nor without subjects', async () => {
    await workbench.openSample();
    await Promise.all([workbench.audit(), workbench.audit()]);
    expect(mock.calls.filter((call) => call.name === 'audit_run')).toHaveLength(1);
    workbench.engagement = { ...workbench.engagement!, subjects: [] };
    await workbench.audit();
    expect(mock.calls.filter((call) => call.name === 'audit_run')).toHaveLength(1);
  });
});

describe('what to do next', () => {
  it('begins with subjects, then a run', () => {
    expect(nextSteps(mock.make(false))).toEqual([{ kind: 'add', n: 0 }]);
    const added = { ...mock.make(true), last_run: null };
    expect(nextSteps(added)).toEqual([{ kind: 'run', n: 3 }]);
  });

  it('counts what is in doubt, within the profile and the target level', () => {
    const view = mock.make(true);
    const counts = count(view);
    expect(nextSteps(view).map((step) => step.kind)).toEqual([
      'errors',
      'conflicts',
      'stale',
      'undecided',
      'open',
    ]);
    expect(counts.cells).toBe(14 * 3);
    expect(counts.conflicts).toBe(1);
    expect(counts.open).toBe(
      view.requirements.filter((row) => row.in_profile && row.level <= 2 && row.verdict === 'open').length,
    );
  });

  it('ends with the report', () => {
    const view = mock.make(true);
    const settled = {
      ...view,
      use_cases: view.use_cases.map((row) => ({
        ...row,
        cells: row.cells.map((cell) => ({ ...cell, outcome: 'pass', conflict: false, stale: false })),
      })),
      requirements: view.requirements.map((row) => ({ ...row, verdict: 'satisfied' })),
    };
    expect(nextSteps(settled)).toEqual([{ kind: 'report', n: 0 }]);
    expect(preflight(settled, 0)).toEqual([]);
    expect(preflight(settled, 2)).toEqual([{ kind: 'drafts', n: 2 }]);
  });
});

describe('the filter of requirements', () => {
  const none: Filter = { text: '', level: '', verdict: '', all: false, look: false };

  it('shows the profile, or all 106', () => {
    const rows = mock.make(true).requirements;
    expect(rows).toHaveLength(106);
    expect(rows.filter((row) => matches(row, none))).toHaveLength(14);
    expect(rows.filter((row) => matches(row, { ...none, all: true }))).toHaveLength(106);
  });

  it('takes each condition and every word', () => {
    const rows = mock.make(true).requirements;
    const found = (filter: Partial<Filter>) =>
      rows.filter((row) => matches(row, { ...none, all: true, ...filter }));
    expect(found({ text: 'copy ADD' }).map((row) => row.id)).toContain('3.11');
    expect(found({ text: '3.11' }).map((row) => row.id)).toEqual(['3.11']);
    expect(found({ level: '3' }).every((row) => row.level === 3)).toBe(true);
    expect(found({ verdict: 'open' }).every((row) => row.verdict === 'open')).toBe(true);
    expect(found({ look: true }).every((row) => row.look)).toBe(true);
    expect(found({ text: 'no such words' })).toEqual([]);
  });
});
