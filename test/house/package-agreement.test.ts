import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { emptyHouse, type Planted, script } from './planted.js';

type ImportRules = { importRules(at: string): string[] };
type Json = Record<string, unknown>;

describe('manifests, project references and imports agree with the layers', () => {
  let house: Planted;
  let importRules: ImportRules['importRules'];
  before(async () => {
    ({ importRules } = await script<ImportRules>('import-rules.mjs'));
  });
  beforeEach(() => {
    house = emptyHouse();
  });
  afterEach(() => house.remove());

  const edit = (file: string, change: (json: Json) => void): void => {
    const path = join(house.folder, file);
    const json = JSON.parse(readFileSync(path, 'utf8')) as Json;
    change(json);
    writeFileSync(path, JSON.stringify(json));
  };
  const depend = (name: string, on: string): void =>
    edit(`packages/${name}/package.json`, (json) => {
      json.dependencies = { ...(json.dependencies as Json), [on]: '0.1.0' };
    });
  const problems = (): string => importRules(house.folder).join('\n');

  it('nothing is said of the house as it stands', () => {
    expect(importRules(house.folder)).to.deep.equal([]);
  });

  it('a dependency against the layers', () => {
    depend('linux', '@softset/runtime');
    expect(problems()).to.include('linux stands on base: imports run downward only');
  });

  it('a daemon that depends on another', () => {
    depend('psrm', '@softset/netrack');
    expect(problems()).to.match(/packages\/psrm\/package.json: depends on @softset\/netrack, but psrm stands on/);
  });

  it('a dependency without a reference, and a reference without a dependency', () => {
    edit('packages/client/tsconfig.src.json', (json) => {
      json.references = [{ path: '../base/tsconfig.src.json' }, { path: '../linux/tsconfig.src.json' }];
    });
    expect(problems()).to.include('does not reference ../protocol, which package.json depends on');
    expect(problems()).to.include('references ../linux, which package.json does not depend on');
  });

  it('a pure package that takes the types of Node', () => {
    edit('packages/protocol/tsconfig.src.json', (json) => {
      (json.compilerOptions as Json).types = ['node'];
    });
    expect(problems()).to.include('this package is pure');
  });

  it('a core that takes the types of Node, or stands on more than base and protocol', () => {
    house.plant({ 'packages/psrm/src/core/step.ts': 'export {};\n' });
    expect(problems()).to.equal('');
    edit('packages/psrm/tsconfig.core.json', (json) => {
      (json.compilerOptions as Json).types = ['node'];
      json.include = ['src'];
      json.references = [{ path: '../linux/tsconfig.src.json' }];
    });
    expect(problems()).to.include('a core compiles without Node');
    expect(problems()).to.include('must include src/core and nothing else');
    expect(problems()).to.include('references ../linux: a core imports base and protocol alone');
  });

  it('a core without a project of its own, compiled with its shell', () => {
    house.plant({ 'packages/lab/src/core/step.ts': 'export {};\n' });
    expect(problems()).to.include('src/core compiles as a project of its own');
    edit('packages/psrm/tsconfig.src.json', (json) => {
      json.exclude = [];
    });
    house.plant({ 'packages/psrm/src/core/step.ts': 'export {};\n' });
    expect(problems()).to.include('must exclude src/core');
  });

  for (const text of [
    "import { thing } from 'left-pad';\n",
    "import {\n  a,\n  b,\n} from 'left-pad/deep.js';\n",
    "export * from 'left-pad';\n",
    "import 'left-pad';\n",
    "const it = await import('left-pad');\n",
  ]) {
    it(`an import that the manifest does not name: ${JSON.stringify(text)}`, () => {
      house.plant({ 'packages/base/src/planted.ts': text });
      expect(problems()).to.include('src/planted.ts: imports left-pad, which package.json does not depend on');
    });
  }

  it('prose is no import', () => {
    house.plant({
      'packages/base/src/planted.ts': "/** A message from 'left-pad' is dropped. */\nexport const x = 1;\n",
    });
    expect(problems()).to.equal('');
  });

  it('a new package without a place in the layers, and one that nothing builds', () => {
    house.plant({ 'packages/attic/package.json': '{"name": "@softset/attic"}' });
    expect(problems()).to.include('packages/attic/: has no place in scripts/layers.mjs');
    edit('tsconfig.json', (json) => {
      json.references = [];
    });
    expect(problems()).to.include('packages/base/: is not a reference of tsconfig.json');
  });
});
