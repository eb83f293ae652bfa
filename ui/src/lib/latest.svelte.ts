// A value that is fetched again when what it depends on changes; an answer that comes late is dropped.
import { toFailure } from './api';
import type { Failure } from './bindings';

export interface Latest<T> {
  readonly value: T | null;
  readonly failure: Failure | null;
}

/** To be called while a component is set up. The value stays until the next one is there, so its reader checks what it is about. */
export function latest<T>(depends: () => unknown[], fetch: () => Promise<T>): Latest<T> {
  let value = $state.raw<T | null>(null);
  let failure = $state.raw<Failure | null>(null);
  let asked = 0;

  $effect(() => {
    depends();
    const mine = ++asked;
    fetch().then(
      (next) => {
        if (mine !== asked) return;
        value = next;
        failure = null;
      },
      (error: unknown) => {
        if (mine !== asked) return;
        value = null;
        failure = toFailure(error);
      },
    );
    return () => {
      asked += 1;
    };
  });

  return {
    get value() {
      return value;
    },
    get failure() {
      return failure;
    },
  };
}
