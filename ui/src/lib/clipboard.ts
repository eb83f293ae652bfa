// Putting text on the clipboard, also where the modern way is shut.

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'hidden-but-read';
    const before = document.activeElement;
    const host = before?.closest('dialog') ?? document.body;
    host.append(field);
    field.select();
    const good = document.execCommand?.('copy') ?? false;
    field.remove();
    if (before instanceof HTMLElement) before.focus();
    return good;
  }
}
