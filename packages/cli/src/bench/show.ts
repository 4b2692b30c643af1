import { wrap } from '../status/words.js';
import type { Figures } from './figures.js';
import type { Row } from './row.js';

const widthMax = 80;
const nameWidth = 16;
const none = '-';

/** Three digits are what such a figure is worth. */
function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

const pair = (of: Figures | null): string =>
  `${(of ? number(of.median) : none).padStart(8)}${(of ? number(of.p95) : none).padStart(6)}`;

function heading(peers: readonly string[]): string[] {
  const who = ['ours', ...peers];
  return [
    `${''.padEnd(nameWidth + 4)}${who.map((name) => name.padStart(14)).join('')}`.trimEnd(),
    `${'case'.padEnd(nameWidth)}${'n'.padStart(4)}${who.map(() => '  median   p95').join('')}  ratio budget`,
  ];
}

function line(row: Row): string {
  const all = [row.ours, ...Object.values(row.peers)].map(pair).join('');
  const over = row.budget !== null && row.ours !== null && row.ours.median > row.budget ? '*' : ' ';
  const ratio = (row.ratio === null ? none : row.ratio.toFixed(2)).padStart(7);
  const budget = (row.budget === null ? none : String(row.budget)).padStart(7);
  return `${row.case.padEnd(nameWidth)}${String(row.ours?.n ?? 0).padStart(4)}${all}${ratio}${budget}${over}`.trimEnd();
}

/** The rows of one suite for people: 80 columns as long as there are two peers. Rows with the same peers share a heading. */
export function table(rows: readonly Row[]): string[] {
  const lines: string[] = [];
  let heads = '';
  for (const row of rows) {
    const peers = Object.keys(row.peers);
    if (peers.join() !== heads || lines.length === 0) {
      lines.push(...(lines.length > 0 ? [''] : []), ...heading(peers));
      heads = peers.join();
    }
    lines.push(line(row));
  }
  const units = [...new Set(rows.map((row) => row.unit))].join(', ');
  const rates = units.includes('/s') ? ', turned round where more is better' : '';
  if (rows.length > 0)
    lines.push('', ...wrap(`${units}; n is ours; ratio: our median by the best peer's median${rates}`, widthMax));
  if (rows.some((row) => row.ours !== null && row.budget !== null && row.ours.median > row.budget)) {
    lines.push('* over budget');
  }
  return [...lines, ...rows.flatMap((row) => row.notes.flatMap((note) => wrap(`${row.case}: ${note}`, widthMax, 4)))];
}
