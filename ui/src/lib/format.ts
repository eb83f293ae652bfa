// Small pure helpers that turn values into what the reader sees.
import type { LevelView } from './bindings';

/** Cuts the middle out of a long text so that both ends stay readable. */
export function middle(text: string, max: number): string {
  const letters = Array.from(text);
  if (letters.length <= max) return text;
  const tail = Math.max(1, Math.floor((max - 1) / 2));
  const head = Math.max(1, max - 1 - tail);
  return `${letters.slice(0, head).join('')}…${letters.slice(letters.length - tail).join('')}`;
}

/** `sha256:0123456789ab…` as the twelve digits that people compare. */
export function shortDigest(digest: string, digits = 12): string {
  const hex = digest.includes(':') ? digest.slice(digest.indexOf(':') + 1) : digest;
  return hex.slice(0, digits);
}

/** A title as a file name that every system takes. */
export function slug(title: string): string {
  const plain = title
    .replace(/ä/g, 'ae')
    .replace(/ö/g, 'oe')
    .replace(/ü/g, 'ue')
    .replace(/Ä/g, 'Ae')
    .replace(/Ö/g, 'Oe')
    .replace(/Ü/g, 'Ue')
    .replace(/ß/g, 'ss')
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase();
  return Array.from(plain).slice(0, 80).join('').replace(/-+$/, '') || 'engagement';
}

function separator(path: string): string {
  return path.includes('\\') && !path.includes('/') ? '\\' : '/';
}

export function joinPath(folder: string, name: string): string {
  if (!folder) return name;
  const mark = separator(folder);
  return folder.endsWith(mark) ? folder + name : folder + mark + name;
}

export function folderOf(path: string): string {
  const at = path.lastIndexOf(separator(path));
  return at > 0 ? path.slice(0, at) : '';
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf(separator(path)) + 1);
}

/** The text before and after the place where a narrow field may cut it. */
export function ends(text: string, tail = 12): [string, string] {
  if (text.length <= tail + 4) return [text, ''];
  const at = text.length - tail;
  return [text.slice(0, at), text.slice(at)];
}

const two = (value: number) => String(value).padStart(2, '0');

/** RFC 3339 as a local `2025-11-24 10:07`; what is not a date stays as it is. */
export function dateTime(value: string): string {
  const at = new Date(value);
  if (!value || Number.isNaN(at.getTime())) return value;
  return `${dayOf(at)} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function day(value: string): string {
  const at = new Date(value);
  return !value || Number.isNaN(at.getTime()) ? value : dayOf(at);
}

function dayOf(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Bytes for people, in powers of ten as Docker counts. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = Math.max(0, count);
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function total(level: LevelView): number {
  return level.satisfied + level.failed + level.not_applicable + level.open;
}

export function percent(share: number): string {
  const value = Math.min(1, Math.max(0, share)) * 100;
  return value > 0 && value < 1 ? '<1 %' : `${Math.round(value)} %`;
}

/** Text with `code` in backticks, in pieces. */
export function pieces(text: string): { code: boolean; text: string }[] {
  return text
    .split('`')
    .map((part, at) => ({ code: at % 2 === 1, text: part }))
    .filter((part) => part.text !== '');
}

/** The bytes of a blob as base64, read by the browser so that large files do not block. */
export function toBase64(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      const url = String(reader.result);
      resolve(url.slice(url.indexOf(',') + 1));
    };
    reader.onerror = () => reject(reader.error ?? new Error('unreadable'));
    reader.readAsDataURL(blob);
  });
}

export function fromBase64(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}
