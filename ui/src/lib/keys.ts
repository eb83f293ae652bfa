// Keyboard rules: what counts as typing, and how arrow keys move through a list and a grid.

/** Whether single-letter keys must stay text. */
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  if (target instanceof HTMLInputElement)
    return !['radio', 'checkbox', 'button', 'file', 'submit', 'reset'].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

export const isCommand = (event: KeyboardEvent) => (event.ctrlKey || event.metaKey) && !event.altKey;

/** A key pressed by itself, outside of text. */
export const isPlain = (event: KeyboardEvent) =>
  !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event);

/** Where an arrow key leads in a grid; null if the key does not move. */
export function moveInGrid(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey'>,
  at: { row: number; column: number },
  size: { rows: number; columns: number },
): { row: number; column: number } | null {
  const lastRow = size.rows - 1;
  const lastColumn = size.columns - 1;
  const { row, column } = at;
  switch (event.key) {
    case 'ArrowUp':
      return { row: Math.max(0, row - 1), column };
    case 'ArrowDown':
      return { row: Math.min(lastRow, row + 1), column };
    case 'ArrowLeft':
      return { row, column: Math.max(0, column - 1) };
    case 'ArrowRight':
      return { row, column: Math.min(lastColumn, column + 1) };
    case 'Home':
      return { row: event.ctrlKey ? 0 : row, column: 0 };
    case 'End':
      return { row: event.ctrlKey ? lastRow : row, column: lastColumn };
    case 'PageUp':
      return { row: 0, column };
    case 'PageDown':
      return { row: lastRow, column };
    default:
      return null;
  }
}

/** Where a key leads in a list; null if the key does not move. */
export function moveInList(key: string, at: number, count: number): number | null {
  if (count === 0) return null;
  switch (key) {
    case 'j':
    case 'J':
    case 'ArrowDown':
      return Math.min(count - 1, at + 1);
    case 'k':
    case 'K':
    case 'ArrowUp':
      return Math.max(0, at - 1);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
