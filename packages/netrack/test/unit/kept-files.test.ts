import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formMember, KeptFiles, nextSession } from '@softset/netrack/adapters/kept-files.js';
import { expect } from 'chai';
import { CLUSTER_NUMBER, registerOf } from './cluster-world.js';

describe('what netrackd keeps on disk', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'netrack-kept-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('T3: votes are kept one after the other: the last one asked for is the one that stays', async () => {
    const files = new KeptFiles(folder);
    const kept: number[] = [];
    const votes = Array.from({ length: 64 }, (_, term) => ({ cluster: CLUSTER_NUMBER, term, candidate: 1 }));
    await Promise.all(votes.map((vote) => files.keepVote(vote).then(() => kept.push(vote.term))));
    expect(kept).to.deep.equal(votes.map(({ term }) => term));
    expect(new KeptFiles(folder).read().memory?.term).to.equal(63);
  });

  it('R2: a leisurely write of an older register does not replace what had to be kept', async () => {
    const files = new KeptFiles(folder);
    files.keepRegisterAtLeisure(registerOf({ index: 1 }), () => undefined);
    await files.keepRegister(registerOf({ index: 2 }));
    await new Promise((wake) => setTimeout(wake, 300));
    expect(files.read().register?.index).to.equal(2);
    files.keepRegisterAtLeisure(registerOf({ index: 3 }), () => undefined);
    // A disk that others use may take its time.
    const written = (): boolean => files.read().register?.index === 3;
    for (let tries = 0; tries < 300 && !written(); tries++) await new Promise((wake) => setTimeout(wake, 25));
    expect(written()).to.equal(true);
  });

  it('R2: registers too', async () => {
    const files = new KeptFiles(folder);
    const kept: number[] = [];
    const indices = Array.from({ length: 32 }, (_, index) => index);
    await Promise.all(indices.map((index) => files.keepRegister(registerOf({ index })).then(() => kept.push(index))));
    expect(kept).to.deep.equal(indices);
    expect(new KeptFiles(folder).read().register?.index).to.equal(31);
  });

  it('a record that was damaged counts as lost, and says so', async () => {
    const files = new KeptFiles(folder);
    await files.keepVote({ cluster: CLUSTER_NUMBER, term: 7, candidate: 2 });
    const path = join(folder, 'votes');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"term":7', '"term":8'));
    const read = files.read();
    expect([read.memory, read.damaged.length]).to.deep.equal([undefined, 1]);
  });

  it('T7: forming gives an empty vote record, once', () => {
    expect(formMember(folder, CLUSTER_NUMBER).ok).to.equal(true);
    expect(new KeptFiles(folder).read().memory).to.deep.equal({ cluster: CLUSTER_NUMBER, term: 0, candidate: 0 });
    const again = formMember(folder, CLUSTER_NUMBER);
    expect(again.ok ? 'formed' : again.code).to.equal('FORMED_ALREADY');
  });

  it('each start of netrackd has a session of its own', () => {
    const sessions = [1, 2, 3].map(() => {
      const session = nextSession(folder);
      return session.ok ? session.value : 0;
    });
    expect(sessions).to.deep.equal([1, 2, 3]);
  });
});
