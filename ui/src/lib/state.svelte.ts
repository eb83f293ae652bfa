// What the window knows: the open engagement, where the reader is, drafts, the run, messages.
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { api, speak, toFailure, type Language } from './api';
import type {
  EngagementView,
  FactsImport,
  Failure,
  ImportEnded,
  NewEngagement,
  ProbesView,
  Progress,
  Start,
} from './bindings';
import { NO_COVERAGE_FILTER, type CoverageFilter } from './coverage';
import { i18n, t, tn } from './i18n/index.svelte';
import type { Jump, SubjectTab } from './jump';
import { isRuntime, NO_HOST_FILTER, type HostFilter, type RuntimeTab } from './runtime';
import type { SettingsDraft, SettingsTab } from './settings';
import { NO_FILTERS, type Filters, type Opened } from './vulnerabilities';

/** The screens of the rail, in its order. */
export const SCREENS = [
  'overview',
  'subjects',
  'matrix',
  'requirements',
  'checks',
  'vulnerabilities',
  'registries',
  'hosts',
  'evidence',
  'report',
  'advisories',
] as const;
/** The coverage of the standard is reached from the requirements. */
export type Screen = (typeof SCREENS)[number] | 'coverage';
/** Ctrl+1 to Ctrl+0, as they were before there were hosts; those have Ctrl+Shift+H. */
export const DIGITS: readonly Screen[] = SCREENS.filter((screen) => screen !== 'hosts');
export type Theme = 'system' | 'light' | 'dark';
export type Conclusion = 'satisfied' | 'not-satisfied' | 'not-applicable';
export const CONCLUSIONS: readonly Conclusion[] = ['satisfied', 'not-satisfied', 'not-applicable'];

/** What the auditor has typed about one target and not yet saved. */
export interface Draft {
  target: string;
  subject: string | null;
  conclusion: Conclusion | null;
  rationale: string;
  textTitle: string;
  text: string;
}

/** Which folder of an image is shown. */
export interface Browsing {
  /** From 1; null for the merged tree. */
  layer: number | null;
  path: string;
  /** The entry that is chosen in it. */
  select: string | null;
  /** An entry still to be found: its path and the layer's diff_id. */
  seek: { path: string; layer: string } | null;
  /** What was sought and is in neither tree. */
  missing: string | null;
}

const ROOT: Browsing = { layer: null, path: '/', select: null, seek: null, missing: null };

/** A test of a registry's connection: under way, or what came of it. */
export interface Probing {
  /** When it was asked for, milliseconds. */
  since: number;
  busy: boolean;
  view: ProbesView | null;
  failure: Failure | null;
}

/** The writing of the advisory database: under way, or how it ended. */
export interface Writing {
  kind: 'import' | 'update';
  progress: Progress | null;
  cancelling: boolean;
  /** It is over. */
  over: boolean;
  /** Null while it goes on, when it failed, and when it was cancelled. */
  ended: ImportEnded | null;
  failure: Failure | null;
}

/** The place that led to the evidence of a subject. */
export type Origin = { kind: 'cell'; useCase: string; subject: string } | { kind: 'check'; id: string };

export interface Toast {
  id: number;
  text: string;
  tone: 'good' | 'plain' | 'bad';
}

export const hasWords = (draft: Draft) =>
  draft.conclusion !== null || draft.rationale.trim() !== '' || draft.text.trim() !== '';

const THEME = 'plimsoll.theme';
const LANGUAGE = 'plimsoll.language';

function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // A window without storage starts with the system's settings each time.
  }
}

