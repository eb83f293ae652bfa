// Hosts, their containers, adding and importing them, and the coverage of the standard, drawn with the mock behind them.
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
const start = async (runtime: boolean | number = true) => {
  mock = new Mock({ runtime });
  useTransport(mock);
  await workbench.openSample();
};

beforeEach(() => start());
afterEach(() => cleanup());

describe('the list of hosts', () => {
  it('is reached by key and shows hosts with their containers', async () => {
    render(App);
    await fireEvent.keyDown(document.body, { key: 'H', ctrlKey: true, shiftKey: true });
    expect((await find('runtime-S4')).textContent).toContain('pay-web-01');
    expect(get('runtime-S11').textContent).toMatch(/15.*Fail/s);
    expect(get('runtime-S11').textContent).toContain('Facts file');
    expect(get('hosts-count').textContent).toBe('2 hosts · 10 containers');
  });

  it('folds by keyboard and opens a page and comes back', async () => {
    workbench.go('hosts');
    render(App);
    const grid = await find('hosts-list');
    await find('runtime-S5');
    await fireEvent.keyDown(grid, { key: 'Home' });
    await fireEvent.keyDown(grid, { key: 'ArrowLeft' });
    expect(screen.queryByTestId('runtime-S5')).toBeNull();
    await fireEvent.keyDown(grid, { key: 'ArrowRight' });
    await fireEvent.keyDown(grid, { key: 'ArrowDown' });
    await fireEvent.keyDown(grid, { key: 'Enter' });
    await find('runtime-page');
    expect(workbench.openRuntime).toBe('sub-5');
    await fireEvent.keyDown(document.body, { key: 'Escape' });
    expect((await find('runtime-S5')).getAttribute('aria-selected')).toBe('true');
  });

  it('is filtered by image and by what fails', async () => {
    workbench.go('hosts');
    render(App);
    await find('runtime-S4');
    await fireEvent.click(get('hosts-failing'));
    expect(screen.queryByTestId('runtime-S8')).toBeNull();
    await fireEvent.input(get('hosts-search'), { target: { value: 'gitlab' } });
    expect(get('hosts-count').textContent).toContain('1 of 10');
    expect(get('runtime-S10').textContent).toContain('1 of 5 containers');
    await fireEvent.keyDown(get('hosts-search'), { key: 'Escape' });
    expect(workbench.hostFilter.text).toBe('');
  });

  it('draws only the rows in view of a thousand containers', async () => {
    await start(1000);
    workbench.go('hosts');
    render(App);
    await find('runtime-S4');
    expect(get('hosts-list').getAttribute('aria-rowcount')).toBe('1014');
    expect(get('hosts-list').querySelectorAll('[role="row"]').length).toBeLessThan(60);
  });

  it('explains what belongs there while it is empty', async () => {
    await start(false);
    workbench.go('hosts');
    render(App);
    await find('hosts-empty');
    expect(document.body.textContent).toContain('plimsoll collect host: --containers --out FILE');
    await fireEvent.click(get('hosts-add'));
    await find('host-dialog');
  });
});

