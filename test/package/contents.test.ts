import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { builtPackage, has, pack } from './built.js';

const run = promisify(execFile);

describe('the Debian package', function () {
  this.timeout(170_000);

  it('is the same, byte for byte, when it is made again elsewhere', async () => {
    const { deb } = await builtPackage();
    const again = await pack();
    try {
      const digest = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
      expect(digest(again.deb)).to.equal(digest(deb));
    } finally {
      rmSync(again.folder, { recursive: true, force: true });
    }
  });

  it('has a runtime of its own, and each daemon in one file', async () => {
    const { tree } = await builtPackage();
    const home = join(tree, 'usr/lib/softset');
    const { stdout } = await run(join(home, 'node'), ['--version']);
    expect(stdout.trim()).to.match(/^v24\./);
    // The tests run on the Node of whoever runs them, of 20 and later: with it the same bundles answer as well.
    const runtimes = [join(home, 'node'), process.execPath];
    for (const stem of [
      'netrack/bundle/netrack-pulse',
      'netrack/bundle/netrackd',
      'redirect/bundle/redirectd',
      'psrm/bundle/psrmd',
    ])
      expect(existsSync(join(home, 'packages', `${stem}.cjs`)), stem).to.equal(true);
    const names = [
      'netrack/bin/netrack-pulse',
      'netrack/bin/netrackd',
      'netrack/bin/netrack-form',
      'redirect/bin/redirectd',
      'psrm/bin/psrmd',
      'geodhcp/bin/geodhcpd',
      'snmpag/bin/snmpagd',
    ];
    for (const runtime of runtimes)
      for (const name of names) {
        const told = await run(runtime, [join(home, 'packages', `${name}.js`), '--help']);
        expect(told.stdout, `${name} on ${runtime}`).to.contain('usage:');
      }
    // Other bundles, and what a board has no use for.
    const versions = await run(join(home, 'node'), [join(home, 'packages/cli/bin/softset.js'), '--help']);
    expect(versions.stdout).to.contain('doctor').and.contain('init').and.not.contain('demo').and.not.contain('bench');
  });

  it('makes what V8 compiles where it is installed, for its own runtime and the options of the units', async () => {
    const home = join((await builtPackage()).tree, 'usr/lib/softset');
    await run(join(home, 'compile'), []);
    const stems = [
      [
        'netrack/bundle',
        'netrack-pulse',
        '--single-threaded--turbo-filter_sha256Compress--no-maglev--no-flush-bytecode.code',
      ],
      [
        'netrack/bundle',
        'netrackd',
        '--single-threaded--turbo-filter_sha256Compress--no-maglev--no-flush-bytecode.code',
      ],
      [
        'redirect/bundle',
        'redirectd',
        '--single-threaded--turbo-filter_sha256Compress--no-maglev--no-flush-bytecode.code',
      ],
      ['psrm/bundle', 'psrmd', '.code'],
    ] as const;
    for (const [folder, name, end] of stems) {
      const found = readdirSync(join(home, 'packages', folder)).filter((file) => file.startsWith(`${name}.v24.`));
      expect(found, name).to.have.length(1);
      expect(found[0]?.replace(/^.*(x64|arm64)/, ''), name).to.equal(end);
    }
  });

  it('puts nothing where everybody could write, and asks before it writes over', async () => {
    const { deb, tree } = await builtPackage();
    const { stdout } = await run('dpkg-deb', ['--info', deb, 'conffiles']);
    expect(stdout.trim()).to.equal('/etc/default/softset');
    for (const name of readdirSync(tree, { recursive: true, encoding: 'utf8' }))
      expect(statSync(join(tree, name)).mode & 0o022, name).to.equal(0);
  });

  it('has man pages that groff reads without complaint', async function () {
    // Nothing else reads man pages as man(1) does.
    if (!(await has('groff'))) this.skip();
    const { tree } = await builtPackage();
    const pages = readdirSync(join(tree, 'usr/share/man'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.gz'),
    );
    expect(pages).to.include('man8/netrackd.8.gz').and.include('man1/softset.1.gz');
    for (const page of pages) {
      const path = join(tree, 'usr/share/man', page);
      const { stdout, stderr } = await run(
        'sh',
        ['-c', 'zcat "$1" | LC_ALL=C groff -man -Tascii -ww -rLL=78n -P -cbu', 'sh', path],
        { maxBuffer: 10_000_000 },
      );
      expect(stderr, page).to.equal('');
      expect(stdout, page).to.match(/^NAME$/m);
    }
  });

  it('is without errors for lintian', async function () {
    // It brings a hundred packages along: `npm test -- package` gets it, a run of everything asks for it only where it is.
    if (!(await has('lintian'))) this.skip();
    // It reads every string of the runtime.
    this.timeout(300_000);
    const { deb } = await builtPackage();
    const told = await run('lintian', ['--fail-on', 'error', '--tag-display-limit', '0', deb]).catch(
      (error) => error as { stdout: string; stderr: string },
    );
    expect(told.stderr.replace('running with root privileges is not recommended!\n', '')).to.equal('');
    expect(told.stdout.split('\n').filter((line) => line.startsWith('E:'))).to.deep.equal([]);
  });
});
