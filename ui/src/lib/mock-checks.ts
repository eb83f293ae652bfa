// What the stand-in's checks say of themselves. Not in the product.
type Both = { en: string; de: string };

export interface CheckText {
  id: string;
  use_case: string;
  title: Both;
  aliases: [string, string][];
}

const check = (
  use_case: string,
  id: string,
  en: string,
  de: string,
  aliases: [string, string][] = [],
): CheckText => ({
  id,
  use_case,
  title: { en, de },
  aliases,
});

export const CHECKS: CheckText[] = [
  check('A1', 'official-image', 'The base is an official image', 'Die Basis ist ein offizielles Image'),
  check(
    'A2',
    'base-image-trust',
    'The base image is signed and comes from a trusted source',
    'Das Basis-Image ist signiert und stammt aus vertrauenswürdiger Quelle',
    [['CIS Docker', '4.2']],
  ),
  check('A3', 'image-waste', 'Few bytes are stored for nothing', 'Wenige Bytes werden umsonst gespeichert', [
    ['dive', 'lowestEfficiency'],
  ]),
  check(
    'A3',
    'image-content',
    'The image holds only what the service needs',
    'Das Image enthält nur, was der Dienst braucht',
    [['CIS Docker', '4.3']],
  ),
  check(
    'A4',
    'unneeded-packages',
    'No tools that a service does not need',
    'Keine Werkzeuge, die ein Dienst nicht braucht',
    [
      ['CIS Docker', '4.3'],
      ['hadolint', 'DL3001'],
    ],
  ),
  check(
    'A5',
    'build-cache',
    'The image is fresh and was made in one build',
    'Das Image ist frisch und aus einem Build',
  ),
  check(
    'B1',
    'base-image-pinned',
    'The base image is pinned by digest',
    'Das Basis-Image ist per Digest festgelegt',
    [
      ['hadolint', 'DL3006'],
      ['hadolint', 'DL3007'],
      ['KICS', '555ab8f9'],
    ],
  ),
  check(
    'B1',
    'image-tagged',
    'The image carries a tag that is not latest',
    'Das Image trägt ein anderes Tag als latest',
    [['Trivy', 'DS001']],
  ),
  check(
    'B2',
    'update-with-install',
    'apt-get update stands with install in one RUN',
    'apt-get update steht mit install in einem RUN',
    [
      ['hadolint', 'DL3009'],
      ['Trivy', 'DS017'],
      ['CIS Docker', '4.7'],
    ],
  ),
  check('B3', 'copy-not-add', 'COPY is used where ADD is not needed', 'COPY steht, wo ADD nicht nötig ist', [
    ['hadolint', 'DL3020'],
    ['Trivy', 'DS005'],
    ['CIS Docker', '4.9'],
  ]),
  check('B4', 'healthcheck-defined', 'A health check is defined', 'Ein Health Check ist definiert', [
    ['Trivy', 'DS026'],
    ['CIS Docker', '4.6'],
  ]),
  check(
    'B5',
    'no-secrets',
    'No secrets in the image or its build',
    'Keine Secrets im Image oder in seinem Build',
    [
      ['CIS Docker', '4.10'],
      ['dockle', 'CIS-DI-0010'],
    ],
  ),
  check('C1', 'image-signed', 'The image is signed', 'Das Image ist signiert', [['CIS Docker', '4.5']]),
  check('C2', 'registry-authentication', 'The registry asks who one is', 'Die Registry fragt, wer man ist'),
  check(
    'D1',
    'non-root-user',
    'The process runs as a user of its own',
    'Der Prozess läuft unter einem eigenen Benutzer',
    [
      ['hadolint', 'DL3002'],
      ['Trivy', 'DS002'],
      ['CIS Docker', '4.1'],
    ],
  ),
  check(
    'D2',
    'permissions-removed',
    'No superfluous set-id bits and capabilities',
    'Keine überflüssigen Set-ID-Bits und Capabilities',
    [
      ['CIS Docker', '4.8'],
      ['dockle', 'CIS-DI-0008'],
    ],
  ),
];

export const PAGE: Record<'why' | 'how' | 'blind_spots' | 'remedy', Both> = {
  why: {
    en: '`ADD` unpacks archives and fetches addresses by itself. What it brings in changes without a change in the Dockerfile.',
    de: '`ADD` entpackt Archive und lädt Adressen von selbst. Was es holt, ändert sich, ohne dass sich das Dockerfile ändert.',
  },
  how: {
    en: 'Each `ADD` of the final stage is read. A local source that is no archive, or an address without `--checksum`, fails.',
    de: 'Jedes `ADD` der letzten Stufe wird gelesen. Eine lokale Quelle, die kein Archiv ist, oder eine Adresse ohne `--checksum` besteht nicht.',
  },
  blind_spots: {
    en: 'Instructions of a parent image are only seen through its history, not with their sources.',
    de: 'Anweisungen eines Eltern-Images sind nur über dessen Verlauf sichtbar, nicht mit ihren Quellen.',
  },
  remedy: {
    en: 'Use `COPY` for local files. For downloads, use `ADD --checksum=sha256:…` or `curl` with `sha256sum -c` in one `RUN`.',
    de: 'Für lokale Dateien `COPY` verwenden. Für Downloads `ADD --checksum=sha256:…` oder `curl` mit `sha256sum -c` in einem `RUN`.',
  },
};
