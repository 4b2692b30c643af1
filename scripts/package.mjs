import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from './build.mjs';
import { bundleForPackage } from './package-bundles.mjs';
import { manPage } from './package-man.mjs';
import { debianArch, NODE_VERSION, nodeRuntime } from './package-node.mjs';
import { cache, root } from './places.mjs';
import { run } from './run.mjs';
import { say } from './say.mjs';
import { setup } from './setup.mjs';

/*
 * `npm run package`: the Debian package, from what is compiled here. The same sources give the same bytes: every time in
 * it is the last commit's (or $SOURCE_DATE_EPOCH), owners are root's, and nothing is compiled on the way that V8 would
 * compile differently the next time (that is left to the board that installs it).
 */

/** Where everything of ours lies on a board; the units and the start script name it. */
const home = 'usr/lib/softset';
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const revision = `${version}-1`;

/** Resolves to the path of the package. */
export async function makePackage({ out = join(root, 'dist'), stage = join(cache, 'package'), quick = false } = {}) {
  if (debianArch === undefined)
    throw new Error(`no Node runtime is pinned for ${process.arch} (scripts/package-node.mjs)`);
  const epoch = Number(
    process.env.SOURCE_DATE_EPOCH ?? execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root }),
  );
  const runtime = await nodeRuntime();
  rmSync(stage, { recursive: true, force: true });
  const put = (from, to, mode = 0o644) => {
    const path = join(stage, to);
    mkdirSync(dirname(path), { recursive: true });
    cpSync(join(root, from), path, { recursive: true, dereference: true });
    if (!statSync(path).isDirectory()) chmodSync(path, mode);
  };
  const write = (text, to, mode = 0o644) => {
    mkdirSync(dirname(join(stage, to)), { recursive: true });
    writeFileSync(join(stage, to), text);
    chmodSync(join(stage, to), mode);
  };

  programs(put, write);
  await bundleForPackage(join(stage, home));
  mkdirSync(join(stage, home), { recursive: true });
  cpSync(runtime.node, join(stage, home, 'node'));
  chmodSync(join(stage, home, 'node'), 0o755);
  system(put, write);
  documents(write, put, epoch, runtime.license);
  control(stage, write);

  settle(stage, epoch);
  mkdirSync(out, { recursive: true });
  const file = join(out, `softset_${revision}_${debianArch}.deb`);
  // How much xz saves depends on how many threads share the work, and so would the bytes.
  const packing = quick ? ['-Zgzip', '-z1'] : ['-Zxz', '-z3'];
  const options = ['--root-owner-group', ...packing, '--threads-max=1', '--build', stage, file];
  const made = await run('dpkg-deb', options, { env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) } });
  if (made.code !== 0) throw new Error(made.text.trim());
  return file;
}