describe('adding a host', () => {
  it('asks the engine, says what will be read, and adds what was chosen', async () => {
    await start(false);
    workbench.addHost();
    render(App);
    const ask = await find<HTMLButtonElement>('engine-ask');
    await waitFor(() => expect(ask.disabled).toBe(false));
    expect(get<HTMLButtonElement>('host-confirm').disabled).toBe(true);
    await fireEvent.click(ask);
    expect((await find('engine-answer')).textContent).toContain('Docker 28.5.1');
    expect(get('host-reads').textContent).toContain('GET /info');
    const boxes = () =>
      [...get('host-containers').querySelectorAll<HTMLInputElement>('input')].map((box) => box.checked);
    expect(boxes(), 'running ones are chosen, and come first').toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    await fireEvent.click(get('host-none'));
    await fireEvent.input(get('host-filter'), { target: { value: 'nginx' } });
    await fireEvent.click(get('host-all'));
    expect(get('host-confirm').textContent).toContain('Add 3');
    await fireEvent.click(get('host-container-old-proxy'));
    await fireEvent.click(get('host-confirm'));
    await waitFor(() => expect(workbench.toasts.at(-1)?.text).toBe('2 subjects added'));
    await waitFor(() => expect(workbench.addingHost).toBe(false));
    expect(called('add_host')[0]!.args['new']).toEqual({
      address: '',
      host: true,
      containers: ['edge-proxy'],
      files: [],
    });
    expect(workbench.engagement?.subjects.map((line) => line.kind).slice(-2)).toEqual(['host', 'container']);
  });

  it('says in a sentence why an engine does not answer, and lets one try again', async () => {
    workbench.addHost();
    render(App);
    await find('engine-0');
    await fireEvent.input(get('engine-address'), { target: { value: 'tcp://10.20.30.40:2376' } });
    await fireEvent.focus(get('engine-address'));
    await fireEvent.keyDown(get('engine-address'), { key: 'Enter' });
    expect((await find('engine-failure')).textContent).toContain('did not answer within 10 s');
    expect(get('host-dialog').textContent).toContain('plimsoll collect');
    expect(get('engine-ask').textContent).toContain('Try again');
    await fireEvent.click(get('engine-ask'));
    await waitFor(() => expect(called('ask_engine')).toHaveLength(2));
  });

  it('keeps what is in the engagement already', async () => {
    workbench.addHost();
    render(App);
    const ask = await find<HTMLButtonElement>('engine-ask');
    await waitFor(() => expect(ask.disabled).toBe(false));
    await fireEvent.click(ask);
    await find('engine-answer');
    expect(get<HTMLInputElement>('host-container-checkout').disabled).toBe(true);
    expect(get<HTMLInputElement>('host-itself').disabled).toBe(true);
    expect(get<HTMLButtonElement>('host-confirm').disabled).toBe(true);
  });

  it('says what went wrong with the files and stays open', async () => {
    await start(false);
    mock.pickFiles = () => Promise.resolve(['/tmp/image.tar']);
    workbench.addHost();
    render(App);
    const ask = await find<HTMLButtonElement>('engine-ask');
    await waitFor(() => expect(ask.disabled).toBe(false));
    await fireEvent.click(ask);
    await fireEvent.click(await find('host-files'));
    await waitFor(() => expect(get('host-dialog').textContent).toContain('image.tar'));
    await fireEvent.click(get('host-confirm'));
    expect((await find('host-failure')).textContent).toContain('neither a daemon.json');
    expect(workbench.addingHost).toBe(true);
  });
});

describe('facts files', () => {
  it('are imported, and those that were refused are named', async () => {
    workbench.go('hosts');
    render(App);
    await fireEvent.click(await find('hosts-import'));
    expect((await find('facts-result')).textContent).toContain('pay-web-04-broken.facts');
    expect(get('facts-result').textContent).toContain('2 subjects added');
    await fireEvent.click(get('facts-dismiss'));
    await find('runtime-S16');
    expect(get('runtime-S16').textContent).toContain('Not read yet');
  });

  it('that bring nothing new say so in passing', async () => {
    mock.pickFiles = () => Promise.resolve(['/x/pay-web-03.facts']);
    workbench.go('subjects');
    render(App);
    await fireEvent.click(get('subject-add-facts'));
    await waitFor(() => expect(workbench.toasts.at(-1)?.text).toBe('2 subjects added'));
    await fireEvent.click(get('subject-add-facts'));
    await waitFor(() => expect(workbench.toasts.at(-1)?.text).toContain('already there: 2'));
    expect(screen.queryByTestId('facts-result')).toBeNull();
  });
});

