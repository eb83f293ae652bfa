// The subject's tabs, the checks and the settings, drawn with the mock behind them.
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import App from '../src/App.svelte';
import { useTransport } from '../src/lib/api';
import { Mock } from '../src/lib/mock';
import { workbench } from '../src/lib/state.svelte';

// Whole windows are drawn here; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

let mock: Mock;
const get = <T extends HTMLElement = HTMLElement>(id: string) => screen.getByTestId<T>(id);
const find = <T extends HTMLElement = HTMLElement>(id: string) => screen.findByTestId<T>(id);
const called = (name: string) => mock.calls.filter((call) => call.name === name);

beforeEach(async () => {
  mock = new Mock();
  useTransport(mock);
  await workbench.openSample();
});

afterEach(() => cleanup());

describe('the tabs of a subject', () => {
  it('move by arrow keys and keep one stop for Tab', async () => {
    workbench.showSubject('sub-1');
    render(App);
    await find('subject-layers');
    const first = get('subject-tab-overview');
    first.focus();
    await fireEvent.keyDown(first, { key: 'ArrowRight' });
    await find('layer-browser');
    expect(document.activeElement).toBe(get('subject-tab-files'));
    expect(screen.getAllByRole('tab').filter((tab) => tab.tabIndex === 0)).toHaveLength(1);
    await fireEvent.keyDown(get('subject-tab-files'), { key: 'End' });
    expect(get('subject-panel-trust').getAttribute('aria-labelledby')).toBe('subject-tab-trust');
  });

  it('say why there is nothing to see', async () => {
    workbench.showSubject('sub-3', 'files');
    render(App);
    await fireEvent.click(await find('absent-source'));
    await find('source-text');
    workbench.showSubject('sub-2', 'files');
    await find('absent-not-recorded');
    await fireEvent.click(get('absent-run'));
    await waitFor(() => expect(called('audit_run')).toHaveLength(1));
  });
});

describe('the layer browser', () => {
  const list = () => find('files-list');

  it('opens folders and goes up by keyboard', async () => {
    workbench.showSubject('sub-1', 'files');
    render(App);
    const grid = await list();
    grid.focus();
    await fireEvent.keyDown(grid, { key: 'End' });
    await fireEvent.keyDown(grid, { key: 'Home' });
    expect(workbench.browsing('sub-1').select).toBe('/dev');
    expect(called('folder'), 'choosing a row fetches nothing').toHaveLength(1);
    await fireEvent.keyDown(grid, { key: 'Enter' });
    await find('entry-null');
    expect(get('crumb-1').getAttribute('aria-current')).toBe('page');
    await waitFor(() => expect(document.activeElement?.getAttribute('data-testid')).toBe('files-list'));
    await fireEvent.keyDown(await list(), { key: 'Backspace' });
    await find('entry-dev');
    expect(workbench.browsing('sub-1').select).toBe('/dev');
  });

  it('shows who deletes an entry, and draws a part of a large folder', async () => {
    workbench.showSubject('sub-1', 'files');
    workbench.browse('sub-1', { layer: 3, path: '/srv/app', select: '/srv/app/deploy_ed25519' });
    render(App);
    expect((await find('entry-deploy_ed25519')).textContent).toContain('deleted, layer 4');
    expect(get('entry-state').textContent).toContain('still stored in layer 3');
    expect(get('entry-detail').textContent).toContain('private key');
    await fireEvent.click(get('open-assets'));
    expect((await find('files-more')).textContent).toContain('1200 more entries');
    expect(get('files-count').textContent).toBe('5000 entries');
    expect(get('files-list').querySelectorAll('[role="row"]').length).toBeLessThan(80);
  });

  it('says what a folder that is not there means', async () => {
    workbench.showSubject('sub-1', 'files');
    workbench.browse('sub-1', { layer: 4, path: '/usr/bin' });
    render(App);
    expect((await find('files-failure')).textContent).toContain('There is no folder');
  });
});

