// Both languages say the same things with the same places for values.
import { describe, expect, it } from 'vitest';
import { de } from '../src/lib/i18n/de';
import { en } from '../src/lib/i18n/en';
import { i18n, t, tn, word, type Key } from '../src/lib/i18n/index.svelte';

const keys = Object.keys(en) as Key[];
const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

describe('texts', () => {
  it('are complete in both languages', () => {
    expect(Object.keys(de).sort()).toEqual([...keys].sort());
    for (const key of keys) {
      expect(en[key].trim(), key).not.toBe('');
      expect(de[key].trim(), key).not.toBe('');
    }
  });

  it('have the same values in the same key', () => {
    for (const key of keys) expect(places(de[key]), key).toEqual(places(en[key]));
  });

  it('that are counted have both forms', () => {
    for (const key of keys.filter((name) => name.endsWith('.one') && !name.startsWith('help.')))
      expect(keys).toContain(key.replace(/\.one$/, '.other'));
  });

  it('hold no address of the old ß or of typing in ASCII', () => {
    for (const key of keys) expect(de[key], key).not.toMatch(/\b(fuer|ueber|koennen|Pruef\w+)\b/);
  });

  it('take values and follow the language', () => {
    expect(t('level.image', { n: 2, x: 3, y: 9 })).toBe(
      'Image-related requirements of level 2: 3 of 9 satisfied',
    );
    expect(tn('drafts', 1)).toBe('1 unsaved draft');
    expect(tn('drafts', 2)).toBe('2 unsaved drafts');
    i18n.language = 'de';
    expect(tn('drafts', 2)).toBe('2 ungespeicherte Entwürfe');
    expect(word('status', 'not-satisfied')).toBe('Nicht erfüllt');
  });

  it('show an unknown word of the program as it is', () => {
    expect(word('status', 'brand-new')).toBe('brand-new');
  });

  it('never claim a level for images alone', () => {
    for (const [key, text] of Object.entries({ ...en })) {
      if (key.startsWith('image-verdict') || key.startsWith('level.image'))
        expect(text).not.toMatch(/achieved/i);
    }
  });
});

describe('words of the results contract', () => {
  const contract: Record<string, string[]> = {
    status: [
      'pass',
      'fail',
      'not-applicable',
      'undecided',
      'error',
      'none',
      'satisfied',
      'not-satisfied',
      'open',
      'achieved',
      'not-achieved',
      'incomplete',
    ],
    outcome: ['pass', 'fail', 'not-applicable', 'undecided', 'error', 'none'],
    'decided-by': ['check', 'auditor', 'nobody'],
    severity: ['critical', 'high', 'medium', 'low', 'info', 'none', 'unknown'],
    kind: ['image', 'dockerfile', 'compose', 'registry', 'sbom', 'host', 'container', 'solution'],
    mode: ['automated', 'assisted', 'manual'],
    'coverage.mode': ['automated', 'assisted', 'manual'],
    'check.group': ['host', 'swarm', 'workload', 'container', 'runtime'],
    strength: ['decisive', 'supporting'],
    role: ['development', 'security', 'operations'],
    'run-state': ['completed', 'cancelled', 'completed-with-errors'],
    'evidence-kind': ['file', 'text', 'screenshot'],
    'image-verdict': ['achieved', 'not-achieved', 'incomplete'],
    profile: ['image', 'full'],
    'vuln.result': [
      'matched',
      'none-found',
      'no-data',
      'past-end-of-life',
      'no-database',
      'not-read',
      'not-scanned',
    ],
    'vuln.category': ['os', 'database', 'language', 'web', 'platform', 'unknown'],
    'vuln.category-from': ['auditor', 'name', 'content'],
    'vuln.support': ['supported', 'extended', 'ended', 'unknown'],
    'vuln.origin': ['base', 'own', 'unknown'],
    'vuln.vex': ['not-affected', 'affected', 'fixed', 'under-investigation'],
    'compare.same': ['same', 'other', 'unknown'],
    compare: ['both', 'ours', 'theirs'],
    'settings.vuln.severity': ['vendor-first', 'nvd-first', 'highest'],
    'settings.vuln.fail_from': ['critical', 'high', 'medium', 'low', 'none'],
    tone: ['good', 'bad', 'neutral', 'unknown'],
    link: ['anchor', 'certificate', 'role', 'log', 'signature', 'payload', 'digest'],
    answer: ['found', 'absent', 'refused', 'failed', 'not-tried'],
    'notation-level': ['strict', 'permissive', 'audit', 'skip'],
    'settings.wrong': [
      'what-approved',
      'same',
      'reason',
      'name',
      'subject',
      'scopes',
      'identities',
      'gun',
      'pin',
      'key-ids',
      'pem-missing',
      'pem-secret',
      'pem-key',
      'pem-certificate',
    ],
  };

  it('all have a text', () => {
    for (const [group, ids] of Object.entries(contract))
      for (const id of ids) expect(keys as string[]).toContain(`${group}.${id}`);
  });
});
