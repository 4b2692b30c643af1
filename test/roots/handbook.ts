import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const text = (file: string): string => readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8');
const files = ['docs/man/softset-handbook.7.md', 'docs/replace-a-board.md'];
const programs = ['softset', 'systemctl', 'systemd-analyze', 'journalctl', 'sysctl'];

/** Lines that stand by themselves, as typed: Markdown's indented code (four columns, in a list seven). */
export function blocks(markdown: string): string[] {
  return markdown
    .split('\n')
    .filter((line) => /^( {4}| {7})\S/.test(line))
    .map((line) => line.trim());
}

/** Commands within sentences and tables that say what to do: `softset why SERVICE`. */
export function inline(markdown: string): string[] {
  const whole = [...markdown.replaceAll('\n', ' ').matchAll(/`([^`]+)`/g)].map(([, found = '']) => found);
  return whole.filter((found) => programs.includes(found.split(' ', 1)[0] ?? '') && found.includes(' '));
}

/** Every command of the operator's handbook and of the page on replacing a board, each once, in the order of the pages. */
export function handbookCommands(): string[] {
  const all = files.map(text).flatMap((markdown) => [...blocks(markdown), ...inline(markdown)]);
  return [...new Set(all)];
}
