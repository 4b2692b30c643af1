import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { emptyHouse, type Planted, root, tool } from './planted.js';

const names = readdirSync(join(root, 'packages'));
const cores = names.filter((name) => existsSync(join(root, 'packages', name, 'tsconfig.core.json')));

/** Project file and the folder that it compiles. */
const projects: readonly (readonly [string, string])[] = [
  ['packages/base/tsconfig.src.json', 'packages/base/src'],
  ['packages/protocol/tsconfig.src.json', 'packages/protocol/src'],
  ...cores.map((name) => [`packages/${name}/tsconfig.core.json`, `packages/${name}/src/core`] as const),
];

describe('pure code compiles without the types of Node', function () {
  this.timeout(60_000);
  let house: Planted;
  beforeEach(() => {
    house = emptyHouse();
  });
  afterEach(() => house.remove());

  it('every daemon that exists has a core of its own', () => {
    expect(cores).to.include.members(['netrack', 'psrm', 'redirect', 'geodhcp']);
  });

  for (const [project, folder] of projects) {
    const compile = (text: string): { code: number | null; text: string } => {
      house.plant({ [`${folder}/planted.ts`]: text });
      return tool('node_modules/typescript/bin/tsc', ['-p', project, '--noEmit'], house.folder);
    };
    // What a core may import must not bring Node's types in by a side door.
    const friends = folder.startsWith('packages/base') ? '' : "export * as base from '@softset/base';\n";
    const more = folder.endsWith('core') ? "export * as protocol from '@softset/protocol';\n" : '';

    it(`${folder}: a planted \`process\` is refused`, () => {
      const { code, text } = compile(`${friends}${more}export const pid = process.pid;\n`);
      expect(code).to.not.equal(0);
      expect(text).to.match(/planted\.ts.*error TS\d+: Cannot find name 'process'/);
      expect(text, 'the friends were found').to.not.include('Cannot find module');
    });

    it(`${folder}: a planted timer is refused`, () => {
      const { code, text } = compile(`${friends}${more}setTimeout(() => undefined, 1);\n`);
      expect(code).to.not.equal(0);
      expect(text).to.match(/planted\.ts.*error TS\d+: Cannot find name 'setTimeout'/);
    });

    it(`${folder}: the language itself compiles`, () => {
      expect(compile('export const twice = (x: number): number => Math.max(2 * x, 0);\n')).to.deep.equal({
        code: 0,
        text: '',
      });
    });
  }
});