export class Workbench {
  start = $state.raw<Start | null>(null);
  engagement = $state.raw<EngagementView | null>(null);
  screen = $state<Screen>('overview');
  openSubject = $state<string | null>(null);
  openCell = $state.raw<{ useCase: string; subject: string } | null>(null);
  openRequirement = $state<string | null>(null);
  openCheck = $state<string | null>(null);
  /** The settings of the profile are shown in the place of a check. */
  openSettings = $state(false);
  settingsDraft = $state.raw<SettingsDraft | null>(null);
  settingsTab = $state<SettingsTab>('checks');
  /** The registry that is shown, by the id of its subject. */
  openRegistry = $state<string | null>(null);
  /** Tests of connections in this session, by host; none of it is recorded. */
  readonly probings = new SvelteMap<string, Probing>();
  /** The host or container that is shown, by its subject. */
  openRuntime = $state<string | null>(null);
  runtimeTab = $state<RuntimeTab>('findings');
  /** The field or line that was asked for on the page of a host or container. */
  runtimePlace = $state.raw<Jump | null>(null);
  hostFilter = $state<HostFilter>({ ...NO_HOST_FILTER });
  /** Hosts whose containers are folded away. */
  readonly folded = new SvelteSet<string>();
  addingHost = $state(false);
  /** How many facts files are being read. */
  importing = $state(0);
  /** What an import brought, as long as some of it has to be read. */
  imported = $state.raw<FactsImport | null>(null);
  coverageFilter = $state<CoverageFilter>({ ...NO_COVERAGE_FILTER });
  /** The requirement whose coverage is opened. */
  openCoverage = $state<string | null>(null);
  subjectTab = $state<SubjectTab>('overview');
  /** The field or line that was asked for on the subject's page. */
  place = $state.raw<Jump | null>(null);
  origin = $state.raw<Origin | null>(null);
  readonly browsed = new SvelteMap<string, Browsing>();
  /** The subject that the requirement's form speaks about; '' is the engagement as a whole. */
  requirementSubject = $state<string | null>(null);
  /** What the lists of vulnerabilities are restricted to, by subject; '' is the whole engagement. */
  readonly filters = new SvelteMap<string, Filters>();
  openVulnerability = $state.raw<Opened | null>(null);
  /** Scans and picture above the list are hidden, so that there is more of the list. */
  hideSummary = $state(false);
  /** What was read is matched again with the database as it is. */
  matching = $state(false);
  /** It belongs to the program, not to an engagement. */
  writing = $state.raw<Writing | null>(null);
  adding = $state(false);
  /** The host whose images are offered first when subjects are added. */
  addingFrom = $state<string | null>(null);
  help = $state(false);
  theme = $state<Theme>('system');
  run = $state.raw<{ progress: Progress | null; cancelling: boolean } | null>(null);
  toasts = $state.raw<Toast[]>([]);
  failure = $state.raw<Failure | null>(null);
  opening = $state(false);
  readonly drafts = new SvelteMap<string, Draft>();
  #lastToast = 0;

  /** Reads what is remembered and asks the program for the first screen. */
  begin(): void {
    const theme = remembered(THEME);
    if (theme === 'light' || theme === 'dark') this.theme = theme;
    const language = remembered(LANGUAGE) ?? (navigator.language.startsWith('de') ? 'de' : 'en');
    this.#speak(language === 'de' ? 'de' : 'en');
    this.#paint();
    window.matchMedia?.('(prefers-color-scheme: dark)').addEventListener('change', () => this.#paint());
    void this.load();
  }

  async load(): Promise<void> {
    const start = await this.attempt(() => api.start());
    if (!start) return;
    this.start = start;
    if (start.open) this.enter(start.open);
  }

  // —— Messages ——

  /** Does something; a failure is shown and gives undefined. */
  async attempt<T>(act: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await act();
      return result;
    } catch (error) {
      this.failure = toFailure(error);
      return undefined;
    }
  }

  toast(text: string, tone: Toast['tone'] = 'good'): void {
    const id = ++this.#lastToast;
    this.toasts = [...this.toasts.slice(-2), { id, text, tone }];
    setTimeout(() => this.dismiss(id), 5000);
  }

  dismiss(id: number): void {
    this.toasts = this.toasts.filter((toast) => toast.id !== id);
  }

  // —— Theme and language ——

  setTheme(theme: Theme): void {
    this.theme = theme;
    remember(THEME, theme);
    this.#paint();
  }

  async setLanguage(language: Language): Promise<void> {
    if (i18n.language === language) return;
    this.#speak(language);
    remember(LANGUAGE, language);
    if (this.engagement) {
      const engagement = await this.attempt(() => api.engagement());
      if (engagement) this.engagement = engagement;
    }
  }

