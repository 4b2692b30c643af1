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
import { inFolder } from '@softset/protocol/enrolment.js';
import { keyTextsInUse } from '@softset/runtime/key-files.js';
import { exitCodes } from '../exit-codes.js';
import { accountOf } from '../install/place.js';
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
 * `softset backup`: the folder of the cluster file in two files, what everybody may read and what nobody may. Votes, the
 * register and leases are not in it: a board that remembers what is no longer so is a danger (T7), one that forgot asks.
 */
export function backupCommand(
  { cluster: file, stateDir, out, json }: BackupOptions,
  software: string,
  now: Date,
): number {
  try {
    const parsed = parseClusterFile(readFileSync(file, 'utf8'), file);
    if (!parsed.ok) return refuse(parsed);
    const { settings, secrets, strange } = sorted(dirname(file), parsed.value);
    const keys = keysInUse(dirname(file), parsed.value, stateDir, secrets);
    if (!keys.ok) return refuse(keys);
    const { name, number } = parsed.value;
    const time = now.toISOString();
    const stem = `softset-${name}-${time.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')}`;
    mkdirSync(out, { recursive: true, mode: 0o750 });
    const paths = { settings: join(out, `${stem}.settings`), secrets: join(out, `${stem}.secrets`) };
    for (const [kind, files] of [
      ['settings', settings],
      ['secrets', keys.value],
    ] as const) {
      const archive: Archive = { format: 'softset-backup-1', kind, cluster: name, number, software, time, files };
      // Made with its mode, not given it afterwards; what is there is not written over.
      writeFileSync(paths[kind], encodeArchive(archive), { mode: kind === 'secrets' ? 0o600 : 0o640, flag: 'wx' });
    }
    if (json) print(JSON.stringify({ ...paths, left: strange }));
    else {
      print(`${paths.settings}: ${settings.map((one) => one.name).join(', ')}`);
      print(`${paths.secrets}: ${secrets.map((one) => one.name).join(', ')} (keep it apart)`);
      if (strange.length > 0) print(`left out, for their names: ${strange.join(', ')}`);
    }
    return exitCodes.done;
  } catch (error) {
    const { code = 'EIO', message } = error as NodeJS.ErrnoException;
    return refuse({ code, message });
  }
}

/** A file is secret when the cluster file says so, when its name does, or when nobody but its owner may read it. */
function sorted(folder: string, { keyFile, oldKeyFile }: Cluster) {
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
    (secret ? secrets : settings).push({ name, base64: readFileSync(path).toString('base64') });
  }
  return { settings, secrets, strange };
}

/** After a rotation the key file beside the cluster file is not what is used: a backup must not bring that one back. */
function keysInUse(
  folder: string,
  { keyFile, oldKeyFile }: Cluster,
  stateDir: string,
  secrets: readonly Kept[],
): Result<readonly Kept[]> {
  const read = keyTextsInUse({
    keyFile: resolve(folder, keyFile),
    ...(oldKeyFile === undefined ? {} : { oldKeyFile: resolve(folder, oldKeyFile) }),
    directory: stateDir,
  });
  if (!read.ok) return read;
  const texts = new Map([
    [keyFile, read.value?.keyFile],
    [oldKeyFile ?? '', read.value?.oldKeyFile],
  ]);
  return ok(
    secrets.map((kept) => {
      const text = texts.get(kept.name);
      return text === undefined ? kept : { ...kept, base64: Buffer.from(text).toString('base64') };
    }),
  );
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
