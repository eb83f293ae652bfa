// The desktop's commands as typed functions; the only way from the window to the program.
import { Channel, invoke } from '@tauri-apps/api/core';
import { open, save, type DialogFilter } from '@tauri-apps/plugin-dialog';
import type {
  AcceptanceView,
  AddEvidence,
  CellView,
  CheckLine,
  CheckPage,
  ComparisonView,
  ConnectionView,
  CoverageView,
  DaemonImage,
  DatabaseView,
  Decide,
  Detected,
  EngagementView,
  EngineAnswer,
  EngineChoice,
  EvidenceBytes,
  ExportReport,
  FactsImport,
  Failure,
  FolderView,
  IdentityView,
  ImportEnded,
  NewAcceptance,
  NewEngagement,
  NewHost,
  OfferView,
  PackagesView,
  ProbesView,
  Progress,
  RegistriesView,
  RequirementView,
  RunEnded,
  RuntimeList,
  RuntimePage,
  SettingsView,
  Start,
  SubjectView,
  TagView,
  TrustPage,
  VulnerabilityPage,
  VulnerabilityQuery,
  VulnerabilityView,
} from './bindings';

export type Language = 'en' | 'de';

/** What carries a call: Tauri in the product, the mock in tests and screenshots. */
export interface Transport {
  call(name: string, args: Record<string, unknown>): Promise<unknown>;
  channel(receive: (progress: Progress) => void): unknown;
  pickFile(options: { title: string; filters?: DialogFilter[]; folder?: boolean }): Promise<string | null>;
  pickFiles(options: { title: string; filters?: DialogFilter[] }): Promise<string[] | null>;
  pickSave(options: { title: string; path: string; filters?: DialogFilter[] }): Promise<string | null>;
}

const tauri: Transport = {
  call: (name, args) => invoke(name, args),
  channel: (receive) => {
    const channel = new Channel<Progress>();
    channel.onmessage = receive;
    return channel;
  },
  pickFile: ({ title, filters, folder }) =>
    open({ title, filters, directory: folder ?? false, multiple: false }),
  pickFiles: ({ title, filters }) => open({ title, filters, multiple: true }),
  pickSave: ({ title, path, filters }) => save({ title, defaultPath: path, filters }),
};

let transport: Transport = tauri;
let language: Language = 'en';

export function useTransport(next: Transport): void {
  transport = next;
}

/** The language that texts from the program come in; goes with every call. */
export function speak(next: Language): void {
  language = next;
}

function call<T>(name: string, args: Record<string, unknown> = {}): Promise<T> {
  return transport.call(name, { language, ...args }) as Promise<T>;
}

