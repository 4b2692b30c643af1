import { execFileSync } from 'node:child_process';
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal } from '@softset/runtime/journal.js';

/** Runs inside mount and user namespaces of its own: fills a small file system under a journal, then makes room again. */
const folder = process.argv[2] ?? '';
execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', folder]);
const path = join(folder, 'j');
const troubles: string[] = [];
let wholeWhileFull = true;
const opened = await openJournal({
  path,
  linesMax: 50,
  retryMs: 20,
  // Nothing is under way while trouble is told: what a failed write left would be there to see.
  onTrouble: ({ code, dropped }) => {
    troubles.push(`${code} ${dropped > 0}`);
    wholeWhileFull &&= readFileSync(path, 'utf8').endsWith('\n');
  },
});
if (!opened.ok) throw new Error(opened.message);
const journal = opened.value;
journal.append({ who: 'w', what: 'before' });
await journal.flush(5_000);
try {
  writeFileSync(join(folder, 'ballast'), Buffer.alloc(1 << 20));
} catch {
  // That is the point: now the disk is full.
}
for (let i = 0; i < 200; i++) journal.append({ who: 'w', what: 'during', fields: { text: 'x'.repeat(500) } });
await journal.flush(200);
unlinkSync(join(folder, 'ballast'));
await journal.flush(5_000);
journal.append({ who: 'w', what: 'after' });
await journal.close(5_000);
const lines = readFileSync(path, 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as { what: string; fields?: { lines: number } });
const kinds = [...new Set(lines.map(({ what }) => what))];
const counted = lines.reduce((sum, { fields }) => sum + (fields?.lines ?? 0), 0);
process.stdout.write(JSON.stringify({ troubles, dropped: journal.dropped, counted, wholeWhileFull, kinds }));
