// What a PEM text holds, told by its headings alone. Whether it can be read is for the program to say.

export interface PemKinds {
  keys: number;
  certificates: number;
  /** A private key must never be kept in an engagement. */
  secrets: number;
  /** Blocks of another kind. */
  others: number;
}

export function pemKinds(text: string): PemKinds {
  const found: PemKinds = { keys: 0, certificates: 0, secrets: 0, others: 0 };
  for (const [, name] of text.matchAll(/-----BEGIN ([A-Z0-9 ]{1,60})-----/g)) {
    if (name!.endsWith('PRIVATE KEY')) found.secrets += 1;
    else if (name!.endsWith('PUBLIC KEY')) found.keys += 1;
    else if (name!.endsWith('CERTIFICATE')) found.certificates += 1;
    else found.others += 1;
  }
  return found;
}

export type PemWanted = 'key' | 'certificate';
export type PemProblem = 'pem-missing' | 'pem-secret' | 'pem-key' | 'pem-certificate';

/** What stands against a text as key or as certificates; an empty one is wrong only where one is needed. */
export function pemProblem(text: string, wanted: PemWanted, needed = true): PemProblem | null {
  if (text.trim() === '') return needed ? 'pem-missing' : null;
  const kinds = pemKinds(text);
  if (kinds.secrets > 0) return 'pem-secret';
  if (wanted === 'key') return kinds.keys === 1 && kinds.certificates + kinds.others === 0 ? null : 'pem-key';
  return kinds.certificates > 0 && kinds.keys + kinds.others === 0 ? null : 'pem-certificate';
}
