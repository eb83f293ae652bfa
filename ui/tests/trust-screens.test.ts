// The registries, the choice of images, the trust page and the trust material, drawn with the mock behind them.
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import App from '../src/App.svelte';
import { useTransport } from '../src/lib/api';
import type { ConnectionView } from '../src/lib/bindings';
import { Mock } from '../src/lib/mock';
import { workbench } from '../src/lib/state.svelte';

// Whole windows are drawn here; a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

let mock: Mock;
const get = <T extends HTMLElement = HTMLElement>(id: string) => screen.getByTestId<T>(id);
const find = <T extends HTMLElement = HTMLElement>(id: string) => screen.findByTestId<T>(id);
const called = (name: string) => mock.calls.filter((call) => call.name === name);
const type = (id: string, value: string) => fireEvent.input(get(id), { target: { value } });

beforeEach(async () => {
  mock = new Mock({ registries: true });
  useTransport(mock);
  await workbench.openSample();
});

afterEach(() => cleanup());

describe('the registries', () => {
  it('are listed with lock, credentials and outcome, and opened by keyboard', async () => {
    render(App);
    await fireEvent.keyDown(window, { key: '7', ctrlKey: true });
    const first = await find('registry-S4');
    expect(first.textContent).toContain('TLS, trusted');
    expect(first.textContent).toContain('alice, typed in');
    expect(first.textContent).toContain('C2: Pass');
    expect(get('registry-S6').textContent).toContain('Plain HTTP');
    await fireEvent.keyDown(document.body, { key: 'j' });
    await find('registry-page');
    expect(workbench.openRegistry).toBe('sub-4');
    await fireEvent.keyDown(document.activeElement!, { key: 'End' });
    expect(workbench.openRegistry).toBe('sub-6');
    await waitFor(() => expect(get('probe-3').textContent).toContain('lists repositories to anybody'));
    expect(get('tls').textContent).toContain('No TLS was spoken');
    await fireEvent.click(get('probe-open-3'));
    expect(get('probes').textContent).toContain("curl -sS -o /dev/null -w '%{http_code}\\n' -X GET");
  });

  it('say what belongs there when there are none, and add one with the consent named', async () => {
    mock = new Mock();
    useTransport(mock);
    await workbench.openSample();
    workbench.go('registries');
    render(App);
    await fireEvent.click(await find('registry-add-first'));
    await type('connection-host', 'https://Registry.Example.com:5000/');
    const push = get<HTMLInputElement>('connection-push');
    expect(push.checked, 'a probe that writes is off').toBe(false);
    expect(get<HTMLInputElement>('connection-delete').checked).toBe(false);
    expect(get('connection-dialog').textContent).toContain('POST /v2/<repository>/blobs/uploads/');
    await fireEvent.click(push);
    await fireEvent.click(get('connection-plain-http'));
    await find('connection-plain-warning');
    await fireEvent.submit(get('connection-dialog').querySelector('form')!);
    await find('connection-bad-consent');
    expect(called('registry_save')).toHaveLength(0);
    await type('connection-consent', 'Jonas Weber, head of platform');
    await fireEvent.submit(get('connection-dialog').querySelector('form')!);
    await find('registry-page');
    const { args, consentBy } = called('registry_save')[0]!.args as {
      args: ConnectionView;
      consentBy: string;
    };
    expect(args).toMatchObject({
      host: 'registry.example.com:5000',
      push_probe: true,
      delete_probe: false,
      plain_http: true,
    });
    expect(consentBy).toBe('Jonas Weber, head of platform');
    expect(workbench.engagement?.subjects.at(-1)).toMatchObject({ kind: 'registry', label: 'S4' });
    await find('registry-no-probes');
    // A consent on record is not asked for again.
    await fireEvent.click(get('registry-edit'));
    expect((await find('connection-consented')).textContent).toContain('Jonas Weber');
    await fireEvent.submit(get('connection-dialog').querySelector('form')!);
    await waitFor(() => expect(called('registry_save')).toHaveLength(2));
    expect(called('registry_save')[1]?.args['consentBy']).toBe('');
  });

  it('are tested without recording, and show why a test failed', async () => {
    workbench.showRegistry('sub-5');
    render(App);
    await find('registry-page');
    expect(get('registry-probes-title').textContent).toContain('last run');
    await fireEvent.click(get('registry-test'));
    await waitFor(() => expect(get('registry-probes-title').textContent).toContain('test'));
    expect(get('registry-page').textContent).toContain('Not recorded.');
    await fireEvent.click(get('registry-to-run'));
    expect(get('registry-probes-title').textContent).toContain('last run');
    mock.registries[1]!.connection.host = 'nowhere.example.com';
    await workbench.refresh();
    await waitFor(() => expect(get('registry-page').textContent).toContain('nowhere.example.com'));
    await fireEvent.click(get('registry-test'));
    expect((await find('registry-test-failure')).textContent).toContain('is not known');
  });

  it('are signed in to, and the password is forgotten at once', async () => {
    workbench.showRegistry('sub-6');
    render(App);
    await fireEvent.click(await find('registry-login'));
    await find('login-plain');
    const password = get<HTMLInputElement>('login-password');
    expect(password.type).toBe('password');
    await type('login-user', 'alice');
    await type('login-password', 'wrong');
    await fireEvent.submit(get('login-dialog').querySelector('form')!);
    expect((await find('login-failure')).textContent).toContain('does not accept');
    expect(password.value).toBe('');
    expect(get<HTMLInputElement>('login-remember').checked).toBe(false);
    await type('login-password', 'c0rrect-h0rse');
    await fireEvent.submit(get('login-dialog').querySelector('form')!);
    await waitFor(() => expect(get('registry-facts').textContent).toContain('alice, typed in'));
    expect(called('registry_login').at(-1)?.args).toMatchObject({
      host: 'legacy.example.com:5001',
      remember: false,
    });
    expect(document.body.innerHTML).not.toContain('c0rrect-h0rse');
    await fireEvent.click(get('registry-logout'));
    await waitFor(() => expect(get('registry-facts').textContent).toContain('nobody signed in'));
  });

  it('are removed after a question', async () => {
    workbench.showSubject('sub-5');
    expect(workbench.screen, 'a registry has a page of its own').toBe('registries');
    render(App);
    await fireEvent.click(await find('registry-remove'));
    await fireEvent.click(await find('registry-remove-confirm'));
    await waitFor(() => expect(screen.queryByTestId('registry-S5')).toBeNull());
    expect(workbench.engagement?.subjects.map((line) => line.label)).toEqual(['S1', 'S2', 'S3', 'S4', 'S6']);
  });
});

