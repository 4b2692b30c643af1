import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const root = fileURLToPath(new URL('../../', import.meta.url));
const daemons = ['netrack/netrack-pulse', 'netrack/netrackd', 'redirect/redirectd', 'psrm/psrmd'] as const;

describe('programs that must start fast', function () {
  // Each starts a program.
  this.timeout(60_000);
  for (const daemon of daemons) {
    const [folder = '', name = ''] = daemon.split('/');
    const bundles = join(root, 'packages', folder, 'bundle');

    it(`${name} is one file, with what this Node's V8 compiled of it`, () => {
      expect(existsSync(join(bundles, `${name}.cjs`))).to.equal(true);
      const code = readdirSync(bundles).filter((file) => file.startsWith(`${name}.${process.version}-`));
      expect(code.length).to.be.greaterThan(0);
    });

    it(`${name} answers from its bundle`, () => {
      const program = join(root, 'packages', folder, 'bin', `${name}.js`);
      expect(execFileSync(process.execPath, [program, '--help'], { encoding: 'utf8' })).to.include(name);
    });
  }

  describe('a bundle in a folder of its own', () => {
    let folder = '';
    const launch = (otherwise = 'throw new Error()', flags: readonly string[] = []): string => {
      const script = `require(${JSON.stringify(join(root, 'packages/base/launch.cjs'))}).launch(${JSON.stringify(join(folder, 'x'))}, () => { ${otherwise} })`;
      return execFileSync(process.execPath, [...flags, '-e', script], { encoding: 'utf8' });
    };
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'softset-bundle-'));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it('runs without compiled code, with one of another program, and with a broken one', () => {
      writeFileSync(join(folder, 'x.cjs'), 'process.stdout.write("it ran");');
      expect(launch()).to.equal('it ran');
      const code = join(folder, `x.${process.version}-${process.arch}.code`);
      const other = join(root, 'packages/psrm/bundle');
      const theirs = readdirSync(other).find((name) => name.endsWith('.code')) ?? '';
      copyFileSync(join(other, theirs), code);
      expect(launch()).to.equal('it ran');
      writeFileSync(code, readFileSync(code).subarray(0, 100));
      expect(launch()).to.equal('it ran');
    });

    it('takes its seldom needed part from beside it', () => {
      mkdirSync(join(folder, 'parts'));
      writeFileSync(join(folder, 'x.cjs'), 'process.stdout.write(require("bundle:parts/p").word);');
      writeFileSync(join(folder, 'parts/p.cjs'), 'module.exports = { word: "from a part" };');
      expect(launch()).to.equal('from a part');
    });

    it('has one copy of a part while somebody holds it, and lets it go when nobody does', () => {
      mkdirSync(join(folder, 'parts'));
      const look = `const part = () => require('bundle:parts/p');
        let held = part();
        const before = new WeakRef(held);
        setTimeout(() => process.stdout.write(String(part() === held)), 1);
        setTimeout(() => (held = undefined), 20);
        setTimeout(() => {
          gc();
          process.stdout.write(', ' + (before.deref() === undefined) + ', ' + part().word);
        }, 40);`;
      writeFileSync(join(folder, 'x.cjs'), look);
      writeFileSync(join(folder, 'parts/p.cjs'), 'module.exports = { word: "again" };');
      expect(launch(undefined, ['--expose-gc'])).to.equal('true, true, again');
    });

    it('is not needed: without one the modules are loaded', () => {
      expect(launch('process.stdout.write("modules")')).to.equal('modules');
    });
  });
});
