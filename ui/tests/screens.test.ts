// The decision form, the matrix by keyboard, evidence and the report, drawn with the mock behind them.
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import App from '../src/App.svelte';
import { useTransport } from '../src/lib/api';
import DecisionForm from '../src/lib/components/DecisionForm.svelte';
import EvidencePanel from '../src/lib/components/EvidencePanel.svelte';
import type { AddEvidence } from '../src/lib/bindings';
import { Mock } from '../src/lib/mock';
import { workbench } from '../src/lib/state.svelte';
import Matrix from '../src/screens/Matrix.svelte';

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

describe('the decision form', () => {
  it('saves only with conclusion and rationale', async () => {
    render(DecisionForm, { props: { target: 'C2', subject: 'sub-1' } });
    const save = get<HTMLButtonElement>('decision-save');
    expect(save.disabled).toBe(true);
    await fireEvent.click(get('decision-satisfied'));
    expect(save.disabled).toBe(true);
    expect(get('decision-state').textContent).toContain('rationale missing');
    await fireEvent.input(get('decision-rationale'), { target: { value: 'Seen in the registry.' } });
    expect(save.disabled).toBe(false);
    await fireEvent.click(save);
    await waitFor(() => expect(called('decide')).toHaveLength(1));
    await waitFor(() => expect(get<HTMLTextAreaElement>('decision-rationale').value).toBe(''));
    expect(get<HTMLInputElement>('decision-satisfied').checked).toBe(false);
  });

  it('takes 1, 2 and 3, and Ctrl+Enter', async () => {
    render(DecisionForm, { props: { target: 'C2', subject: null } });
    await fireEvent.keyDown(document.body, { key: '2' });
    expect(get<HTMLInputElement>('decision-not-satisfied').checked).toBe(true);
    expect(document.activeElement).toBe(get('decision-rationale'));
    await fireEvent.keyDown(document.body, { key: '3' });
    expect(get<HTMLInputElement>('decision-not-applicable').checked).toBe(true);
    await fireEvent.input(get('decision-rationale'), { target: { value: 'No registry.' } });
    await fireEvent.keyDown(get('decision-rationale'), { key: 'Enter', ctrlKey: true });
    await waitFor(() => expect(called('decide')).toHaveLength(1));
    expect(called('decide')[0]?.args['args']).toMatchObject({ subject: null, conclusion: 'not-applicable' });
  });

  it('leaves figures alone while one types', async () => {
    render(DecisionForm, { props: { target: 'C2', subject: 'sub-1' } });
    await fireEvent.keyDown(get('decision-rationale'), { key: '1' });
    expect(get<HTMLInputElement>('decision-satisfied').checked).toBe(false);
  });

  it('brings a draft back', async () => {
    const first = render(DecisionForm, { props: { target: 'C2', subject: 'sub-1' } });
    await fireEvent.click(get('decision-satisfied'));
    await fireEvent.input(get('decision-rationale'), { target: { value: 'half a thou' } });
    first.unmount();
    render(DecisionForm, { props: { target: 'C2', subject: 'sub-1' } });
    expect(get<HTMLTextAreaElement>('decision-rationale').value).toBe('half a thou');
    expect(get<HTMLInputElement>('decision-satisfied').checked).toBe(true);
    await fireEvent.click(get('decision-discard'));
    expect(workbench.unsaved).toHaveLength(0);
  });
});

describe('the matrix', () => {
  const draw = () => render(Matrix, { engagement: workbench.engagement! });

  it('has one stop for Tab and moves by arrows over phases', async () => {
    draw();
    expect(get('matrix').querySelectorAll('button.cell[tabindex="0"]')).toHaveLength(1);
    get('cell-A5-S1').focus();
    await fireEvent.keyDown(get('cell-A5-S1'), { key: 'ArrowDown' });
    expect(document.activeElement).toBe(get('cell-B1-S1'));
    await fireEvent.keyDown(get('cell-B1-S1'), { key: 'ArrowRight' });
    expect(document.activeElement).toBe(get('cell-B1-S2'));
    await fireEvent.keyDown(get('cell-B1-S2'), { key: 'End', ctrlKey: true });
    expect(document.activeElement).toBe(get('cell-D2-S3'));
    expect(get('matrix').querySelectorAll('button.cell[tabindex="0"]')).toHaveLength(1);
  });

  it('says in words what a field shows', () => {
    draw();
    expect(get('cell-B1-S1').getAttribute('aria-label')).toBe(
      'B1 S1: Fail, decided by the auditor, Conflict, observations: 3',
    );
    expect(get('cell-A3-S3').textContent).toContain('N/A');
  });

  it('opens a field and closes it with Esc, back to where one was', async () => {
    draw();
    await fireEvent.click(get('cell-B3-S1'));
    expect((await find('cell-panel')).getAttribute('aria-label')).toBe('B3 for S1');
    await find('decision-rationale');
    await fireEvent.input(get('decision-rationale'), { target: { value: 'kept' } });
    await fireEvent.keyDown(window, { key: 'Escape' });
    await waitFor(() => expect(screen.queryByTestId('cell-panel')).toBeNull());
    await waitFor(() => expect(document.activeElement).toBe(get('cell-B3-S1')));
    expect(workbench.draft('B3', 'sub-1').rationale).toBe('kept');
  });

  it('steps from field to field while the panel is open', async () => {
    draw();
    await fireEvent.click(get('cell-D2-S1'));
    await fireEvent.click(await find('cell-next'));
    expect(workbench.openCell).toEqual({ useCase: 'A1', subject: 'sub-2' });
    await fireEvent.keyDown(document.body, { key: 'k' });
    expect(workbench.openCell).toEqual({ useCase: 'D2', subject: 'sub-1' });
  });
});