/** Programs keep their places to one another, so that they find one another as in the repository. */
function programs(put, write) {
  for (const name of ['netrack', 'redirect', 'psrm', 'geodhcp', 'snmpag', 'linux', 'runtime', 'cli']) {
    const { name: own, type } = JSON.parse(readFileSync(join(root, `packages/${name}/package.json`), 'utf8'));
    write(`${JSON.stringify({ name: own, version, type })}\n`, `${home}/packages/${name}/package.json`);
    for (const file of readdirSync(join(root, `packages/${name}/bin`))) {
      // Units and softset name our runtime; by `#!/usr/bin/env node` a program would ask for one that may not be there.
      const text = readFileSync(join(root, `packages/${name}/bin/${file}`), 'utf8').replace(/^#!.* node\n/, '');
      write(text, `${home}/packages/${name}/bin/${file}`, text.startsWith('#!') ? 0o755 : 0o644);
    }
  }
  for (const stem of ['netrack/bundle/netrack-pulse', 'netrack/bundle/netrackd', 'netrack/bundle/netrack-form'])
    put(`packages/${stem}.cjs`, `${home}/packages/${stem}.cjs`);
  for (const stem of ['redirect/bundle/redirectd', 'psrm/bundle/psrmd', 'protocol/bundle/cluster-file'])
    put(`packages/${stem}.cjs`, `${home}/packages/${stem}.cjs`);
  put('packages/base/launch.cjs', `${home}/node_modules/@softset/base/launch.cjs`);
  put('packages/base/package.json', `${home}/node_modules/@softset/base/package.json`);
  put('examples/chassis.yaml', `${home}/examples/chassis.yaml`);
  koffi(put);
  write(`#!/bin/sh\nexec /${home}/node /${home}/packages/cli/bin/softset.js "$@"\n`, 'usr/bin/softset', 0o755);
  // For boards without systemd. One thread: a real-time one must not wait for V8's helpers.
  const init = `/${home}/packages/runtime/bin/softset-init.js`;
  write(`#!/bin/sh\nexec /${home}/node --single-threaded ${init} "$@"\n`, `${home}/init`, 0o755);
  write(readFileSync(join(root, 'packaging/compile.sh')), `${home}/compile`, 0o755);
}

/** Its JavaScript, and the binary of this platform alone. */
function koffi(put) {
  for (const [from, files] of koffiFiles()) for (const file of files) put(join(from, file), `${home}/${from}/${file}`);
}

function koffiFiles() {
  const own = 'node_modules/koffi';
  const platform = `node_modules/@koromix/koffi-linux-${process.arch}`;
  const all = (folder) => readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  const useful = (folder) =>
    all(folder).filter((file) => /(^|\/)(package\.json|LICENSE\S*)$|\.(c?js|node)$/.test(file));
  // cnoke builds it where there is no binary, and there is one.
  const keep = (file) =>
    !/^(lib|doc|vendor)\/|^cnoke|trampolines/.test(file) && statSync(join(root, own, file)).isFile();
  return [
    [own, useful(own).filter(keep)],
    [
      platform,
      // Of its two C libraries, Debian's.
      useful(platform).filter((file) => !file.startsWith('musl_')),
    ],
  ];
}

function system(put, write) {
  for (const unit of readdirSync(join(root, 'packaging/systemd')))
    put(`packaging/systemd/${unit}`, `usr/lib/systemd/system/${unit}`);
  put('packaging/softset.tmpfiles', 'usr/lib/tmpfiles.d/softset.conf');
  put('packaging/softset.sysctl', 'usr/lib/sysctl.d/60-softset.conf');
  put('packaging/softset.default', 'etc/default/softset');
  for (const mib of readdirSync(join(root, 'docs/mibs'))) put(`docs/mibs/${mib}`, `${home}/docs/mibs/${mib}`);
  write('', 'etc/softset/.keep');
}

function documents(write, put, epoch, nodeLicense) {
  const date = new Date(epoch * 1000).toISOString().slice(0, 10);
  const page = (from, to) => {
    const text = manPage(readFileSync(join(root, from), 'utf8'), { date, version });
    write(gzipSync(text, { level: 9 }), `usr/share/man/man${to.at(-1)}/${to}.gz`);
  };
  for (const file of readdirSync(join(root, 'docs/man'))) page(`docs/man/${file}`, basename(file, '.md'));
  const doc = 'usr/share/doc/softset';
  write(copyright(), `${doc}/copyright`);
  write(readFileSync(nodeLicense), `${home}/LICENSE.node`);
  const log = `softset (${revision}) unstable; urgency=medium\n\n  * ${version}; CHANGELOG.md says what follows for you.\n\n -- SOFTSET contributors <softset@localhost>  ${rfc5322(epoch)}\n`;
  write(gzipSync(log, { level: 9 }), `${doc}/changelog.Debian.gz`);
  write(gzipSync(readFileSync(join(root, 'CHANGELOG.md')), { level: 9 }), `${doc}/changelog.gz`);
  put('examples', `${doc}/examples`);
  put('packaging/debian/lintian-overrides', 'usr/share/lintian/overrides/softset');
}

function copyright() {
  const indent = (text) =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`))
      .join('\n');
  const mit = readFileSync(join(root, 'LICENSE'), 'utf8');
  return [
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/',
    'Upstream-Name: SOFTSET',
    '',
    'Files: *',
    'Copyright: 2026 SOFTSET contributors',
    'License: Expat',
    indent(mit),
    '',
    `Files: ${home}/node`,
    'Copyright: Node.js contributors, and those whom its license names',
    'License: Node.js',
    ` Its license, and those of what it holds, are in /${home}/LICENSE.node.`,
    '',
    ...bundledLicenses().flatMap(({ name, text }) => [
      `Files: ${home}/packages/*`,
      `Copyright: the authors of ${name}, as its license says`,
      `License: ${name.replaceAll(/[^\w.-]/g, '-')}`,
      indent(text),
      '',
    ]),
  ].join('\n');
}

/** What the bundles hold of others. */
function bundledLicenses() {
  const names = [
    'koffi',
    'ws',
    'zod',
    'yaml',
    'commander',
    'net-snmp',
    'asn1-ber',
    'smart-buffer',
    'json-rules-engine',
  ];
  return names.flatMap((name) => {
    const folder = join(root, 'node_modules', name);
    let files;
    try {
      files = readdirSync(folder).filter((file) => /^licen[cs]e/i.test(file));
    } catch {
      return [];
    }
    return files.slice(0, 1).map((file) => ({ name, text: readFileSync(join(folder, file), 'utf8') }));
  });
}

/** `Fri, 27 Nov 2026 07:30:00 +0000` */
const rfc5322 = (epoch) => new Date(epoch * 1000).toUTCString().replace('GMT', '+0000');

function control(stage, write) {
  const kib = Math.ceil(sizeOf(stage) / 1024);
  const fill = (text) =>
    text
      .replaceAll('@VERSION@', revision)
      .replaceAll('@ARCH@', debianArch)
      .replaceAll('@KIB@', String(kib))
      .replaceAll('@NODE@', NODE_VERSION);
  for (const file of ['control', 'conffiles', 'postinst', 'prerm', 'postrm']) {
    const text = fill(readFileSync(join(root, 'packaging/debian', file), 'utf8'));
    write(text, `DEBIAN/${file}`, /inst|rm$/.test(file) ? 0o755 : 0o644);
  }
}

function sizeOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath ?? entry.path, entry.name)).size, 0);
}

/** Modes and times do not depend on who built it, when, and under what umask. */
function settle(stage, epoch) {
  rmSync(join(stage, 'etc/softset/.keep'), { force: true });
  const entries = readdirSync(stage, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const executable = entry.isDirectory() || (statSync(path).mode & 0o100) !== 0;
    chmodSync(path, executable ? 0o755 : 0o644);
  }
  chmodSync(stage, 0o755);
  for (const entry of entries) lutimesSync(join(entry.parentPath ?? entry.path, entry.name), epoch, epoch);
  lutimesSync(stage, epoch, epoch);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { env } = await setup(['package']);
  const { code, text } = await build({ env });
  if (code !== 0) {
    say(text.trimEnd());
    process.exitCode = code;
  } else process.stdout.write(`${await makePackage(folders(process.argv.slice(2)))}\n`);
}

/** `--out DIR`, for the package; `--stage DIR`, where it is put together; `--quick`, larger and sooner, for tests. */
function folders(args) {
  const options = { out: { type: 'string' }, stage: { type: 'string' }, quick: { type: 'boolean' } };
  return parseArgs({ args, options }).values;
}
