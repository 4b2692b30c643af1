import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  readChecked,
  readCheckedSync,
  writeChecked,
  writeFileAtomic,
  writeFileAtomicSync,
} from '@softset/runtime/atomic-file.js';
import { expect } from 'chai';
import { tempFolder } from '../support/temp-folder.js';

describe('files that are replaced whole', () => {
  const folder = tempFolder();

  it('hold the new content, with nothing left beside them', async () => {
    const path = join(folder(), 'a');
    for (const text of ['first', 'second'])
      expect((await writeFileAtomic(path, text, { fsync: true })).ok).to.equal(true);
    expect(writeFileAtomicSync(path, 'third', { fsync: true }).ok).to.equal(true);
    expect(readFileSync(path, 'utf8')).to.equal('third');
    expect(readdirSync(folder())).to.deep.equal(['a']);
  });

  it('hold one of the contents when two writes are under way', async () => {
    const path = join(folder(), 'a');
    const texts = Array.from({ length: 8 }, (_, i) => String(i).repeat(100_000));
    const results = await Promise.all(texts.map((text) => writeFileAtomic(path, text)));
    expect(results.every((result) => result.ok)).to.equal(true);
    expect(texts).to.include(readFileSync(path, 'utf8'));
    expect(readdirSync(folder())).to.deep.equal(['a']);
  });

  it('say errno when they cannot be written or read', async () => {
    const path = join(folder(), 'no', 'a');
    expect(await writeFileAtomic(path, '')).to.include({ ok: false, code: 'ENOENT' });
    expect(writeFileAtomicSync(path, '')).to.include({ ok: false, code: 'ENOENT' });
    expect(await readChecked(path)).to.include({ ok: false, code: 'ENOENT' });
  });

  it('are not written through a link that somebody left', async () => {
    writeFileSync(join(folder(), 'victim'), 'mine');
    symlinkSync(join(folder(), 'victim'), join(folder(), '.a.new-0'));
    expect(await writeFileAtomic(join(folder(), 'a'), 'theirs')).to.include({ ok: false, code: 'ELOOP' });
    expect(readFileSync(join(folder(), 'victim'), 'utf8')).to.equal('mine');
  });

  it('tell damage by their checksum', async () => {
    const path = join(folder(), 'a');
    await writeChecked(path, '{"votes":1}\nümlaut');
    expect(await readChecked(path)).to.deep.equal({ ok: true, value: '{"votes":1}\nümlaut' });
    const text = readFileSync(path, 'utf8');
    for (const damaged of ['', text.slice(0, -1), text.replace('1}', '2}'), '{"votes":1}']) {
      writeFileSync(path, damaged);
      expect(readCheckedSync(path)).to.include({ ok: false, code: 'CHECKSUM_MISMATCH' });
    }
  });
});
