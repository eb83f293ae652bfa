// The stand-in's vulnerabilities: commands over the rows that are made from a seed. Not in the product.
import type * as B from './bindings';
import {
  CATEGORY_NAMES,
  ESTATE,
  flaws,
  ORIGINS,
  stateLabel,
  type Both,
  type Flaw,
} from './mock-vulnerability-data';
import { MockAdvisories, type MockScanOptions } from './mock-advisories';
import { CATEGORIES, GRADES } from './vulnerabilities';

type Say = (text: Both) => string;
type Hash = (seed: string) => string;

const NOW = '2025-11-24T09:00:00Z';
const TODAY = '2025-11-24';

/** More subjects, so that every end of a scan and every category is there. */
export const estate = (first: number, sha: Hash): B.SubjectLine[] =>
  ESTATE.map((one, at) => ({
    id: `sub-${first + at}`,
    label: `S${first + at}`,
    kind: one.kind,
    name: one.name,
    source: one.kind === 'sbom' ? `sbom:/home/auditor/incoming/${one.name}` : `docker-daemon:${one.name}`,
    dockerfile: null,
    digest: one.kind === 'sbom' ? null : sha(one.name),
    platform: one.kind === 'sbom' ? null : 'linux/amd64',
    size: '148.2 MB',
    error: null,
    collected: true,
  }));

/** What the stand-in knows of vulnerabilities. */
export class MockVulnerabilities {
  acceptances: B.AcceptanceView[] = [];
  readonly #categories = new Map<string, string>();
  readonly #known = new Map<string, Flaw[]>();
  readonly #options: MockScanOptions;
  readonly advisories: MockAdvisories;
  /** VEX was brought in. */
  vex = true;

  constructor(
    options: MockScanOptions,
    private readonly say: Say,
    private readonly sha: Hash,
  ) {
    this.#options = options;
    this.advisories = new MockAdvisories(options, say, sha);
    this.acceptances = [
      {
        id: 'A-1',
        vulnerability: '',
        package: 'vim',
        subject: 'sub-1',
        subject_name: '',
        reason: 'Removed with the next base image; nobody can start an editor in the running container.',
        owner: 'Jonas Weber, head of platform',
        expires: '2026-01-31',
        expired: false,
        author: 'Dr. Mareike Vandenberg-Osterhagen',
        at: '2025-11-18T14:02:00Z',
        rows: 1,
      },
      {
        id: 'A-2',
        vulnerability: '',
        package: 'zlib1g',
        subject: '',
        subject_name: '',
        reason: 'The affected function is not called.',
        owner: 'Ayşe Demir, product owner',
        expires: '2025-10-31',
        expired: true,
        author: 'Dr. Mareike Vandenberg-Osterhagen',
        at: '2025-07-30T08:11:00Z',
        rows: 1,
      },
    ];
  }

  #kind(line: B.SubjectLine): { result: string; category: string; from: string; rows: number } {
    const known = ESTATE.find((one) => one.name === line.name);
    const found = !this.advisories.exists
      ? 'no-database'
      : known
        ? known.result
        : line.kind !== 'image'
          ? 'not-scanned'
          : /nginx/.test(line.name)
            ? 'none-found'
            : 'matched';
    const set = this.#categories.get(line.id);
    return {
      result: found,
      category:
        set ??
        known?.category ??
        (/nginx/.test(line.name) ? 'web' : /checkout/.test(line.name) ? 'platform' : 'unknown'),
      from: set ? 'auditor' : (known?.from ?? (/nginx/.test(line.name) ? 'name' : 'content')),
      rows: ['matched', 'past-end-of-life'].includes(found) ? (known?.rows ?? this.#options.rows ?? 412) : 0,
    };
  }

