// The helpers that turn values into what the reader sees.
import { describe, expect, it } from 'vitest';
import {
  baseName,
  bytes,
  dateTime,
  ends,
  folderOf,
  fromBase64,
  joinPath,
  middle,
  percent,
  pieces,
  shortDigest,
  slug,
  toBase64,
} from '../src/lib/format';

describe('texts', () => {
  it('cuts the middle and keeps the length', () => {
    expect(middle('short', 10)).toBe('short');
    const cut = middle('/home/auditor/very/long/path/Dockerfile', 15);
    expect(cut).toHaveLength(15);
    expect(cut.startsWith('/home')).toBe(true);
    expect(cut.endsWith('kerfile')).toBe(true);
  });

  it('splits without losing a letter', () => {
    for (const text of ['', 'a', 'registry.example.com:5000/team/app:1.2.3'])
      expect(ends(text, 8).join('')).toBe(text);
  });

  it('shortens digests with and without their algorithm', () => {
    expect(shortDigest('sha256:0123456789abcdef')).toBe('0123456789ab');
    expect(shortDigest('0123456789abcdef', 4)).toBe('0123');
  });

  it('marks code between backticks', () => {
    expect(pieces('use `COPY` here')).toEqual([
      { code: false, text: 'use ' },
      { code: true, text: 'COPY' },
      { code: false, text: ' here' },
    ]);
  });
});

describe('paths', () => {
  it('makes a file name of any title', () => {
    expect(slug('Prüfung der Größen: Q4/2025')).toBe('pruefung-der-groessen-q4-2025');
    expect(slug('Café “Zürich”')).toBe('cafe-zuerich');
    expect(slug('../../etc/passwd')).toBe('etc-passwd');
    expect(slug('  ')).toBe('engagement');
    expect(slug('x'.repeat(300)).length).toBeLessThanOrEqual(80);
  });

  it('works with both kinds of separators', () => {
    expect(joinPath('/home/a', 'b.pdf')).toBe('/home/a/b.pdf');
    expect(joinPath('/', 'b.pdf')).toBe('/b.pdf');
    expect(joinPath('C:\\Users\\a', 'b.pdf')).toBe('C:\\Users\\a\\b.pdf');
    expect(folderOf('/home/a/b.pdf')).toBe('/home/a');
    expect(folderOf('C:\\Users\\b.pdf')).toBe('C:\\Users');
    expect(baseName('/home/a/b.pdf')).toBe('b.pdf');
  });
});

describe('figures', () => {
  it('counts bytes as Docker does', () => {
    expect(bytes(0)).toBe('0 B');
    expect(bytes(999)).toBe('999 B');
    expect(bytes(412_800_000)).toBe('412.8 MB');
  });

  it('never says 0 % of something', () => {
    expect(percent(0)).toBe('0 %');
    expect(percent(0.004)).toBe('<1 %');
    expect(percent(0.58)).toBe('58 %');
    expect(percent(2)).toBe('100 %');
  });

  it('shows dates in ISO order and leaves other text alone', () => {
    expect(dateTime('2025-11-21T09:12:04')).toBe('2025-11-21 09:12');
    expect(dateTime('')).toBe('');
    expect(dateTime('soon')).toBe('soon');
  });
});

describe('base64', () => {
  it('gives the same bytes back', async () => {
    const bytes = Uint8Array.from({ length: 300 }, (_, at) => at % 256);
    expect(fromBase64(await toBase64(new Blob([bytes])))).toEqual(bytes);
  });

  it('takes an empty file', async () => {
    expect(await toBase64(new Blob([]))).toBe('');
  });
});
