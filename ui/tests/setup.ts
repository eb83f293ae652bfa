// What every test starts from: English, no memory of earlier windows.
import { configure } from '@testing-library/svelte';
import { beforeEach } from 'vitest';
import { speak } from '../src/lib/api';
import { i18n } from '../src/lib/i18n/index.svelte';
import { workbench } from '../src/lib/state.svelte';

// A busy machine is no failure.
configure({ asyncUtilTimeout: 10_000 });

beforeEach(() => {
  localStorage.clear();
  i18n.language = 'en';
  speak('en');
  workbench.engagement = null;
  workbench.failure = null;
  workbench.toasts = [];
  workbench.run = null;
  workbench.help = false;
  workbench.stopAdding();
  workbench.openRegistry = null;
  workbench.settingsDraft = null;
  workbench.probings.clear();
  workbench.filters.clear();
  workbench.openVulnerability = null;
  workbench.hideSummary = false;
  workbench.writing = null;
  workbench.matching = false;
  workbench.openCell = null;
  workbench.openRequirement = null;
  workbench.openSubject = null;
  workbench.drafts.clear();
  workbench.openRuntime = null;
  workbench.addingHost = false;
  workbench.imported = null;
  workbench.importing = 0;
});