describe('evidence', () => {
  it('takes files', async () => {
    render(EvidencePanel, { props: { target: 'B3', subject: 'sub-1', evidence: [] } });
    const input = get<HTMLInputElement>('evidence-file');
    expect(input.id).toBe('evidence-file');
    expect(input.type).toBe('file');
    Object.defineProperty(input, 'files', {
      value: [new File(['a'], 'a.txt', { type: 'text/plain' }), new File(['b'], 'b.bin')],
    });
    await fireEvent.change(input);
    await waitFor(() => expect(called('evidence_add')).toHaveLength(2));
    const [first, second] = called('evidence_add').map((call) => call.args['args'] as AddEvidence);
    expect(first).toMatchObject({
      subject: 'sub-1',
      target: 'B3',
      name: 'a.txt',
      kind: 'file',
      base64: btoa('a'),
    });
    expect(second).toMatchObject({ name: 'b.bin', media_type: '' });
    await waitFor(() => expect(workbench.toasts.at(-1)?.text).toBe('2 items of evidence added'));
  });

  it('takes pasted text as UTF-8', async () => {
    render(EvidencePanel, { props: { target: '3.11', subject: null, evidence: [] } });
    await fireEvent.input(get('evidence-text-title'), { target: { value: 'Log' } });
    await fireEvent.input(get('evidence-text'), { target: { value: 'größer' } });
    await fireEvent.click(get('evidence-text-save'));
    await waitFor(() => expect(called('evidence_add')).toHaveLength(1));
    const added = called('evidence_add')[0]?.args['args'] as AddEvidence;
    expect(added).toMatchObject({ subject: null, target: '3.11', name: 'Log', kind: 'text' });
    expect(new TextDecoder().decode(Uint8Array.from(atob(added.base64), (c) => c.charCodeAt(0)))).toBe(
      'größer',
    );
    await waitFor(() => expect(get<HTMLTextAreaElement>('evidence-text').value).toBe(''));
  });

  it('takes a pasted screenshot, but leaves pasted words to the field', async () => {
    render(EvidencePanel, { props: { target: 'B3', subject: 'sub-1', evidence: [] } });
    const paste = (types: string[]) => {
      const event = new Event('paste', { bubbles: true, cancelable: true });
      const image = new File(['png'], 'image.png', { type: 'image/png' });
      Object.assign(event, { clipboardData: { files: [image], types } });
      window.dispatchEvent(event);
      return event;
    };
    expect(paste(['text/plain', 'Files']).defaultPrevented).toBe(false);
    expect(paste(['Files']).defaultPrevented).toBe(true);
    await waitFor(() => expect(called('evidence_add')).toHaveLength(1));
    expect(called('evidence_add')[0]?.args['args']).toMatchObject({
      kind: 'screenshot',
      media_type: 'image/png',
    });
  });
});

describe('the window', () => {
  it('goes to its screens by Ctrl and a figure, and shows help', async () => {
    render(App);
    await fireEvent.keyDown(window, { key: '3', ctrlKey: true });
    await find('screen-matrix');
    await fireEvent.keyDown(window, { key: '9', ctrlKey: true });
    await find('screen-report');
    await fireEvent.keyDown(document.body, { key: '?' });
    await find('help-dialog');
  });

  it('never says for images that a level is achieved', async () => {
    workbench.engagement = {
      ...workbench.engagement!,
      levels: [{ level: 1, verdict: 'achieved', satisfied: 5, failed: 0, not_applicable: 0, open: 0 }],
    };
    render(App);
    const card = await find('level-1');
    expect(card.textContent).toContain('Image-related requirements of level 1: 5 of 5 satisfied');
    expect(card.textContent).not.toMatch(/achieved/i);
  });

  it('creates an identity and issues a report', async () => {
    render(App);
    await fireEvent.click(get('nav-report'));
    await find('identity-form');
    const type = (id: string, value: string) => fireEvent.input(get(id), { target: { value } });
    await type('identity-passphrase', 'short');
    await type('identity-passphrase-again', 'short');
    expect(get<HTMLButtonElement>('identity-create').disabled).toBe(true);
    await type('identity-passphrase', 'long enough');
    await type('identity-passphrase-again', 'long enough!');
    expect(get<HTMLButtonElement>('identity-create').disabled).toBe(true);
    await type('identity-passphrase-again', 'long enough');
    await fireEvent.click(get('identity-create'));
    await find('identity');
    expect(get<HTMLButtonElement>('report-export').disabled).toBe(true);
    await type('report-passphrase', 'wrong');
    await fireEvent.click(get('report-export'));
    expect((await find('error-banner')).textContent).toContain('does not open the identity');
    expect(get<HTMLInputElement>('report-passphrase').value).toBe('wrong');
    await type('report-passphrase', 'long enough');
    await fireEvent.click(get('report-export'));
    expect((await find('report-done')).textContent).toContain('R-2');
    expect(get<HTMLInputElement>('report-passphrase').value).toBe('');
    expect(called('report_export').at(-1)?.args['args']).toMatchObject({ language: 'en' });
  });
});
