import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { root, script } from './planted.js';

const ours = join(root, 'docs/mibs/SOFTSET-MIB.txt');

interface Mibs {
  lintMibs(env: NodeJS.ProcessEnv, folder: string): Promise<{ problem?: string; skipped?: string }>;
}

describe('MIBs go through smilint', function () {
  this.timeout(60_000);
  const faults: readonly (readonly [string, (text: string) => string, RegExp])[] = [
    ['as it is', (text) => text, /^$/],
    [
      'an object that no group has',
      (text) => text.replace(/^ {8}softsetTerm,\n/m, ''),
      /softsetTerm.*conformance group/,
    ],
    [
      'a column that its row does not have',
      (text) => text.replace('    softsetBoardRole INTEGER,\n', ''),
      /softsetBoardRole/,
    ],
    ['a syntax error', (text) => text.replace('STATUS current', 'STATUS'), /syntax error/],
  ];
  for (const [title, change, said] of faults) {
    it(title, async function () {
      const { lintMibs } = await script<Mibs>('mibs.mjs');
      const folder = mkdtempSync(join(tmpdir(), 'softset-mib-'));
      try {
        writeFileSync(join(folder, 'SOFTSET-MIB.txt'), change(readFileSync(ours, 'utf8')));
        const { problem, skipped } = await lintMibs(process.env, folder);
        if (skipped !== undefined) this.skip();
        expect(problem).to.match(said);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
});