  #flaws(line: B.SubjectLine): Flaw[] {
    const { rows, category } = this.#kind(line);
    const id = `${line.id}/${rows}`;
    let found = this.#known.get(id);
    if (!found) {
      const seed = [...line.name].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 11);
      found = flaws({ id: line.id, name: line.name }, category, rows, seed, (layer) =>
        this.sha(`layer${layer}`),
      );
      this.#known.set(id, found);
      for (const acceptance of this.acceptances) {
        if (acceptance.vulnerability !== '') continue;
        if (acceptance.subject !== '' && acceptance.subject !== line.id) continue;
        const one = found.find(({ row }) => row.package === acceptance.package);
        if (one) acceptance.vulnerability = one.row.id;
        if (acceptance.subject) acceptance.subject_name = line.name;
      }
    }
    for (const [at, flaw] of found.entries()) {
      const { row } = flaw;
      row.category = category;
      const accepted = this.#speakTo(row)[0];
      const before =
        row.fixed === '' && flaw.note === 'Minor issue'
          ? 'fix_deferred'
          : flaw.note
            ? 'will_not_fix'
            : 'affected';
      row.state = accepted
        ? accepted.expired
          ? 'acceptance_expired'
          : 'accepted'
        : this.vex && at % 23 === 5
          ? 'not_affected'
          : this.vex && at % 97 === 11
            ? 'fixed'
            : before;
      row.counts = !['not_affected', 'fixed'].includes(row.state);
      row.state_label = this.say(stateLabel(row.state));
    }
    return found;
  }

  #speakTo(row: B.VulnerabilityRow): B.AcceptanceView[] {
    return this.acceptances.filter(
      (one) =>
        one.vulnerability === row.id &&
        (one.package === '' || one.package === row.package) &&
        (one.subject === '' || one.subject === row.subject),
    );
  }

  #scan(line: B.SubjectLine): B.ScanLine {
    const { result, category, from } = this.#kind(line);
    const rows = this.#flaws(line)
      .map((flaw) => flaw.row)
      .filter((row) => !row.kernel_headers);
    const counting = rows.filter((row) => row.counts);
    const counts = GRADES.map((grade) => counting.filter((row) => row.severity === grade).length);
    const debian = !/nginx|opensuse|sbom|cdx|scratch/.test(line.name);
    const sentence: Record<string, Both> = {
      matched: {
        en: `${rows.length} rows over ${new Set(rows.map((row) => row.package)).size} packages.`,
        de: `${rows.length} Zeilen in ${new Set(rows.map((row) => row.package)).size} Paketen.`,
      },
      'none-found': {
        en: 'All packages were evaluated with data of their release, and none of them is known to be affected.',
        de: 'Alle Pakete wurden mit Daten ihres Releases ausgewertet; von keinem ist bekannt, dass es betroffen ist.',
      },
      'no-data': {
        en: 'The database knows nothing of openSUSE Leap 15.6, so nothing can be said of its 184 packages.',
        de: 'Die Datenbank weiß nichts über openSUSE Leap 15.6; über die 184 Pakete lässt sich nichts sagen.',
      },
      'past-end-of-life': {
        en: 'Debian 9 has had no security fixes since 30 June 2022. What was found later is in no list, so few rows mean nothing.',
        de: 'Debian 9 erhält seit dem 30. Juni 2022 keine Korrekturen. Was danach gefunden wurde, steht in keiner Liste; wenige Zeilen besagen nichts.',
      },
      'no-database': {
        en: 'There is no advisory database, so nothing was matched.',
        de: 'Es gibt keine Meldungsdatenbank, also wurde nichts abgeglichen.',
      },
      'not-read': {
        en: 'The list of packages could not be read: /var/lib/dpkg/status is cut off at byte 81,920.',
        de: 'Die Liste der Pakete war nicht lesbar: /var/lib/dpkg/status bricht bei Byte 81.920 ab.',
      },
      'not-scanned': {
        en: 'A Dockerfile holds no packages of its own.',
        de: 'Ein Dockerfile enthält keine eigenen Pakete.',
      },
    };
    const fine = ['matched', 'none-found'].includes(result);
    const over = result === 'past-end-of-life';
    return {
      subject: line.id,
      name: line.name,
      category,
      category_from: category === 'unknown' ? '' : from,
      result,
      sentence: this.say(sentence[result]!),
      notes:
        result === 'matched'
          ? [
              this.say({
                en: 'Alpine and Bitnami data name only what has been fixed: flaws without a fix do not show.',
                de: 'Daten von Alpine und Bitnami nennen nur Behobenes: Schwachstellen ohne Korrektur erscheinen nicht.',
              }),
              this.say({
                en: '14 Python packages belong to Debian packages and are left to those.',
                de: '14 Python-Pakete gehören zu Debian-Paketen und werden dort gezählt.',
              }),
            ]
          : [],
      release: fine
        ? debian
          ? 'Debian GNU/Linux 12 (bookworm)'
          : /nginx/.test(line.name)
            ? 'Alpine Linux v3.20'
            : ''
        : over
          ? 'Debian GNU/Linux 9 (stretch)'
          : result === 'no-data'
            ? 'openSUSE Leap 15.6'
            : '',
      support: over
        ? 'ended'
        : fine
          ? debian
            ? 'extended'
            : /nginx/.test(line.name)
              ? 'supported'
              : 'unknown'
          : 'unknown',
      support_end: over
        ? '2022-06-30'
        : fine
          ? debian
            ? '2028-06-30'
            : /nginx/.test(line.name)
              ? '2026-04-01'
              : ''
          : '',
      packages: fine || over ? 214 : result === 'no-data' ? 184 : 0,
      evaluated: fine || over ? 211 : 0,
      not_evaluated:
        result === 'matched'
          ? [
              [
                'checkout-helper',
                '(devel)',
                this.say({
                  en: 'its version (devel) is no version',
                  de: 'seine Version (devel) ist keine Version',
                }),
              ],
              ['internal-lib', '', this.say({ en: 'it names no version', de: 'es nennt keine Version' })],
              [
                'github.com/acme/pay',
                'v0.0.0-20240101',
                this.say({
                  en: 'a pseudo-version of a module nobody publishes',
                  de: 'eine Pseudo-Version eines nicht veröffentlichten Moduls',
                }),
              ],
            ]
          : [],
      counts: counts as B.ScanLine['counts'],
      total: counting.length,
      fixable: counting.filter((row) => row.fixed !== '').length,
      exploited: counting.filter((row) => row.exploited).length,
      treated: rows.filter((row) =>
        ['not_affected', 'fixed', 'accepted', 'acceptance_expired'].includes(row.state),
      ).length,
      at: ['not-scanned', 'no-database'].includes(result) ? '' : NOW,
      database: ['not-scanned', 'no-database'].includes(result) ? '' : this.sha('database').slice(7, 19),
      base:
        result === 'matched'
          ? this.say({
              en: 'Layer 1 is the layer of debian:12, by its digest.',
              de: 'Schicht 1 ist am Digest erkannt die Schicht von debian:12.',
            })
          : '',
    };
  }

  #last: { question: string; page: B.VulnerabilityPage; rows: B.VulnerabilityRow[] } | null = null;

  /** Further pages of the same question cost nothing, as in the program. */
  page(subjects: readonly B.SubjectLine[], query: B.VulnerabilityQuery): B.VulnerabilityPage {
    const question = JSON.stringify([{ ...query, offset: 0, limit: 0 }, this.say({ en: 'en', de: 'de' })]);
    if (query.offset === 0 || this.#last?.question !== question)
      this.#last = { question, ...this.#all(subjects, query) };
    const { page, rows } = this.#last;
    return { ...page, rows: rows.slice(query.offset, query.offset + Math.min(500, query.limit)) };
  }

  #all(
    subjects: readonly B.SubjectLine[],
    query: B.VulnerabilityQuery,
  ): { page: B.VulnerabilityPage; rows: B.VulnerabilityRow[] } {
    const lines = subjects.filter(
      (line) => line.kind !== 'registry' && (query.subject === null || line.id === query.subject),
    );
    const all = lines.flatMap((line) => this.#flaws(line).map((flaw) => flaw.row));
    const words = query.text.toLowerCase().split(/\s+/).filter(Boolean);
    type Test = [name: string, test: (row: B.VulnerabilityRow) => boolean];
    const has = (list: string[], value: string) => list.length === 0 || list.includes(value);
    const tests: Test[] = [
      [
        'text',
        (row) =>
          words.every((word) =>
            `${row.id} ${row.aliases.join(' ')} ${row.package}`.toLowerCase().includes(word),
          ),
      ],
      ['severity', (row) => has(query.severities, row.severity)],
      ['state', (row) => has(query.states, row.state)],
      ['ecosystem', (row) => has(query.ecosystems, row.ecosystem)],
      ['category', (row) => has(query.categories, row.category)],
      ['origin', (row) => has(query.origins, row.origin)],
      ['package', (row) => query.package === null || row.package === query.package],
      ['layer', (row) => query.layer === null || row.layer === query.layer],
      ['fixable', (row) => query.fixable === null || (row.fixed !== '') === query.fixable],
      ['exploited', (row) => !query.exploited || row.exploited],
    ];
    const seen = query.kernel_headers ? all : all.filter((row) => !row.kernel_headers);
    const fits = (row: B.VulnerabilityRow, but = '') =>
      tests.every(([name, test]) => name === but || test(row));
    const rows = seen.filter((row) => fits(row));
    const value: Record<string, (row: B.VulnerabilityRow) => string> = {
      severity: (row) => row.severity,
      state: (row) => row.state,
      ecosystem: (row) => row.ecosystem,
      category: (row) => row.category,
      origin: (row) => row.origin,
      package: (row) => row.package,
      layer: (row) => row.layer,
      fixable: (row) => String(row.fixed !== ''),
      exploited: (row) => String(row.exploited),
    };
    const called: Record<string, (row: B.VulnerabilityRow) => string> = {
      severity: (row) =>
        this.say({
          en: row.severity[0]!.toUpperCase() + row.severity.slice(1),
          de:
            {
              critical: 'Kritisch',
              high: 'Hoch',
              medium: 'Mittel',
              low: 'Niedrig',
              none: 'Keine',
              unknown: 'Unbekannt',
            }[row.severity] ?? '',
        }),
      state: (row) => row.state_label,
      category: (row) => this.say(CATEGORY_NAMES[row.category]!),
      origin: (row) => this.say(ORIGINS[row.origin]!),
      layer: (row) =>
        `${this.say({ en: 'Layer', de: 'Schicht' })} ${row.layer_number}: ${['FROM debian:12', 'RUN apt-get install …', 'COPY /srv/app', 'RUN useradd'][row.layer_number - 1] ?? ''}`,
    };
    const facets = Object.entries(value).map(([name, of]) => {
      const found = new Map<string, B.FacetValue>();
      for (const row of seen) {
        if (!fits(row, name)) continue;
        const key = of(row);
        const one = found.get(key);
        if (one) one.count += 1;
        else found.set(key, { value: key, label: called[name]?.(row) ?? key, count: 1 });
      }
      return { name, values: [...found.values()].sort((a, b) => b.count - a.count).slice(0, 50) };
    });
    const rank = (word: string) => (GRADES as readonly string[]).indexOf(word);
    const natural = new Intl.Collator('en', { numeric: true });
    const by: Record<string, (a: B.VulnerabilityRow, b: B.VulnerabilityRow) => number> = {
      severity: (a, b) =>
        rank(a.severity) - rank(b.severity) ||
        Number(b.exploited) - Number(a.exploited) ||
        (b.score ?? -1) - (a.score ?? -1),
      id: (a, b) => natural.compare(a.id, b.id),
      package: (a, b) => natural.compare(a.package, b.package),
      subject: (a, b) => natural.compare(a.subject_name, b.subject_name),
      score: (a, b) => (b.score ?? -1) - (a.score ?? -1),
      epss: (a, b) => (b.epss ?? -1) - (a.epss ?? -1),
      fixed: (a, b) => Number(a.fixed === '') - Number(b.fixed === ''),
      layer: (a, b) => a.layer_number - b.layer_number,
      state: (a, b) => a.state_label.localeCompare(b.state_label),
    };
    const sign = query.descending ? -1 : 1;
    const compare = by[query.sort] ?? by['severity']!;
    rows.sort((a, b) => sign * compare(a, b) || a.subject.localeCompare(b.subject) || a.key - b.key);
    const scans = lines.map((line) => this.#scan(line));
    const page: B.VulnerabilityPage = {
      total: rows.length,
      all: all.length,
      rows: [],
      facets,
      kernel_hidden: query.kernel_headers ? 0 : all.filter((row) => row.kernel_headers).length,
      scans,
      picture: CATEGORIES.map((category) => {
        const inside = scans.filter((scan) => scan.category === category && scan.result !== 'not-scanned');
        const ids = new Map<string, B.VulnerabilityRow>();
        for (const row of all)
          if (row.category === category && row.counts && !row.kernel_headers && !ids.has(row.id))
            ids.set(row.id, row);
        const distinct = [...ids.values()];
        return {
          category,
          label: this.say(CATEGORY_NAMES[category]!),
          subjects: inside.length,
          counts: GRADES.map(
            (grade) => distinct.filter((row) => row.severity === grade).length,
          ) as B.CategoryBar['counts'],
          total: distinct.length,
          fixable: distinct.filter((row) => row.fixed !== '').length,
        };
      }),
    };
    return { page, rows };
  }

  view(subjects: readonly B.SubjectLine[], subject: string, key: number): B.VulnerabilityView {
    const line = subjects.find((one) => one.id === subject);
    const flaw = line && this.#flaws(line)[key];
    if (!flaw)
      throw { message: 'There is no such row; the list has changed.', details: '' } satisfies B.Failure;
    const { row, seed } = flaw;
    const debian = row.ecosystem.startsWith('Debian');
    const compared = seed.source ? seed.source.split(' ')[1]! : row.version;
    const vendor = debian ? 'Debian' : 'GitHub';
    const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:H';
    const cve = row.id.startsWith('CVE') ? row.id : '';
    const others = subjects.filter((one) => one.id !== subject && ['image', 'sbom'].includes(one.kind));
    return {
      row,
      summary: this.say(flaw.summary),
      published: '2024-05-14T16:15:00Z',
      modified: '2025-02-13T18:18:00Z',
      severities: [
        ...(row.vendor_severity
          ? [
              {
                source: vendor,
                severity: row.vendor_severity,
                said: debian ? 'not yet assigned' : 'moderate',
                score: debian ? null : row.score,
                vector: debian ? '' : 'CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:H/SC:N/SI:N/SA:N',
                counts: true,
              },
            ]
          : []),
        ...(row.nvd_severity
          ? [
              {
                source: 'NVD',
                severity: row.nvd_severity,
                said: '',
                score: row.score,
                vector,
                counts: row.vendor_severity === '',
              },
            ]
          : []),
      ],
      reasons: [
        {
          record: row.aliases[0] ?? row.id,
          source: vendor,
          feed: debian
            ? this.say({
                en: 'Debian security tracker, 2025-11-20',
                de: 'Debian Security Tracker, 2025-11-20',
              })
            : `OSV ${row.ecosystem}, 2025-11-19`,
          sentence: row.fixed
            ? this.say({
                en: `${seed.source ? `The source package ${seed.source.split(' ')[0]}` : row.package} ${compared} is older than ${row.fixed}, in which it is fixed.`,
                de: `${seed.source ? `Das Quellpaket ${seed.source.split(' ')[0]}` : row.package} ${compared} ist älter als ${row.fixed}, worin es behoben ist.`,
              })
            : this.say({
                en: `${seed.source ? `The source package ${seed.source.split(' ')[0]}` : row.package} ${compared} is affected in every version of this release; no fix is known.`,
                de: `${seed.source ? `Das Quellpaket ${seed.source.split(' ')[0]}` : row.package} ${compared} ist in jeder Version dieses Releases betroffen; eine Korrektur ist nicht bekannt.`,
              }),
          note: flaw.note,
        },
        ...(row.aliases[1]
          ? [
              {
                record: row.aliases[1],
                source: vendor,
                feed: 'Debian security advisories, 2025-11-18',
                sentence: this.say({
                  en: `${compared} lies before ${row.fixed || '…'}, which the advisory names.`,
                  de: `${compared} liegt vor ${row.fixed || '…'}, das die Meldung nennt.`,
                }),
                note: '',
              },
            ]
          : []),
      ],
      location: seed.location,
      purl: debian
        ? `pkg:deb/debian/${row.package}@${encodeURIComponent(row.version)}?arch=amd64&distro=debian-12`
        : `pkg:${row.ecosystem.toLowerCase()}/${row.package}@${row.version}`,
      source_package: seed.source,
      instruction:
        [
          'FROM debian:12',
          'RUN apt-get update && apt-get install -y --no-install-recommends curl git openssh-client vim python3-requests',
          'COPY --from=build /src/dist /srv/app',
        ][row.layer_number - 1] ?? '',
      origin_why:
        row.origin === 'base'
          ? this.say({
              en: 'The layer has the digest of a layer of debian:12, the base that the Dockerfile names.',
              de: 'Die Schicht hat den Digest einer Schicht von debian:12, der Basis laut Dockerfile.',
            })
          : this.say({
              en: 'The layer comes after the layers of debian:12.',
              de: 'Die Schicht liegt über den Schichten von debian:12.',
            }),
      exploited: row.exploited ? ['2024-06-12', '2024-07-03', key % 2 === 0] : null,
      epss_percentile: row.epss === null ? null : Math.min(0.999, 0.4 + row.epss),
      references: [
        ...(cve ? [`https://nvd.nist.gov/vuln/detail/${cve}`] : []),
        debian
          ? `https://security-tracker.debian.org/tracker/${cve}`
          : `https://github.com/advisories/${row.aliases[0] ?? row.id}`,
        'https://lists.example.org/archives/list/oss-security@lists.example.org/thread/7QK2M4N5A3X2WZ6B7C2D4E6F8G1H3J5K/',
      ],
      reproduce: [
        debian
          ? `docker run --rm --entrypoint dpkg-query IMAGE -W ${row.package}`
          : `docker run --rm --entrypoint cat IMAGE ${seed.location}`,
        ...(debian
          ? [`dpkg --compare-versions '${compared}' lt '${row.fixed || compared}' && echo affected`]
          : []),
      ],
      statements: ['not_affected', 'fixed'].includes(row.state)
        ? [
            {
              evidence: 'E-4',
              document: 'checkout-service.openvex.json, OpenVEX 0.2, ACME product security',
              status: row.state,
              justification: row.state === 'fixed' ? '' : 'vulnerable_code_not_in_execute_path',
              impact: this.say({
                en: 'The service never parses certificates of clients.',
                de: 'Der Dienst wertet nie Zertifikate von Clients aus.',
              }),
              at: '2025-11-12T10:00:00Z',
            },
          ]
        : [],
      acceptances: this.#speakTo(row),
      also: seed.source ? [[`${row.package}-dev`, row.version]] : [],
      elsewhere: others.slice(0, key % 3).map((one) => [one.id, one.name]),
    };
  }

  accept(subjects: readonly B.SubjectLine[], args: B.NewAcceptance, author: string): string {
    if (args.owner.trim() === '' || args.reason.trim() === '')
      throw {
        message: 'Name who answers for the risk, and why it is accepted.',
        details: '',
      } satisfies B.Failure;
    if (args.expires <= TODAY && args.expires < '2025-11-24')
      throw {
        message: `The last day, ${args.expires}, is past; name a later one.`,
        details: '',
      } satisfies B.Failure;
    const id = `A-${this.acceptances.length + 1}`;
    this.acceptances.push({
      ...args,
      id,
      subject_name: subjects.find((line) => line.id === args.subject)?.name ?? '',
      expired: false,
      author,
      at: NOW,
      rows: 1,
    });
    return id;
  }

  withdraw(id: string): void {
    if (!this.acceptances.some((one) => one.id === id))
      throw { message: `There is no acceptance ${id}.`, details: '' } satisfies B.Failure;
    this.acceptances = this.acceptances.filter((one) => one.id !== id);
  }

  setCategory(subject: string, category: string | null): void {
    if (category === null) this.#categories.delete(subject);
    else this.#categories.set(subject, category);
  }

  comparisons(subjects: readonly B.SubjectLine[], subject: string, lines: boolean): B.ComparisonView[] {
    const line = subjects.find((one) => one.id === subject);
    if (!line || line.id !== 'sub-1') return [];
    const ours = this.#flaws(line).slice(0, 260);
    const compared: B.ComparedView[] = ours.map(({ row }, at) => {
      const by = at % 11 === 3 ? 'ours' : at % 7 === 2 ? 'theirs' : 'both';
      return {
        by,
        id: row.id,
        package: row.package,
        version: row.version,
        our_severity: by === 'theirs' ? '' : row.severity,
        their_severity: by === 'ours' ? '' : row.nvd_severity || 'unknown',
        why:
          by === 'both'
            ? ''
            : by === 'ours'
              ? this.say({
                  en: 'It leaves out what Debian puts off (no-dsa).',
                  de: 'Dort fehlt, was Debian verschiebt (no-dsa).',
                })
              : at % 2
                ? this.say({
                    en: 'A Debian package owns this file, and Debian says it is fixed in 2.28.1-1+deb12u1.',
                    de: 'Ein Debian-Paket besitzt diese Datei; laut Debian ist es in 2.28.1-1+deb12u1 behoben.',
                  })
                : '',
      };
    });
    compared.sort((a, b) => Number(a.by === 'both') - Number(b.by === 'both'));
    const n = (by: string) => compared.filter((one) => one.by === by).length;
    const one = (evidence: string, tool: string, same: string): B.ComparisonView => ({
      evidence,
      tool,
      artifact: line.name,
      database: '2025-11-20T06:12:00Z',
      same_image: same,
      both: n('both'),
      only_ours: n('ours'),
      only_theirs: n('theirs'),
      lines: lines ? compared : [],
      notes:
        same === 'same'
          ? []
          : [
              this.say({
                en: 'The results name no digest, only the name of the image.',
                de: 'Die Ergebnisse nennen keinen Digest, nur den Namen des Images.',
              }),
            ],
    });
    return [one('E-1', 'Trivy 0.57.1', 'same'), one('E-5', 'Grype 0.85.0', 'unknown')];
  }
}