describe('choosing from a registry', () => {
  const list = (side: string) => find(`pick-${side}-list`);

  it('goes from repository to tag to platform by keyboard', async () => {
    workbench.showRegistry('sub-4');
    render(App);
    await fireEvent.click(await find('registry-browse'));
    expect((await find('pick-repositories-note')).textContent).toContain('closed');
    const repositories = await list('repository');
    repositories.focus();
    await fireEvent.keyDown(repositories, { key: 'ArrowDown' });
    await fireEvent.keyDown(repositories, { key: 'Enter' });
    const tags = await list('tag');
    await waitFor(() => expect(get('pick-tags-count').textContent).toBe('10000'));
    expect(tags.querySelectorAll('[role="row"]').length, 'only what is in view is drawn').toBeLessThan(80);
    expect(called('registry_image'), 'moving fetches nothing').toHaveLength(0);
    // A letter goes to the filter, and the filter does not ask again.
    await fireEvent.keyDown(tags, { key: '2' });
    expect(document.activeElement).toBe(get('pick-tags-filter'));
    await type('pick-tags-filter', '2.14.3');
    await fireEvent.keyDown(get('pick-tags-filter'), { key: 'Enter' });
    await find('pick-platform-1');
    expect(called('registry_tags')).toHaveLength(1);
    await waitFor(() => expect(document.activeElement).toBe(get('pick-platform-0')));
    expect(get<HTMLInputElement>('pick-platform-0').checked).toBe(true);
    expect(get('pick-signatures').textContent).toContain('Notation signature');
    await fireEvent.click(get('pick-all'));
    await fireEvent.click(get('add-confirm'));
    await waitFor(() => expect(called('subject_add')).toHaveLength(2));
    expect(called('subject_add').map((call) => [call.args['source'], call.args['platform']])).toEqual([
      ['docker://registry.example.com:5000/payments/checkout-service:2.14.3', 'linux/amd64'],
      ['docker://registry.example.com:5000/payments/checkout-service:2.14.3', 'linux/arm64/v8'],
    ]);
    await waitFor(() => expect(get<HTMLInputElement>('pick-platform-0').disabled).toBe(true));
    expect(get<HTMLButtonElement>('add-confirm').disabled).toBe(true);
  });

  it('takes a repository by hand and a full reference, and shows what failed', async () => {
    workbench.addFrom('registry.example.com:5000');
    render(App);
    await find('pick-repositories-note');
    await type('pick-by-hand', 'secret/thing');
    await fireEvent.click(get('pick-show-tags'));
    expect((await find('pick-tags-failure')).textContent).toContain('does not let these credentials');
    await type('pick-reference', 'r.example.com/team/missing:1');
    await fireEvent.click(get('pick-look-up'));
    expect((await find('pick-image-failure')).textContent).toContain('There is no image');
    await type('pick-reference', 'legacy.example.com:5001/tools/backup:1.0.0');
    await fireEvent.click(get('pick-look-up'));
    expect((await find('pick-image')).textContent).toContain('platform not stated');
    await fireEvent.click(get('add-confirm'));
    await waitFor(() => expect(called('subject_add')).toHaveLength(1));
    expect(called('subject_add')[0]?.args).toMatchObject({ platform: null });
  });

  it('searches where not everything is listed', async () => {
    workbench.addSubject();
    render(App);
    await fireEvent.click(await find('add-tab-registry'));
    await fireEvent.change(await find('pick-host'), { target: { value: 'docker.io' } });
    await waitFor(() => expect(get('pick-repositories-note').textContent).toContain('Type to search'));
    await type('pick-repositories-filter', 'nginx');
    await find('pick-repository-library/nginx');
    expect(called('registry_repositories').at(-1)?.args).toMatchObject({
      host: 'docker.io',
      search: 'nginx',
    });
    await fireEvent.click(get('pick-repository-library/nginx'));
    expect((await find('pick-tags-count')).textContent).toBe('7+');
  });
});

