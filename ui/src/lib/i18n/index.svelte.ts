// The language of the window and the functions that give a text in it.
import type { Language } from '../api';
import { de } from './de';
import { en } from './en';

export type Key = keyof typeof en;
/** Texts that come in two forms: `NAME.one` and `NAME.other`. */
export type Counted = Key extends infer K ? (K extends `${infer Name}.one` ? Name : never) : never;

const texts: Record<Language, Record<Key, string>> = { en, de };

class I18n {
  language = $state<Language>('en');
}

export const i18n = new I18n();

export function t(key: Key, values: Record<string, string | number> = {}): string {
  return texts[i18n.language][key].replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in values ? String(values[name]) : whole,
  );
}

export function tn(name: Counted, n: number, values: Record<string, string | number> = {}): string {
  return t(`${name}.${n === 1 ? 'one' : 'other'}` as Key, { n, ...values });
}

/** A text whose key is built from an id of the program; the id itself if there is none. */
export function word(group: string, id: string): string {
  const key = `${group}.${id}`;
  return key in en ? t(key as Key) : id;
}