describe('the page of a host or container', () => {
  it('opens from the subjects, with what failed first and where the facts come from', async () => {
    workbench.go('subjects');
    render(App);
    await fireEvent.click(get('subject-open-S11'));
    await find('runtime-page');
    const first = [...get('findings-fail').querySelectorAll('article')].slice(0, 2);
    expect(first.map((card) => card.dataset['testid'])).toEqual([
      'finding-privileged',
      'finding-docker-socket',
    ]);
    expect(get('runtime-origin').textContent).toContain('legacy-db-02.facts');
    expect(get('runtime-origin').textContent).toContain('ops-batch');
    await fireEvent.click(get('finding-link-docker-socket-3.15'));
    expect(workbench).toMatchObject({
      screen: 'requirements',
      openRequirement: '3.15',
      requirementSubject: 'sub-11',
    });
  });

  it('leads from an observation to the field in the answer and to the line in the file', async () => {
    workbench.showRuntime('sub-11');
    render(App);
    await fireEvent.click((await screen.findAllByTestId('observation-jump'))[0]!);
    await find('runtime-panel-answers');
    const shown = () =>
      document.querySelector('[data-testid="text-lines"] [aria-current="true"]')?.textContent;
    await waitFor(() => expect(shown()).toContain('"Privileged": true'));
    workbench.showRuntime('sub-10');
    await fireEvent.click((await screen.findAllByTestId('observation-jump'))[0]!);
    await waitFor(() => expect(shown()).toContain('tcp://0.0.0.0:2375'));
    expect(get('runtime-panel-files')).toBeTruthy();
  });

  it('comes back to the check that led to the place', async () => {
    workbench.showCheck('privileged');
    render(App);
    await fireEvent.click((await screen.findAllByTestId('observation-jump'))[0]!);
    await find('runtime-page');
    await fireEvent.click(get('subject-origin'));
    expect((await find('check-page')).textContent).toContain('not privileged');
  });

  it('names what could not be read', async () => {
    workbench.showRuntime('sub-14');
    render(App);
    expect((await find('runtime-unread')).textContent).toContain('GET /containers/…/top');
    await fireEvent.click(get('finding-filter-error'));
    expect(screen.queryByTestId('findings-pass')).toBeNull();
    await find('finding-drift');
  });

  it('filters all its tables and shows long ones in parts', async () => {
    workbench.showRuntime('sub-11', 'facts');
    render(App);
    await find('table-processes');
    expect(get('table-changes').querySelectorAll('tbody tr')).toHaveLength(100);
    await fireEvent.click(get('table-more-changes'));
    expect(get('table-changes').querySelectorAll('tbody tr')).toHaveLength(600);
    await fireEvent.input(get('tables-filter'), { target: { value: 'sshd' } });
    expect(get('tables-count').textContent).toBe('2 rows');
    expect(screen.queryByTestId('table-mounts')).toBeNull();
  });

  it('asks for a run while nothing was read', async () => {
    await workbench.importFacts(['/x/pay-web-03.facts']);
    workbench.showRuntime('sub-16');
    render(App);
    await find('absent-not-read');
    await fireEvent.click(get('absent-run'));
    await waitFor(() => expect(called('audit_run')).toHaveLength(1));
    await find('findings-pass');
  });

  it('is removed from its own page', async () => {
    workbench.showRuntime('sub-11');
    render(App);
    await fireEvent.click(await find('runtime-remove'));
    await fireEvent.click(get('runtime-remove-confirm'));
    await find('hosts-list');
    expect(workbench.engagement?.subjects.some((line) => line.id === 'sub-11')).toBe(false);
  });
});