describe('the trust page', () => {
  it('is reached from a field, and leads back', async () => {
    workbench.showCell('C1', 'sub-2');
    render(App);
    await fireEvent.click(await find('cell-trust'));
    expect((await find('trust-summary')).dataset['tone']).toBe('bad');
    await fireEvent.click(get('subject-origin'));
    await find('cell-panel');
    workbench.showCell('C2', 'sub-6');
    await fireEvent.click(await find('cell-registry'));
    expect(workbench.openRegistry).toBe('sub-6');
  });

  it('draws the chain, says where it breaks, and opens its details', async () => {
    workbench.showSubject('sub-2', 'trust');
    render(App);
    await find('verdict-content-trust');
    const states = screen.getAllByTestId(/^link-box-\d$/).slice(0, 8);
    expect(states.map((box) => box.dataset['state'])).toEqual([
      'holds',
      'holds',
      'holds',
      'broken',
      'unreached',
      'unreached',
      'unreached',
      'unreached',
    ]);
    expect(get('chain-problem').textContent).toContain('4 · Broken here: snapshot');
    expect(get('chain-problem').textContent).toContain('version 118 was seen');
    await fireEvent.click(states[2]!);
    expect(states[2]!.getAttribute('aria-expanded')).toBe('true');
    expect(screen.getAllByTestId('chain-details')[0]!.textContent).toContain('Link 3: timestamp');
    states[2]!.focus();
    await fireEvent.keyDown(states[2]!, { key: 'ArrowRight' });
    expect(document.activeElement).toBe(states[3]);
  });

  it('proves that nothing is there, and says what is not known', async () => {
    workbench.showSubject('sub-1', 'trust');
    render(App);
    expect((await find('trust-notice')).textContent).toContain('ended Content Trust');
    const [image, debian, node] = screen.getAllByTestId('lookups');
    expect(image!.textContent).not.toContain('proves');
    expect(debian!.textContent).toContain('proves "unsigned"');
    expect(debian!.textContent).toContain('Absent (404)');
    expect(node!.textContent).toContain('3 places could not be read');
    expect(get('trust-glance').textContent).toContain('For another digest');
  });

  it('forgets a pin only with a reason', async () => {
    workbench.showSubject('sub-1', 'trust');
    render(App);
    await fireEvent.click(await find('pin-forget-0'));
    expect((await find('pin-dialog')).textContent).toContain('trust whatever root');
    expect(get<HTMLButtonElement>('pin-confirm').disabled).toBe(true);
    await type('pin-reason', ' Confirmed by phone. ');
    await fireEvent.submit(get('pin-dialog').querySelector('form')!);
    await waitFor(() => expect(called('pin_forget')).toHaveLength(1));
    expect(called('pin_forget')[0]?.args).toMatchObject({ subject: 'sub-1', reason: 'Confirmed by phone.' });
    await waitFor(() => expect(get('pins').textContent).toContain('None is kept'));
  });
});