  #speak(language: Language): void {
    i18n.language = language;
    speak(language);
    document.documentElement.lang = language;
  }

  #paint(): void {
    const dark =
      this.theme === 'dark' ||
      (this.theme === 'system' && window.matchMedia?.('(prefers-color-scheme: dark)').matches);
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  }

  // —— Engagement ——

  /** Shows a newly opened engagement from its first screen. */
  enter(engagement: EngagementView): void {
    this.failure = null;
    this.engagement = engagement;
    this.screen = 'overview';
    this.openSubject = null;
    this.openCell = null;
    this.openRequirement = null;
    this.requirementSubject = null;
    this.openCheck = null;
    this.openSettings = false;
    this.settingsDraft = null;
    this.settingsTab = 'checks';
    this.openRegistry = null;
    this.probings.clear();
    this.openRuntime = null;
    this.runtimeTab = 'findings';
    this.runtimePlace = null;
    this.hostFilter = { ...NO_HOST_FILTER };
    this.folded.clear();
    this.addingHost = false;
    this.imported = null;
    this.coverageFilter = { ...NO_COVERAGE_FILTER };
    this.openCoverage = null;
    this.subjectTab = 'overview';
    this.place = null;
    this.origin = null;
    this.browsed.clear();
    this.filters.clear();
    this.openVulnerability = null;
    this.adding = false;
    this.addingFrom = null;
  }

  async #opened(act: () => Promise<EngagementView>): Promise<boolean> {
    if (this.opening) return false;
    this.opening = true;
    const engagement = await this.attempt(act);
    this.opening = false;
    if (engagement) this.enter(engagement);
    return engagement !== undefined;
  }

  create = (args: NewEngagement) => this.#opened(() => api.engagementNew(args));
  openPath = (path: string) => this.#opened(() => api.engagementOpen(path));
  openSample = () => this.#opened(() => api.engagementSample());

  async close(): Promise<void> {
    if (this.run) return;
    const closed = await this.attempt(async () => {
      await api.engagementClose();
      return true;
    });
    if (!closed) return;
    this.engagement = null;
    this.failure = null;
    await this.load();
  }

  /** Takes the engagement as a command gave it back. */
  async change(act: () => Promise<EngagementView>): Promise<boolean> {
    const engagement = await this.attempt(act);
    if (engagement) this.engagement = engagement;
    return engagement !== undefined;
  }

  /** Fetches the engagement again, after a command that gave something else back. */
  async refresh(): Promise<void> {
    await this.change(() => api.engagement());
  }

  // —— Registries ——

  /** Asks a registry everything that an audit would ask, without recording it. */
  async probe(host: string): Promise<void> {
    if (this.probings.get(host)?.busy) return;
    const mine: Probing = { since: Date.now(), busy: true, view: null, failure: null };
    this.probings.set(host, mine);
    let next: Probing;
    try {
      next = { ...mine, busy: false, view: await api.registryTest(host) };
    } catch (error) {
      next = { ...mine, busy: false, failure: toFailure(error) };
    }
    // Another engagement may have been opened meanwhile.
    if (this.probings.get(host)?.since === mine.since) this.probings.set(host, next);
  }

  showRegistry(subject: string | null): void {
    this.openRegistry = subject;
    this.screen = 'registries';
  }

  // —— Hosts and containers ——

  #isRuntime(id: string | null): boolean {
    return this.engagement?.subjects.some((line) => line.id === id && isRuntime(line)) ?? false;
  }

  /** Shows the page of a host or container; without one, their list. */
  showRuntime(id: string | null, tab: RuntimeTab = 'findings', place: Jump | null = null): void {
    this.openRuntime = id;
    this.runtimeTab = tab;
    this.runtimePlace = place;
    this.origin = null;
    this.screen = 'hosts';
  }

  addHost(): void {
    this.adding = false;
    this.addingFrom = null;
    this.addingHost = true;
  }

  /** Lets facts files be chosen and reads them. */
  async chooseFacts(): Promise<void> {
    const paths = await this.attempt(() =>
      api.pickFiles(t('facts.choose'), [
        { name: t('facts.files'), extensions: ['facts'] },
        { name: t('facts.any-file'), extensions: ['*'] },
      ]),
    );
    if (paths && paths.length > 0) await this.importFacts(paths);
  }

  /** What was refused stays on the screen until it is dismissed. */
  async importFacts(paths: string[]): Promise<void> {
    if (this.importing > 0) return;
    this.adding = false;
    this.addingFrom = null;
    this.importing = paths.length;
    const brought = await this.attempt(() => api.importFacts(paths));
    this.importing = 0;
    if (!brought) return;
    // What was known already may have been read anew.
    if (brought.added + brought.known > 0) await this.refresh();
    if (brought.refused.length + brought.notes.length > 0) this.imported = brought;
    else
      this.toast(
        brought.known > 0
          ? t('facts.brought', { added: brought.added, known: brought.known })
          : tn('add.added', brought.added),
      );
  }

  // —— Vulnerabilities ——

  filtersOf(subject: string | null): Filters {
    return this.filters.get(subject ?? '') ?? NO_FILTERS;
  }

  filter(subject: string | null, change: Partial<Filters>): void {
    this.filters.set(subject ?? '', { ...this.filtersOf(subject), ...change });
  }

  /** Lists every place of one flaw, over the engagement. */
  showFlaw(id: string): void {
    this.filters.set('', { ...NO_FILTERS, text: id });
    this.openVulnerability = null;
    this.screen = 'vulnerabilities';
  }

  async matchAgain(): Promise<void> {
    if (this.matching || this.run) return;
    this.matching = true;
    if (await this.change(() => api.matchAgain())) this.toast(t('vuln.matched'));
    this.matching = false;
  }

  /** Writes the advisory database; what came of it stays until it is dismissed or the next begins. */
  async #onDatabase(
    kind: Writing['kind'],
    act: (receive: (progress: Progress) => void) => Promise<ImportEnded | null>,
  ): Promise<void> {
    if (this.writing && !this.writing.over) return;
    let mine: Writing = { kind, progress: null, cancelling: false, over: false, ended: null, failure: null };
    this.writing = mine;
    let end: Partial<Writing>;
    try {
      end = {
        ended: await act((progress) => {
          if (this.writing && !this.writing.over) this.writing = { ...this.writing, progress };
        }),
      };
    } catch (error) {
      end = { failure: toFailure(error) };
    }
    mine = { ...(this.writing ?? mine), ...end, over: true };
    this.writing = mine;
    if (mine.ended) this.toast(t('advisories.done'));
    else if (!mine.failure) this.toast(t('advisories.cancelled'), 'plain');
  }

  importAdvisories = (paths: string[]) =>
    this.#onDatabase('import', (receive) => api.advisoriesImport(paths, receive));
  updateAdvisories = (sources: string[]) =>
    this.#onDatabase('update', (receive) => api.advisoriesUpdate(sources, receive));

  async cancelAdvisories(): Promise<void> {
    if (!this.writing || this.writing.over || this.writing.cancelling) return;
    this.writing = { ...this.writing, cancelling: true };
    const asked = await this.attempt(async () => {
      await api.advisoriesCancel();
      return true;
    });
    if (!asked && this.writing) this.writing = { ...this.writing, cancelling: false };
  }

  // —— Where the reader is ——

  go(screen: Screen): void {
    this.screen = screen;
  }

  showSubject(id: string | null, tab: SubjectTab = 'overview'): void {
    // A registry has a page of its own.
    if (this.engagement?.subjects.some((line) => line.id === id && line.kind === 'registry')) {
      this.showRegistry(id);
      return;
    }
    // And so have a host and a container.
    if (this.#isRuntime(id)) {
      this.showRuntime(id);
      return;
    }
    this.openSubject = id;
    this.subjectTab = tab;
    this.place = null;
    this.origin = null;
    this.screen = 'subjects';
  }

  /** Shows the evidence itself, and remembers what led to it. */
  showPlace(subject: string, jump: Jump): void {
    const from: Origin | null =
      this.screen === 'matrix' && this.openCell
        ? { kind: 'cell', ...this.openCell }
        : this.screen === 'checks' && this.openCheck
          ? { kind: 'check', id: this.openCheck }
          : this.screen === 'subjects' && this.openSubject === subject
            ? this.origin
            : null;
    if (this.#isRuntime(subject)) {
      const before = this.screen === 'hosts' && this.openRuntime === subject ? this.origin : from;
      this.showRuntime(subject, jump.tab === 'source' ? 'files' : 'answers', jump);
      this.origin = before;
      return;
    }
    this.showSubject(subject, jump.tab);
    this.origin = from;
    this.place = jump;
    if (jump.tab === 'files') this.browse(subject, { seek: { path: jump.path, layer: jump.layer } });
  }

  /** Back to what led to the evidence. */
  goBack(): void {
    const from = this.origin;
    if (from?.kind === 'cell') this.showCell(from.useCase, from.subject);
    else if (from) this.showCheck(from.id);
  }

  browsing(subject: string): Browsing {
    return this.browsed.get(subject) ?? ROOT;
  }

  browse(subject: string, change: Partial<Browsing>): void {
    this.browsed.set(subject, {
      ...this.browsing(subject),
      select: null,
      seek: null,
      missing: null,
      ...change,
    });
  }

  showCheck(id: string | null): void {
    this.openCheck = id;
    this.openSettings = false;
    this.screen = 'checks';
  }

  showSettings(tab: SettingsTab = this.settingsTab): void {
    this.settingsTab = tab;
    this.openSettings = true;
    this.screen = 'checks';
  }

  /** A field of the matrix. Hosts and containers have no column there; what no use case speaks of has no field. */
  showCell(useCase: string, subject: string): void {
    if (useCase === '' || this.#isRuntime(subject)) {
      this.showSubject(subject);
      return;
    }
    this.openCell = { useCase, subject };
    this.screen = 'matrix';
  }

  /** What a check concluded: its field, or the requirement that it speaks to where there is no field. */
  showConclusion(useCase: string, subject: string, requirement: string | undefined): void {
    if (useCase === '' && requirement !== undefined) this.showRequirement(requirement, subject);
    else this.showCell(useCase, subject);
  }

  showCoverage(requirement: string | null = null): void {
    if (requirement !== null) {
      this.coverageFilter = { ...NO_COVERAGE_FILTER };
      this.openCoverage = requirement;
    }
    this.screen = 'coverage';
  }

  showRequirement(id: string, subject: string | null = null): void {
    this.openRequirement = id;
    this.requirementSubject = subject;
    this.screen = 'requirements';
  }

  /** Goes to a target as it stands in evidence and drafts. */
  showTarget(target: string, subject: string | null): void {
    if (/^[A-D]\d$/.test(target) && subject) this.showCell(target, subject);
    else this.showRequirement(target, subject ?? '');
  }

  addSubject(): void {
    this.openSubject = null;
    this.screen = 'subjects';
    this.addingFrom = null;
    this.adding = true;
  }

  /** Offers the images of a registry, wherever the reader is. */
  addFrom(host: string): void {
    this.addingFrom = host;
    this.adding = true;
  }

  stopAdding(): void {
    this.adding = false;
    this.addingFrom = null;
  }

  label(subject: string | null): string {
    if (!subject) return t('whole-engagement');
    return this.engagement?.subjects.find((line) => line.id === subject)?.label ?? subject;
  }

  // —— Drafts ——

  #draftKey(target: string, subject: string | null): string {
    return `${this.engagement?.path ?? ''}\n${target}\n${subject ?? ''}`;
  }

  draft(target: string, subject: string | null): Draft {
    return (
      this.drafts.get(this.#draftKey(target, subject)) ?? {
        target,
        subject,
        conclusion: null,
        rationale: '',
        textTitle: '',
        text: '',
      }
    );
  }

  write(target: string, subject: string | null, change: Partial<Draft>): void {
    const next = { ...this.draft(target, subject), ...change };
    const key = this.#draftKey(target, subject);
    if (hasWords(next) || next.textTitle !== '') this.drafts.set(key, next);
    else this.drafts.delete(key);
  }

  /** Drafts of this engagement that hold something. */
  get unsaved(): Draft[] {
    const prefix = `${this.engagement?.path ?? ''}\n`;
    return [...this.drafts]
      .filter(([key, draft]) => key.startsWith(prefix) && hasWords(draft))
      .map(([, draft]) => draft);
  }

  /** Saves the draft's conclusion; the draft's pasted text stays. */
  async decide(target: string, subject: string | null): Promise<boolean> {
    const { conclusion, rationale } = this.draft(target, subject);
    if (!conclusion || rationale.trim() === '') return false;
    const saved = await this.change(() =>
      api.decide({ subject, target, conclusion, rationale: rationale.trim() }),
    );
    if (saved) {
      this.write(target, subject, { conclusion: null, rationale: '' });
      this.toast(t('decision.saved', { target, subject: this.label(subject) }));
    }
    return saved;
  }

  // —— Run ——

  async audit(): Promise<void> {
    if (this.run || !this.engagement || this.engagement.subjects.length === 0) return;
    this.run = { progress: null, cancelling: false };
    const ended = await this.attempt(() =>
      api.auditRun((progress) => {
        if (this.run) this.run = { ...this.run, progress };
      }),
    );
    this.run = null;
    if (!ended) return;
    this.engagement = ended.engagement;
    const errors = ended.engagement.last_run?.errors.length ?? 0;
    if (ended.cancelled) this.toast(t('run.cancelled'), 'plain');
    else if (errors > 0) this.toast(t('run.done-with-errors', { n: errors }), 'bad');
    else this.toast(t('run.done'));
  }

  async cancel(): Promise<void> {
    if (!this.run || this.run.cancelling) return;
    this.run = { ...this.run, cancelling: true };
    const asked = await this.attempt(async () => {
      await api.auditCancel();
      return true;
    });
    if (!asked && this.run) this.run = { ...this.run, cancelling: false };
  }
}

export const workbench = new Workbench();
