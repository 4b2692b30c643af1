import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import type { Cluster } from '@softset/protocol';
import { parseClusterFile } from '@softset/protocol/cluster-file.js';
import { type EnrolledFile, inFolder } from '@softset/protocol/enrolment.js';
import { exitCodes } from '../exit-codes.js';
import { accountOf } from '../install/place.js';
import { inUseProgram } from '../programs-beside.js';
import { print, refuse } from '../say.js';
import { type Archive, bytesOf, decodeArchive, encodeArchive, type Kept } from './archive.js';

export interface BackupOptions {
  readonly cluster: string;
  readonly stateDir: string;
  readonly out: string;
  readonly json?: boolean;
}

export interface RestoreOptions {
  readonly cluster: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/**
 * `softset backup`: the folder of the cluster file in two files, what everybody may read and what nobody may; with the
 * configuration that runs and the keys that are used, where a roll-out or a rotation left others than lie in the folder.
 * Votes, the register and leases are not in it: a board that remembers what is no longer so is a danger (T7), one that
 * forgot asks.
 */
export function backupCommand(
  { cluster: file, stateDir, out, json }: BackupOptions,
  software: string,
  now: Date,
): number {
  try {
    const used = inUse(file, stateDir);
    if (!used.ok) process.stderr.write(`${used.message}; the files are kept as they are\n`);
    const { files, renewed } = used.ok ? used.value : { files: [], renewed: [] };
    const text = files.find(({ name }) => name === basename(file))?.text ?? readFileSync(file, 'utf8');
    const parsed = parseClusterFile(text, file);
    if (!parsed.ok) return refuse(parsed);
    const { settings, secrets, strange } = sorted(dirname(file), parsed.value, files);
    const { name, number } = parsed.value;
    const time = now.toISOString();
    const stem = `softset-${name}-${time.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}`;
    mkdirSync(out, { recursive: true, mode: 0o750 });
    const paths = { settings: join(out, `${stem}.settings`), secrets: join(out, `${stem}.secrets`) };
    for (const [kind, files] of [
      ['settings', settings],
      ['secrets', secrets],
    ] as const) {
      const archive: Archive = { format: 'softset-backup-1', kind, cluster: name, number, software, time, files };
      // Made with its mode, not given it afterwards; what is there is not written over.
      writeFileSync(paths[kind], encodeArchive(archive), { mode: kind === 'secrets' ? 0o600 : 0o640, flag: 'wx' });
    }
    if (json) print(JSON.stringify({ ...paths, left: strange, renewed }));
    else {
      print(`${paths.settings}: ${settings.map((one) => one.name).join(', ')}`);
      print(`${paths.secrets}: ${secrets.map((one) => one.name).join(', ')} (keep it apart)`);
      if (renewed.length > 0) print(`as they are used, not as they lie in ${dirname(file)}: ${renewed.join(', ')}`);
      if (strange.length > 0) print(`left out, for their names: ${strange.join(', ')}`);
    }
    return exitCodes.done;
  } catch (error) {
    const { code = 'EIO', message } = error as NodeJS.ErrnoException;
    return refuse({ code, message });
  }
}

/** netrack-in-use, as the daemons' user where root asks: it owns what the daemons left. Error: `NOT_KNOWN`, with its words. */
function inUse(file: string, stateDir: string): Result<MemberFiles> {
  const account = process.getuid?.() === 0 ? accountOf() : undefined;
  const words = [inUseProgram, '--cluster', resolve(file), '--state-dir', stateDir];
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', ...account });
  if (status === 0) return ok(JSON.parse(stdout) as MemberFiles);
  return fail('NOT_KNOWN', stderr.trim() || 'what runs here cannot be told');
}

interface MemberFiles {
  readonly files: readonly EnrolledFile[];
  readonly renewed: readonly string[];
}

/** A file is secret when the cluster file says so, when its name does, or when nobody but its owner may read it. */
function sorted(folder: string, { keyFile, oldKeyFile }: Cluster, used: readonly EnrolledFile[]) {
  const settings: Kept[] = [];
  const secrets: Kept[] = [];
  const strange: string[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(folder.length + 1);
    if (!entry.isFile()) continue;
    if (!inFolder(name)) {
      strange.push(name);
      continue;
    }
    const secret =
      name === keyFile || name === oldKeyFile || /\.(key|snmp)$/.test(name) || (statSync(path).mode & 0o077) === 0;
    const bytes = Buffer.from(used.find((one) => one.name === name)?.text ?? readFileSync(path));
    (secret ? secrets : settings).push({ name, base64: bytes.toString('base64') });
  }
  return { settings, secrets, strange };
}

/** `softset restore FILE…`: all of it is read and judged before anything is written. */
export function restoreCommand(paths: readonly string[], options: RestoreOptions): number {
  const { cluster: file, force, json } = options;
  try {
    const archives: Archive[] = [];
    for (const path of paths) {
      const archive = decodeArchive(readFileSync(path, 'utf8'), path);
      if (!archive.ok) return refuse(archive);
      archives.push(archive.value);
    }
    const fits = fitting(archives, file, force === true);
    if (!fits.ok) return refuse(fits, fits.code === 'FILE_EXISTS' ? 'with --force it is written over' : undefined);
    const folder = dirname(file);
    // The cluster file last: units wait for it.
    const last = basename(file);
    const all = archives.flatMap(({ kind, files }) => files.map((kept) => ({ kept, secret: kind === 'secrets' })));
    for (const { kept, secret } of all.sort((a, b) => Number(a.kept.name === last) - Number(b.kept.name === last)))
      put(join(folder, kept.name), bytesOf(kept), secret);
    const names = all.map(({ kept }) => kept.name);
    print(json ? JSON.stringify({ restored: names }) : `restored ${names.join(', ')}; next: softset doctor`);
    return exitCodes.done;
  } catch (error) {
    const { code = 'EIO', message } = error as NodeJS.ErrnoException;
    return refuse({ code, message });
  }
}

/** Errors: `OTHER_CLUSTER`, `CLUSTER_FILE_INVALID`, `FILE_EXISTS`. */
function fitting(archives: readonly Archive[], file: string, force: boolean): Result<void> {
  const [first] = archives;
  const other = archives.find(({ number }) => number !== first?.number);
  if (first !== undefined && other !== undefined)
    return fail('OTHER_CLUSTER', `these are of two clusters, ${first.cluster} and ${other.cluster}`);
  const text = archives.flatMap(({ files }) => files).find(({ name }) => name === basename(file));
  if (text !== undefined) {
    const parsed = parseClusterFile(bytesOf(text).toString('utf8'), file);
    if (!parsed.ok) return parsed;
  }
  if (force) return ok(undefined);
  for (const kept of archives.flatMap(({ files }) => files)) {
    const path = join(dirname(file), kept.name);
    if (existsSync(path) && !readFileSync(path).equals(bytesOf(kept)))
      return fail('FILE_EXISTS', `${path} is there, and is another`);
  }
  return ok(undefined);
}

/** Under a new name, with owner and mode, before it takes its place: nobody sees a key that others may read. */
function put(path: string, bytes: Buffer, secret: boolean): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  const fresh = `${path}.restored`;
  const mode = secret ? 0o600 : 0o640;
  writeFileSync(fresh, bytes, { mode });
  chmodSync(fresh, mode);
  const account = process.getuid?.() === 0 ? accountOf() : undefined;
  if (account !== undefined) chownSync(fresh, secret ? account.uid : 0, account.gid);
  renameSync(fresh, path);
}
