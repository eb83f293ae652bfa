// The window's entry: sets theme and language, then draws the application.
import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import './styles/tokens.css';
import './styles/base.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { workbench } from './lib/state.svelte';

const host = document.getElementById('app')!;

// A build for the product has neither of the two modes, so the mock is left out of it.
if (import.meta.env.MODE === 'mock' || (import.meta.env.DEV && !('__TAURI_INTERNALS__' in window))) {
  const mock = await import('./lib/mock');
  mock.install();
  workbench.begin();
  mount(App, { target: host });
  await mock.stage(workbench);
} else {
  workbench.begin();
  mount(App, { target: host });
}
