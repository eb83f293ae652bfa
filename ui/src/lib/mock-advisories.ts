// The stand-in's advisory database: what is in it, and what an import does. Not in the product.
import type * as B from './bindings';
import type { Both } from './mock-vulnerability-data';

export interface MockScanOptions {
  /** How many rows the first image has. */
  rows?: number;
  /** There is no advisory database. */
  noDatabase?: boolean;
  /** The database cannot be used, or what is imported is refused. */
  broken?: boolean;
}

export class MockAdvisories {
  exists: boolean;
  readonly #options: MockScanOptions;

  constructor(
    options: MockScanOptions,
    private readonly say: (text: Both) => string,
    private readonly sha: (seed: string) => string,
  ) {
    this.#options = options;
    this.exists = !options.noDatabase;
  }

  database(): B.DatabaseView {
    const feed = (
      id: string,
      title: string,
      snapshot: string,
      age: number | null,
      records: number,
      ecosystems: string[],
      origin: string,
    ): B.FeedView => ({
      feed: id,
      title,
      snapshot,
      age_days: age,
      imported: '2025-11-21T08:40:12Z',
      origin,
      sha256: this.sha(id).slice(7),
      records,
      ecosystems,
    });
    const path = '/home/auditor/.local/share/plimsoll/advisories.db';
    const update = (id: string, title: string, host: string, size: string): B.UpdateView => ({
      id,
      title,
      host,
      size,
    });
    const updates = [
      update('debian-tracker', 'Debian security tracker', 'security-tracker.debian.org', '68 MB'),
      update('osv:Debian', 'OSV: Debian', 'osv-vulnerabilities.storage.googleapis.com', '41 MB'),
      update('alpine-secdb', 'Alpine secdb', 'secdb.alpinelinux.org', '9 MB'),
      update('osv:PyPI', 'OSV: PyPI', 'osv-vulnerabilities.storage.googleapis.com', '19 MB'),
      update('osv:npm', 'OSV: npm', 'osv-vulnerabilities.storage.googleapis.com', '180 MB'),
      update(
        'kev',
        this.say({ en: 'CISA: known exploited', de: 'CISA: ausgenutzte Schwachstellen' }),
        'www.cisa.gov',
        '1.3 MB',
      ),
      update('epss', 'FIRST EPSS', 'epss.empiricalsecurity.com', '2.1 MB'),
    ];
    if (!this.exists) return { path, exists: false, problem: '', size: '', id: '', sources: [], updates };
    return {
      path,
      exists: true,
      problem: this.#options.broken
        ? this.say({
            en: 'It was written by a newer version of Plimsoll (form 4; this one reads up to 3). Update the program, or import the sources again.',
            de: 'Sie stammt von einer neueren Version von Plimsoll (Form 4; diese liest bis 3). Das Programm aktualisieren oder die Quellen neu importieren.',
          })
        : '',
      size: '31.4 MB',
      id: this.sha('database').slice(7),
      sources: this.#options.broken
        ? []
        : [
            feed(
              'debian-tracker',
              'Debian security tracker',
              '2025-11-20',
              4,
              61204,
              ['Debian:11', 'Debian:12', 'Debian:13'],
              '/media/usb0/advisories/2025-11-20/debian-security-tracker.json',
            ),
            feed(
              'alpine-secdb',
              'Alpine secdb',
              '2025-11-19',
              5,
              88170,
              Array.from({ length: 22 }, (_, at) => `Alpine:3.${at}`),
              '/media/usb0/advisories/2025-11-20/secdb',
            ),
            feed(
              'osv:PyPI',
              'OSV: PyPI',
              '2025-11-19',
              5,
              24025,
              ['PyPI'],
              'https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip',
            ),
            feed(
              'osv:npm',
              'OSV: npm',
              '2025-10-02',
              53,
              223047,
              ['npm'],
              '/media/usb0/advisories/2025-10-02/npm/all.zip',
            ),
            feed(
              'kev',
              this.say({
                en: 'CISA: known exploited vulnerabilities',
                de: 'CISA: bekanntermaßen ausgenutzte Schwachstellen',
              }),
              '2025.11.20',
              4,
              1404,
              [],
              'https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json',
            ),
            feed('epss', 'FIRST EPSS', '', null, 291330, [], '/media/usb0/advisories/epss_scores.csv.gz'),
          ],
      updates,
    };
  }

  /** What an import would do; throws what it would refuse. */
  imported(paths: readonly string[]): B.ImportEnded {
    if (this.#options.broken || paths.some((path) => /broken/.test(path)))
      throw {
        message: `${paths[0] ?? 'PyPI/all.zip'} was refused: PYSEC-2024-77.json is no advisory (line 14: "introduced" stands beside "fixed"). The database is as it was.`,
        details: 'osv: ranges[0].events[1]: more than one kind of event in one object',
      } satisfies B.Failure;
    this.exists = true;
    return {
      database: this.database(),
      written: [
        ['Debian security tracker', 61204],
        ['OSV: PyPI', 24031],
      ],
      unchanged: ['Alpine secdb'],
      notes: [
        this.say({
          en: '17 records were taken back by their source and match nothing.',
          de: '17 Datensätze hat ihre Quelle zurückgezogen; sie treffen auf nichts zu.',
        }),
        this.say({
          en: '3 ranges over commits cannot be compared and were left out.',
          de: '3 Bereiche über Commits sind nicht vergleichbar und entfielen.',
        }),
      ],
    };
  }
}
