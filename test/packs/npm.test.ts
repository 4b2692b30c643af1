import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type Registry, registryOf } from './registry.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const LIMIT = { maxBuffer: 50_000_000 };

describe('the npm packages', function () {
  this.timeout(170_000);
  let folder = '';
  let registry: Registry | undefined;
  const project = (): string => join(folder, 'project');
  const ours = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'softset-npm-'));
    mkdirSync(project());
    registry = await registryOf(ours, join(folder, 'packs'));
    writeFileSync(join(project(), 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }));
    const names = ours.map(
      (one) => (JSON.parse(readFileSync(join(one, 'package.json'), 'utf8')) as { name: string }).name,
    );
    const cache = join(folder, 'cache');
    const options = ['--registry', registry.url, '--cache', cache, '--ignore-scripts', '--no-audit', '--no-fund'];
    await run('npm', ['install', ...names, ...options, '--loglevel=error'], { ...LIMIT, cwd: project() });
  });
  after(() => {
    registry?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are installed into an empty project from their packs alone, and softset runs there', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const { stdout } = await run(join(project(), 'node_modules/.bin/softset'), ['--version'], { cwd: project() });
    expect(stdout.trim()).to.equal(version);
    const etc = join(folder, 'etc');
    const networks = ['--network-a', '10.1.0.0/16,eth0', '--network-b', '20.1.0.0/16,eth1'];
    const init = ['init', '--dir', etc, '--name', 'lab', ...networks, '--boards', 'a,b,c'];
    await run(join(project(), 'node_modules/.bin/softset'), init, { cwd: project() });
    expect(readdirSync(etc).sort()).to.deep.equal(['cluster.key', 'cluster.yaml']);
  });

  it('have the programs that softset calls for its verbs: form, rules, enrol join', async () => {
    const place = ['--run-dir', join(folder, 'run'), '--state-dir', join(folder, 'state')];
    for (const name of ['run', 'state']) mkdirSync(join(folder, name));
    const cluster = join(folder, 'etc/cluster.yaml');
    const softset = (...words: string[]): Promise<{ stdout: string; stderr: string }> =>
      run(join(project(), 'node_modules/.bin/softset'), words, { cwd: project() });
    const formed = await softset('form', '--cluster', cluster, '--board', 'a', ...place);
    expect(formed.stdout).to.contain('a is a member');
    expect(readdirSync(join(folder, 'state'))).to.include('votes');
    await softset('rules', 'check', join(root, 'examples/failover-rules'));
    const bad = join(folder, 'bad.yaml');
    writeFileSync(bad, 'rules: [{ name: 7 }]\n');
    const refused = await softset('rules', 'check', bad).catch((error) => error as { code: number; stderr: string });
    expect(refused).to.include({ code: 1 });
    // Nobody listens there: the program that asks is reached, and says so.
    const joining = ['--control', '127.0.0.1', '--port', '9', '--wait', '1', '--cluster', join(folder, 'new.yaml')];
    const alone = await softset('enrol', 'join', ...joining).catch(
      (error) => error as { code: number; stderr: string },
    );
    expect(alone.stderr).to.match(/^softset: [A-Z_]+: /);
    expect(alone).to.have.property('code').that.is.oneOf([1, 111]);
  });

  it('have daemons that start there', async () => {
    for (const daemon of ['netrackd', 'netrack-pulse', 'psrmd', 'redirectd', 'geodhcpd', 'snmpagd']) {
      const { stdout } = await run(join(project(), 'node_modules/.bin', daemon), ['--help'], { cwd: project() });
      expect(stdout, daemon).to.contain('usage:');
    }
  });

  it('have types that resolve, and that say what is wrong', async () => {
    const options = {
      strict: true,
      noEmit: true,
      module: 'nodenext',
      target: 'es2023',
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    };
    writeFileSync(join(project(), 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.ts'] }));
    const source = (field: string): string => `import { netrackClient } from '@softset/client';
import type { NetrackState } from '@softset/protocol';
const client = netrackClient('/run/softset', { name: 'mine' });
const answer = await client.call('status', {});
if (answer.ok) {
  const state: NetrackState = answer.value;
  console.log(state.${field});
}
client.close();
`;
    const check = async (field: string): Promise<string> => {
      writeFileSync(join(project(), 'mine.ts'), source(field));
      const tsc = [join(root, 'node_modules/typescript/bin/tsc'), '-p', project()];
      return run(process.execPath, tsc, { cwd: project() }).then(
        ({ stdout }) => stdout,
        (error: { stdout: string }) => error.stdout,
      );
    };
    expect(await check('director')).to.equal('');
    expect(await check('directress')).to.contain("Property 'directress' does not exist");
  });

  it('hold no tests and no sources', () => {
    for (const name of readdirSync(join(project(), 'node_modules/@softset'))) {
      const files = readdirSync(join(project(), 'node_modules/@softset', name));
      expect(files, name).to.include('dist').and.include('package.json');
      expect(files, name).not.to.include.oneOf(['src', 'test', 'dist-test', 'node_modules']);
    }
  });
});
