import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { emptyHouse, type Planted, script } from './planted.js';

interface Generate {
  generate(at: string): Promise<string[]>;
  drift(at: string): Promise<string[]>;
}

const generator = (path: string, text: string): string =>
  `export const generated = [{ path: '${path}', make: async () => ${JSON.stringify(text)} }];\n`;

describe('generated files', function () {
  this.timeout(20_000);
  let house: Planted;
  let generate: Generate['generate'];
  let drift: Generate['drift'];
  before(async () => {
    ({ generate, drift } = await script<Generate>('generate.mjs'));
  });
  beforeEach(() => {
    house = emptyHouse();
  });
  afterEach(() => house.remove());

  it('a missing one is named, written, and then up to date', async () => {
    house.plant({ 'packages/base/generate.mjs': generator('docs/man/base.txt', 'one\ntwo\n') });
    expect(await drift(house.folder)).to.deep.equal(['docs/man/base.txt: is missing; npm run generate writes it']);
    expect(await generate(house.folder)).to.deep.equal(['docs/man/base.txt']);
    expect(readFileSync(join(house.folder, 'docs/man/base.txt'), 'utf8')).to.equal('one\ntwo\n');
    expect(await drift(house.folder)).to.deep.equal([]);
    expect(await generate(house.folder), 'nothing is written twice').to.deep.equal([]);
  });

  it('drift is named by its line, on both sides', async () => {
    house.plant({
      'packages/base/generate.mjs': generator('docs/a.txt', 'one\ntwo\nthree\n'),
      'docs/a.txt': 'one\n2\nthree\n',
    });
    expect(await drift(house.folder)).to.deep.equal([
      'docs/a.txt: line 2 is "2", its generator makes "two"; npm run generate writes it',
    ]);
  });

  it('a shorter and a longer file are drift too', async () => {
    house.plant({ 'packages/base/generate.mjs': generator('docs/a.txt', 'one\n'), 'docs/a.txt': 'one\nmore\n' });
    expect(await drift(house.folder)).to.have.length(1);
    house.plant({ 'docs/a.txt': 'one' });
    expect(await drift(house.folder)).to.have.length(1);
  });

  it('JSON is formatted as the format check wants it', async () => {
    house.plant({ 'packages/base/generate.mjs': generator('docs/a.json', '{"a":[1,\n2]}') });
    await generate(house.folder);
    expect(readFileSync(join(house.folder, 'docs/a.json'), 'utf8')).to.equal('{ "a": [1, 2] }\n');
  });

  it('two generators for one path are an error that names the second', async () => {
    const both = generator('docs/a.txt', 'x\n');
    house.plant({ 'packages/base/generate.mjs': both, 'packages/psrm/generate.mjs': both });
    const error = await drift(house.folder).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(String(error)).to.match(/psrm\/generate\.mjs: docs\/a\.txt has a generator already/);
  });
});
