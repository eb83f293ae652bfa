// A long list that is asked for page by page: which rows are there, which pages are missing, and which are let go.

/** Pages of a list, by their number from 0; the ones used longest ago are let go. */
export class Pages<T> {
  readonly #pages = new Map<number, readonly T[]>();

  constructor(
    /** Rows on a page. */
    readonly size: number,
    /** How many pages are kept. */
    readonly keep: number,
  ) {}

  get held(): number {
    return this.#pages.size;
  }

  clear(): void {
    this.#pages.clear();
  }

  /** A row; undefined while its page is not there. */
  get(index: number): T | undefined {
    if (index < 0) return undefined;
    return this.#pages.get(Math.floor(index / this.size))?.[index % this.size];
  }

  put(page: number, rows: readonly T[]): void {
    this.#pages.delete(page);
    this.#pages.set(page, rows);
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= this.keep) break;
      this.#pages.delete(oldest);
    }
  }

  /** The pages that the rows from `from` up to before `to` need and that are not there; those that are stay longest. */
  missing(from: number, to: number): number[] {
    const found: number[] = [];
    if (to <= from) return found;
    for (let page = Math.floor(Math.max(0, from) / this.size); page * this.size < to; page += 1) {
      const rows = this.#pages.get(page);
      if (rows) this.put(page, rows);
      else found.push(page);
    }
    return found;
  }
}
