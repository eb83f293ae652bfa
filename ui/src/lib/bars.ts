// The drawing of stacked bars: where each part begins and how wide it is.

export interface Part {
  /** Which of the counts. */
  at: number;
  count: number;
  x: number;
  width: number;
}

/** The narrowest that a part is still seen, and the gap between two, in pixels. */
export const LEAST = 4;
export const SPACE = 1;

/** The parts of one bar in `width` pixels, where `most` would fill it. What is counted is seen: no part is narrower than `LEAST`. */
export function partsOf(counts: readonly number[], most: number, width: number): Part[] {
  const total = counts.reduce((sum, count) => sum + Math.max(0, count), 0);
  if (total <= 0 || most <= 0 || width <= 0) return [];
  const shown = counts.flatMap((count, at) => (count > 0 ? [{ at, count }] : []));
  const gaps = SPACE * (shown.length - 1);
  const needed = LEAST * shown.length + gaps;
  const bar = Math.min(width, Math.max(needed, (width * total) / Math.max(most, total)));
  // Room is first given to those that would not be seen, and the rest is shared by the others.
  let room = Math.max(0, bar - gaps);
  let rest = total;
  const small = new Set<number>();
  for (let again = true; again;) {
    again = false;
    for (const { at, count } of shown) {
      if (small.has(at) || rest <= 0 || (room * count) / rest >= LEAST) continue;
      small.add(at);
      room -= LEAST;
      rest -= count;
      again = true;
    }
  }
  let x = 0;
  return shown.map(({ at, count }) => {
    const part = { at, count, x, width: small.has(at) ? LEAST : (room * count) / rest };
    x += part.width + SPACE;
    return part;
  });
}

/** Round values of an axis up to what holds `most`: 0, then at most `steps` more. */
export function ticks(most: number, steps = 4): number[] {
  if (most <= 0) return [0];
  const rough = most / steps;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, [1, 2, 5, 10].map((by) => by * power).find((by) => by >= rough) ?? 10 * power);
  const found: number[] = [];
  for (let at = 0; at < most + step; at += step) found.push(Math.round(at));
  return found;
}