describe('the matrix', () => {
  it('has no column for what runs, but says the worst of it at D1 and D2', async () => {
    workbench.go('matrix');
    render(App);
    await find('cell-D1-S1');
    expect(screen.queryByTestId('cell-D1-S5')).toBeNull();
    expect(screen.queryByTestId('matrix-containers-A1')).toBeNull();
    expect(get('matrix-containers-D1').textContent).toMatch(/10 containers.*Fail/s);
    await fireEvent.click(get('matrix-containers-D2'));
    await find('hosts-list');
  });

  it('leads to the page where there is no field', () => {
    workbench.showCell('D1', 'sub-5');
    expect(workbench).toMatchObject({ screen: 'hosts', openRuntime: 'sub-5' });
    workbench.showConclusion('', 'sub-3', '3.9');
    expect(workbench).toMatchObject({ screen: 'requirements', openRequirement: '3.9' });
    workbench.showCell('', 'sub-3');
    expect(workbench).toMatchObject({ screen: 'subjects', openSubject: 'sub-3' });
  });
});

describe('checks on what runs', () => {
  it('are grouped by what they look at, and their page has no use case', async () => {
    workbench.go('checks');
    render(App);
    await find('check-docker-socket');
    await waitFor(() =>
      expect(
        [...get('check-list').querySelectorAll('h2')].map((title) => title.textContent).slice(-4),
      ).toEqual(['Host', 'Swarm', 'Containers and Compose', 'Containers']),
    );
    await fireEvent.click(get('check-docker-socket'));
    const page = await find('check-page');
    expect(page.textContent).not.toContain(' · ·');
    await fireEvent.click(get('check-cell-S11'));
    expect(workbench).toMatchObject({ screen: 'hosts', openRuntime: 'sub-11' });
  });
});

describe('the coverage of the standard', () => {
  it('is reached from the requirements, filtered, and opened', async () => {
    workbench.go('requirements');
    render(App);
    await fireEvent.click(await find('requirement-coverage'));
    await find('coverage-1.1');
    expect(get('coverage-count').textContent).toBe('106 requirements');
    await fireEvent.click(get('coverage-figure-automated'));
    expect(screen.queryByTestId('coverage-1.1')).toBeNull();
    await fireEvent.input(get('coverage-search'), { target: { value: 'live restore' } });
    expect(get('coverage-count').textContent).toBe('1 requirement');
    await fireEvent.click(get('coverage-open-2.9'));
    expect(get('coverage-detail').textContent).toContain('What to ask');
    expect(get('coverage-detail').textContent).toContain('decides it');
    await fireEvent.click(get('coverage-check-live-restore'));
    await find('check-page');
  });

  it('says of a manual requirement that it is for a person', async () => {
    workbench.showCoverage('1.1');
    render(App);
    expect((await find('coverage-detail')).textContent).toContain('No check speaks to it');
    await fireEvent.keyDown(document.body, { key: 'Escape' });
    expect(screen.queryByTestId('coverage-detail')).toBeNull();
    await fireEvent.keyDown(document.body, { key: 'Escape' });
    expect(workbench.screen).toBe('requirements');
  });

  it('is told at the requirement, with its checks and an example', async () => {
    workbench.showRequirement('3.15');
    render(App);
    expect((await find('requirement-mode')).textContent).toContain('Automated');
    expect(get('requirement-example').textContent).not.toBe('');
    await fireEvent.click(get('requirement-check-docker-socket'));
    expect(workbench).toMatchObject({ screen: 'checks', openCheck: 'docker-socket' });
  });

  it('offers many subjects in a list, those first that do not hold', async () => {
    await start(200);
    workbench.showRequirement('3.15');
    render(App);
    const first = await find('requirement-cell-S11');
    expect(first.textContent).toContain('Not satisfied');
    expect(get('decision-about').tagName).toBe('SELECT');
    await fireEvent.click(get('requirement-runtime'));
    expect(workbench).toMatchObject({ screen: 'hosts', openRuntime: 'sub-11' });
  });

  it('is reached from the help', async () => {
    render(App);
    workbench.help = true;
    await fireEvent.click(await find('help-coverage'));
    await find('coverage-1.1');
    expect(workbench.help).toBe(false);
  });
});