describe('the trust material', () => {
  it('refuses a private key, reads a file, and shows what the program refuses', async () => {
    workbench.showSettings('trust');
    render(App);
    await find('trust-settings');
    await type('keys-pem-0', '-----BEGIN EC PRIVATE KEY-----\nAA\n-----END EC PRIVATE KEY-----');
    expect(get('keys-bad-0').textContent).toContain('private key');
    await fireEvent.click(get('settings-save'));
    expect(called('settings_set')).toHaveLength(0);
    await type('keys-pem-0', '-----BEGIN PUBLIC KEY-----\nbroken\n-----END PUBLIC KEY-----');
    await fireEvent.click(get('settings-save'));
    expect((await find('settings-failure')).textContent).toContain('cannot be read');
    expect(workbench.failure, 'it stands at the form').toBeNull();
    await type('keys-pem-0', '-----BEGIN PUBLIC KEY-----\nfine\n-----END PUBLIC KEY-----');
    await fireEvent.click(get('identities-add'));
    await type('identities-name-0', 'CI');
    await type('identities-subject-0', 'ci@example.com');
    await fireEvent.click(get('identities-roots-0-file'));
    await waitFor(() => expect(get('identities-roots-0-holds').textContent).toBe('1 certificate'));
    await fireEvent.click(get('settings-save'));
    await waitFor(() => expect(called('settings_set')).toHaveLength(2));
    expect(mock.settings.trust.identities[0]).toMatchObject({
      name: 'CI',
      subject: 'ci@example.com',
      issuer: '',
    });
    expect(mock.settings.lowest_efficiency).toBe(90);
  });

  it('leads to the part where something is missing', async () => {
    workbench.showSettings('approved');
    render(App);
    await fireEvent.click(await find('approved_bases-add'));
    await fireEvent.click(get('settings-tab-checks'));
    await fireEvent.click(get('settings-save'));
    expect((await find('approved_bases-bad-1')).textContent).toContain('Give the reason.');
    await fireEvent.click(get('approved_bases-remove-1'));
    await waitFor(() => expect(screen.queryByTestId('approved_bases-1')).toBeNull());
  });
});