describe('packages', () => {
  it('are sorted and filtered, with what could not be read', async () => {
    workbench.showSubject('sub-1', 'packages');
    render(App);
    expect((await find('packages-unread')).textContent).toContain('bundle.jar');
    const first = () => get('packages-list').querySelectorAll('[role="row"]')[1]?.textContent ?? '';
    expect(first()).toContain('apt');
    await fireEvent.click(get('packages-sort-bytes'));
    expect(first()).toContain('gcc-12');
    await fireEvent.input(get('packages-filter'), { target: { value: 'openssl' } });
    expect(get('packages-count').textContent).toBe('1 package');
    await fireEvent.click(get('package-libssl3'));
    expect((await find('package-detail')).textContent).toContain('openssl 3.0.17');
  });
});

describe('from an observation', () => {
  it('to the layer that holds a deleted entry, and back', async () => {
    workbench.showCheck('no-secrets');
    render(App);
    const jumps = await screen.findAllByTestId('observation-jump');
    await fireEvent.click(jumps[0]!);
    expect((await find('entry-state')).textContent).toContain('Layer 4 deletes it');
    expect(workbench.browsing('sub-1')).toMatchObject({ layer: 3, path: '/srv/app' });
    await fireEvent.click(get('subject-origin'));
    await find('check-page');
    await fireEvent.click((await screen.findAllByTestId('observation-jump'))[1]!);
    await waitFor(() => expect(get('config-Env DB_PASSWORD').getAttribute('aria-current')).toBe('true'));
    await fireEvent.click(get('subject-origin'));
    await fireEvent.click((await screen.findAllByTestId('observation-jump'))[2]!);
    await waitFor(() => expect(get('history-2').getAttribute('aria-current')).toBe('true'));
  });

  it('to the line of the Dockerfile, from the field of the matrix', async () => {
    workbench.showCell('B3', 'sub-1');
    render(App);
    await fireEvent.click((await screen.findAllByTestId('observation-jump'))[0]!);
    const text = await find('source-text');
    await waitFor(() =>
      expect(text.querySelector('[data-line="7"]')?.getAttribute('aria-current')).toBe('true'),
    );
    await fireEvent.click(get('subject-origin'));
    await find('cell-panel');
    await fireEvent.click(await find('outcome-check'));
    expect((await find('check-page')).textContent).toContain('COPY is used where ADD is not needed');
  });
});

describe('the checks', () => {
  it('are listed by use case and explained', async () => {
    render(App);
    await fireEvent.click(get('nav-checks'));
    await fireEvent.click(await find('check-non-root-user'));
    const page = await find('check-page');
    expect(page.textContent).toContain('D1');
    expect(get('check-aliases').textContent).toContain('DL3002');
    expect(get('check-requirements').textContent).toContain('decides it');
    await fireEvent.input(get('check-search'), { target: { value: 'latest' } });
    expect(get('check-list').querySelectorAll('[data-check]')).toHaveLength(1);
  });
});

describe('the settings of the profile', () => {
  it('are saved once nothing is wrong, and keep what was typed', async () => {
    render(App);
    await fireEvent.click(get('overview-settings'));
    await fireEvent.input(await find('settings-lowest_efficiency'), { target: { value: '101' } });
    await find('settings-bad-lowest_efficiency');
    await fireEvent.click(get('allowance-add'));
    await fireEvent.click(get('settings-save'));
    expect(get('allowance-bad-3').textContent).toContain('Give the reason.');
    expect(called('settings_set')).toHaveLength(0);
    await fireEvent.click(get('nav-matrix'));
    await fireEvent.click(get('nav-checks'));
    expect((await find<HTMLInputElement>('settings-lowest_efficiency')).value).toBe('101');
    await fireEvent.input(get('settings-lowest_efficiency'), { target: { value: '95' } });
    await fireEvent.change(get('allowance-check-3'), { target: { value: 'unneeded-packages' } });
    await fireEvent.input(get('allowance-what-3'), { target: { value: ' git ' } });
    await fireEvent.input(get('allowance-reason-3'), { target: { value: 'Needed to build.' } });
    await fireEvent.click(get('settings-save'));
    await waitFor(() => expect(called('settings_set')).toHaveLength(1));
    expect(called('settings_set')[0]?.args['args']).toMatchObject({ lowest_efficiency: 95, oldest_days: 90 });
    expect(mock.settings.allowances.at(-1)).toEqual({
      check: 'unneeded-packages',
      what: 'git',
      reason: 'Needed to build.',
    });
    await waitFor(() => expect(get('settings-state').textContent).toContain('Used by the next run'));
    expect(workbench.toasts.at(-1)?.text).toContain('the next run uses them');
  });
});
