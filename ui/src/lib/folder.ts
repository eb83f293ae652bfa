// Paths inside an image, and where in its trees an entry is to be shown.
import type { FolderView, TreeRow } from './bindings';

/** Any spelling of a path in an image as an absolute one without a closing slash. */
export function clean(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** The folder above; the root is above itself. */
export function parentOf(path: string): string {
  const plain = clean(path);
  return plain.slice(0, plain.lastIndexOf('/')) || '/';
}

export interface Crumb {
  name: string;
  path: string;
}

/** The folders from the root to this one. */
export function crumbs(path: string): Crumb[] {
  const found: Crumb[] = [{ name: '/', path: '/' }];
  let at = '';
  for (const name of clean(path).split('/').filter(Boolean)) {
    at += `/${name}`;
    found.push({ name, path: at });
  }
  return found;
}

/** Where a link leads, as a path in the image. */
export function linkTarget(row: Pick<TreeRow, 'path' | 'link' | 'kind'>): string {
  if (row.link.startsWith('/') || row.kind === 'hard-link') return clean(row.link);
  return clean(`${parentOf(row.path)}/${row.link}`);
}

export const isFolder = (row: Pick<TreeRow, 'kind'>) => row.kind === 'directory';

/** Rows whose name holds every word. */
export function named(rows: readonly TreeRow[], filter: string): TreeRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows as TreeRow[];
  return rows.filter((row) => {
    const name = row.name.toLowerCase();
    return words.every((word) => name.includes(word));
  });
}

export interface Slice {
  from: number;
  to: number;
}

/** Which rows of a long list are drawn: those in view and some around them. */
export function inView(top: number, height: number, rowHeight: number, count: number, around = 12): Slice {
  const from = Math.max(0, Math.floor(top / rowHeight) - around);
  const to = Math.min(count, Math.ceil((top + height) / rowHeight) + around);
  return { from: Math.min(from, count), to: Math.max(to, Math.min(from, count)) };
}

export interface Found {
  layer: number | null;
  path: string;
  select: string | null;
  /** Neither tree lists the entry. */
  missing: boolean;
}

type ReadFolder = (layer: number | null, path: string) => Promise<FolderView>;

/** The folder that shows an entry: of the merged tree while that shows the layer's own entry, else of the layer. Without a layer, the last of `layers` that holds it. */
export async function locate(
  read: ReadFolder,
  entry: string,
  layer: number | null,
  layers: readonly number[] = [],
): Promise<Found> {
  const path = clean(entry);
  if (path === '/') return { layer, path, select: null, missing: false };
  const folder = parentOf(path);
  const look = async (from: number | null): Promise<TreeRow | undefined> => {
    try {
      return (await read(from, folder)).rows.find((row) => row.path === path);
    } catch {
      // A folder that this tree does not have is as good as an entry that is not in it.
      return undefined;
    }
  };
  const merged = await look(null);
  if (merged && merged.state === 'visible' && (layer === null || isFolder(merged) || merged.layer === layer))
    return { layer: null, path: folder, select: path, missing: false };
  if (layer !== null && (await look(layer))) return { layer, path: folder, select: path, missing: false };
  if (merged) return { layer: null, path: folder, select: path, missing: false };
  if (layer === null)
    for (const other of [...layers].sort((a, b) => b - a))
      if (await look(other)) return { layer: other, path: folder, select: path, missing: false };
  return { layer: null, path: '/', select: null, missing: true };
}
