import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { builtPackage } from './built.js';
import { type Softset, type Verb, verbsOf } from './verbs.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const laboratory = ['lab', 'demo', 'sim', 'soak', 'bench'];
/** It goes on until it is interrupted. */
const endless = ['watch'];

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the softset command of the package', function () {
  // Each verb is a start of Node.
  this.timeout(170_000);
  let home = '';
  let folder = '';
  let verbs: readonly Verb[] = [];
  before(async () => {
    home = join((await builtPackage()).tree, 'usr/lib/softset');
    folder = mkdtempSync(join(tmpdir(), 'softset-commands-'));
    verbs = await verbsOf(softset);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const env = { PATH: process.env.PATH ?? '', HOME: '/nonexistent' };
  const softset: Softset = async (...words) =>
    (await run(join(home, 'node'), [join(home, 'packages/cli/bin/softset.js'), ...words], { env })).stdout;
  const ended = (words: readonly string[], timeout: number): Promise<Ended> =>
    run(join(home, 'node'), [join(home, 'packages/cli/bin/softset.js'), ...words], { env, timeout }).then(
      (told) => ({ code: 0, ...told }),
      (error: Ended) => error,
    );

  it('has every verb but those of a laboratory, and help for each', async () => {
    const mine = verbs.map(({ words }) => words[0]);
    expect(mine).to.include.members(['status', 'doctor', 'enrol', 'events', 'backup', 'alarm', 'rules']);
    expect(mine).to.not.include.oneOf(laboratory);
    expect(verbs.length).to.be.greaterThan(50);
    // The same as from the repository: none was lost on the way.
    const here: Softset = async (...words) =>
      (await run(process.execPath, [join(root, 'packages/cli/bin/softset.js'), ...words], { env })).stdout;
    const all = (await verbsOf(here)).map(({ words }) => words.join(' '));
    expect(verbs.map(({ words }) => words.join(' '))).to.deep.equal(
      all.filter((words) => !laboratory.includes(words.split(' ')[0] ?? '')),
    );
  });

  /** Where nothing is: no daemon, no file that it asks for, and nothing of the machine's. */
  function elsewhere({ words, wants, help }: Verb): string[] {
    const place: Readonly<Record<string, string>> = {
      '--run-dir': join(folder, 'run'),
      '--state-dir': join(folder, 'state'),
      '--cluster': join(folder, 'cluster.yaml'),
      '--defaults': join(folder, 'defaults'),
      '--journal': join(folder, 'journal'),
      '--dir': join(folder, 'etc'),
      '--out': join(folder, 'out'),
      '--wait': '1',
      '--control': '127.0.0.1',
      '--port': words.at(-1) === 'token' ? 'switch-a:1' : '9',
    };
    const options = Object.entries(place).flatMap(([name, value]) =>
      new RegExp(`^ {2}(-\\w, )?${name} <`, 'm').test(help) ? [name, value] : [],
    );
    const values = wants.filter((want) => want.startsWith('<')).map((want) => (want === '<A|B>' ? 'A' : 'nobody'));
    // The one that asks for more than a place.
    const networks = ['--name', 'lab', '--network-a', '10.1.0.0/16,eth0', '--network-b', '20.1.0.0/16,eth1'];
    const first = words[0] === 'init' ? [...networks, '--boards', 'a,b,c'] : [];
    return [...words, ...values, ...options, ...first];
  }

  it('runs each verb as far as it gets without a daemon, and lacks no module and no file of its own', async () => {
    for (const verb of verbs) {
      const name = verb.words.join(' ');
      const { code, stdout, stderr } = await ended(elsewhere(verb), endless.includes(name) ? 1_500 : 30_000);
      expect(stderr, name).to.not.match(/ERR_|MODULE_NOT_FOUND|Cannot find|(Type|Reference|Syntax)Error|\n {4}at /);
      expect(stderr + stdout, name).to.not.contain(home);
      if (!endless.includes(name))
        expect(code, `${name}: ${stderr}`).to.be.oneOf(name === 'rules' ? [100] : [0, 1, 111]);
    }
  });

  it('has the programs that its verbs call: rules, form, the listener of doctor, the newcomer of enrol', async () => {
    const rules = await ended(['rules', 'check', join(root, 'examples/failover-rules')], 30_000);
    expect(rules, rules.stderr).to.include({ code: 0 });
    const listener = [join(home, 'packages/linux/bin/igmp-listen.js'), '--device', 'none', '--address', '127.0.0.1'];
    const listened = await run(join(home, 'node'), listener, { env }).catch((error: Ended) => error);
    expect(listened).to.include({ code: 111 });
    expect(listened.stderr).to.match(/^[A-Z_]+: /);
    writeFileSync(join(folder, 'token'), 'nothing\n');
    const control = ['--control', '127.0.0.1', '--port', '9', '--wait', '1'];
    const files = ['--token-file', join(folder, 'token'), '--cluster', join(folder, 'joined.yaml')];
    const joined = await ended(['enrol', 'join', ...control, ...files], 30_000);
    expect(joined.stderr).to.match(/^softset: /);
  });

  it('finds beside itself whatever its files say is there', () => {
    const files = readdirSync(join(home, 'packages'), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(c|m)?js$/.test(file))
      .map((file) => join(home, 'packages', file));
    const missing = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/new URL\(\s*["'`]([^"'`$]+)["'`],\s*import\.meta\.url/g)]
        .map(([, path = '']) => resolve(dirname(file), path))
        .filter((path) => !existsSync(path))
        .map((path) => `${file.slice(home.length)}: ${path.slice(home.length)}`),
    );
    expect(missing).to.deep.equal([]);
  });

  it('is told whole in softset(1)', async () => {
    const page = readFileSync(join(root, 'docs/man/softset.1.md'), 'utf8');
    const synopsis = (page.split('## Description')[0] ?? '')
      .split('\n')
      .filter((line) => line.startsWith('    softset '));
    const untold = verbs.filter(({ words: [first = '', second] }) =>
      synopsis.every((line) => {
        const own = line.trim().split(' ')[1] === first;
        return !own || (second !== undefined && !new RegExp(`[ |]${second}([ |]|$)`).test(line));
      }),
    );
    expect(untold.map(({ words }) => words.join(' '))).to.deep.equal([]);
  });
});