export const api = {
  start: () => call<Start>('start'),
  engagement: () => call<EngagementView>('engagement'),
  engagementNew: (args: NewEngagement) => call<EngagementView>('engagement_new', { args }),
  engagementOpen: (path: string) => call<EngagementView>('engagement_open', { path }),
  engagementSample: () => call<EngagementView>('engagement_sample'),
  engagementClose: () => call<void>('engagement_close'),

  daemonImages: () => call<DaemonImage[]>('daemon_images'),
  detect: (path: string) => call<Detected>('detect', { path }),
  subjectAdd: (
    source: string,
    dockerfile: string | null,
    context: string | null,
    platform: string | null = null,
  ) => call<EngagementView>('subject_add', { source, dockerfile, context, platform }),
  subjectRemove: (id: string) => call<EngagementView>('subject_remove', { id }),

  auditRun: (receive: (progress: Progress) => void) =>
    call<RunEnded>('audit_run', { onProgress: transport.channel(receive) }),
  auditCancel: () => call<void>('audit_cancel'),

  cell: (subject: string, useCase: string) => call<CellView>('cell', { subject, useCase }),
  requirement: (id: string) => call<RequirementView>('requirement', { id }),
  subject: (id: string) => call<SubjectView>('subject', { id }),

  folder: (subject: string, layer: number | null, path: string) =>
    call<FolderView>('folder', { subject, layer, path }),
  packages: (subject: string) => call<PackagesView>('packages', { subject }),

  /** What looks at each requirement of the standard. */
  coverage: () => call<CoverageView>('coverage'),

  /** Hosts, each followed by its containers. */
  runtimeList: () => call<RuntimeList>('runtime_list'),
  runtimePage: (subject: string) => call<RuntimePage>('runtime_page', { subject }),
  /** The default engine and Docker's contexts. */
  engines: () => call<EngineChoice[]>('engines'),
  /** Asks an engine what it is and what runs there; nothing is changed. */
  askEngine: (address: string) => call<EngineAnswer>('ask_engine', { address }),
  addHost: (args: NewHost) => call<EngagementView>('add_host', { new: args }),
  importFacts: (paths: string[]) => call<FactsImport>('import_facts', { paths }),

  checks: () => call<CheckLine[]>('checks'),
  check: (id: string) => call<CheckPage>('check', { id }),
  settings: () => call<SettingsView>('settings'),
  settingsSet: (args: SettingsView) => call<EngagementView>('settings_set', { args }),

  registries: () => call<RegistriesView>('registries'),
  /** Adds a registry, or changes the one of the same host; with the name of who consented to probes that write. */
  registrySave: (args: ConnectionView, consentBy: string) =>
    call<RegistriesView>('registry_save', { args, consentBy }),
  registryRemove: (host: string) => call<RegistriesView>('registry_remove', { host }),
  registryLogin: (host: string, user: string, password: string, remember: boolean) =>
    call<RegistriesView>('registry_login', { host, user, password, remember }),
  registryLogout: (host: string) => call<RegistriesView>('registry_logout', { host }),
  /** Probes now; nothing is recorded. */
  registryTest: (host: string) => call<ProbesView>('registry_test', { host }),
  registryRepositories: (host: string, search: string) =>
    call<OfferView>('registry_repositories', { host, search }),
  registryTags: (host: string, repository: string, search: string) =>
    call<OfferView>('registry_tags', { host, repository, search }),
  registryImage: (reference: string) => call<TagView>('registry_image', { reference }),
  trust: (subject: string) => call<TrustPage>('trust', { subject }),
  pinForget: (subject: string, gun: string, reason: string) =>
    call<TrustPage>('pin_forget', { subject, gun, reason }),
  /** The text of a small file: a key or a certificate. */
  readText: (path: string) => call<string>('read_text', { path }),

  vulnerabilities: (query: VulnerabilityQuery) => call<VulnerabilityPage>('vulnerabilities', { query }),
  vulnerability: (subject: string, key: number) => call<VulnerabilityView>('vulnerability', { subject, key }),
  acceptances: () => call<AcceptanceView[]>('acceptances'),
  /** Gives the number of the acceptance. */
  acceptRisk: (args: NewAcceptance) => call<string>('accept_risk', { args }),
  withdrawAcceptance: (id: string, reason: string) =>
    call<EngagementView>('withdraw_acceptance', { id, reason }),
  /** Null: what the program guesses. */
  setCategory: (subject: string, category: string | null) =>
    call<EngagementView>('set_category', { subject, category }),
  comparisons: (subject: string, lines: boolean) => call<ComparisonView[]>('comparisons', { subject, lines }),
  exportSbom: (subject: string, format: string, path: string) =>
    call<void>('export_sbom', { subject, format, path }),
  /** Matches what was read in the last run with the database as it is now. */
  matchAgain: () => call<EngagementView>('match_again'),
  advisoriesStatus: () => call<DatabaseView>('advisories_status'),
  /** Null when it was cancelled. */
  advisoriesImport: (paths: string[], receive: (progress: Progress) => void) =>
    call<ImportEnded | null>('advisories_import', { paths, onProgress: transport.channel(receive) }),
  /** Null when it was cancelled. */
  advisoriesUpdate: (sources: string[], receive: (progress: Progress) => void) =>
    call<ImportEnded | null>('advisories_update', { sources, onProgress: transport.channel(receive) }),
  advisoriesCancel: () => call<void>('advisories_cancel'),

  decide: (args: Decide) => call<EngagementView>('decide', { args }),
  evidenceAdd: (args: AddEvidence) => call<EngagementView>('evidence_add', { args }),
  evidenceGet: (number: string) => call<EvidenceBytes>('evidence_get', { number }),

  identity: () => call<IdentityView>('identity'),
  identityCreate: (name: string, organization: string, passphrase: string) =>
    call<IdentityView>('identity_create', { name, organization, passphrase }),
  reportExport: (args: ExportReport) => call<EngagementView>('report_export', { args }),
  reportOpen: (number: string) => call<void>('report_open', { number }),

  pickFile: (title: string, filters?: DialogFilter[]) => transport.pickFile({ title, filters }),
  pickFiles: (title: string, filters?: DialogFilter[]) => transport.pickFiles({ title, filters }),
  pickFolder: (title: string) => transport.pickFile({ title, folder: true }),
  pickSave: (title: string, path: string, filters?: DialogFilter[]) =>
    transport.pickSave({ title, path, filters }),
};

/** Whatever a call rejects with, as a failure that can be shown. */
export function toFailure(error: unknown): Failure {
  if (typeof error === 'object' && error !== null && 'message' in error) {
    const { message, details, stack } = error as { message: unknown; details?: unknown; stack?: unknown };
    return {
      message: String(message),
      details: typeof details === 'string' ? details : typeof stack === 'string' ? stack : '',
    };
  }
  return { message: String(error), details: '' };
}
