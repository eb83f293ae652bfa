// How keys move through lists and grids, and when letters are text.
import { describe, expect, it } from 'vitest';
import { isPlain, isTyping, moveInGrid, moveInList } from '../src/lib/keys';

const size = { rows: 14, columns: 3 };
const grid = (key: string, row: number, column: number, ctrlKey = false) =>
  moveInGrid({ key, ctrlKey }, { row, column }, size);

describe('a grid', () => {
  it('moves by arrows and stops at its edges', () => {
    expect(grid('ArrowDown', 0, 1)).toEqual({ row: 1, column: 1 });
    expect(grid('ArrowUp', 0, 1)).toEqual({ row: 0, column: 1 });
    expect(grid('ArrowRight', 2, 2)).toEqual({ row: 2, column: 2 });
    expect(grid('ArrowLeft', 2, 2)).toEqual({ row: 2, column: 1 });
    expect(grid('ArrowDown', 13, 0)).toEqual({ row: 13, column: 0 });
  });

  it('goes to the ends of the row, and with Ctrl of the grid', () => {
    expect(grid('Home', 5, 2)).toEqual({ row: 5, column: 0 });
    expect(grid('End', 5, 0)).toEqual({ row: 5, column: 2 });
    expect(grid('Home', 5, 2, true)).toEqual({ row: 0, column: 0 });
    expect(grid('End', 5, 0, true)).toEqual({ row: 13, column: 2 });
  });

  it('leaves other keys alone', () => {
    expect(grid('Enter', 0, 0)).toBeNull();
    expect(grid('a', 0, 0)).toBeNull();
  });
});

describe('a list', () => {
  it('moves by J, K and arrows', () => {
    expect(moveInList('j', -1, 3)).toBe(0);
    expect(moveInList('ArrowDown', 1, 3)).toBe(2);
    expect(moveInList('J', 2, 3)).toBe(2);
    expect(moveInList('k', 0, 3)).toBe(0);
    expect(moveInList('k', -1, 3)).toBe(0);
    expect(moveInList('x', 0, 3)).toBeNull();
    expect(moveInList('j', 0, 0)).toBeNull();
  });
});

describe('single letters', () => {
  function press(on: HTMLElement, init: KeyboardEventInit = {}): KeyboardEvent {
    document.body.append(on);
    let seen!: KeyboardEvent;
    on.addEventListener('keydown', (event) => (seen = event), { once: true });
    on.dispatchEvent(new KeyboardEvent('keydown', { key: '1', bubbles: true, ...init }));
    on.remove();
    return seen;
  }

  it('are text in text fields only', () => {
    const radio = document.createElement('input');
    radio.type = 'radio';
    expect(isTyping(press(document.createElement('textarea')))).toBe(true);
    expect(isTyping(press(document.createElement('input')))).toBe(true);
    expect(isTyping(press(document.createElement('select')))).toBe(true);
    expect(isTyping(press(radio))).toBe(false);
    expect(isTyping(press(document.createElement('button')))).toBe(false);
  });

  it('do not count with Ctrl', () => {
    expect(isPlain(press(document.createElement('button')))).toBe(true);
    expect(isPlain(press(document.createElement('button'), { ctrlKey: true }))).toBe(false);
  });
});
