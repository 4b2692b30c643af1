import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ok, type Result } from '@softset/base';
import type { Snmp } from '@softset/protocol';
import { writeFileAtomicSync } from '@softset/runtime/atomic-file.js';
import { errnoFailure } from '@softset/runtime/errno.js';
import { type ConfParts, withoutUsers } from '../core/snmpd-conf.js';
import { readCommunity, readPassphrases } from './secret-file.js';
import type { AgentSecrets } from './snmp-manager.js';

export type Secrets = Pick<ConfParts, 'passphrases' | 'communities'>;

/** Where the secrets are that snmpd's configuration is made from. */
export function secretFiles(clusterFile: string, snmp: Snmp | undefined): readonly string[] {
  const names = [
    ...(snmp?.users ?? []).map(({ passwordFile }) => passwordFile),
    ...(snmp?.communities ?? []).map(({ file }) => file),
    ...(snmp?.targets ?? []).flatMap(({ communityFile }) => communityFile ?? []),
  ];
  return [...new Set(names)].map((name) => resolve(dirname(clusterFile), name));
}

/** Where those are that agents behind are asked with. */
export function agentSecretFiles(clusterFile: string, snmp: Snmp | undefined): readonly string[] {
  const names = (snmp?.agents ?? []).flatMap(({ communityFile, passwordFile }) => communityFile ?? passwordFile ?? []);
  return [...new Set(names)].map((name) => resolve(dirname(clusterFile), name));
}

/** Every secret that the cluster file names, from beside it. Errors: those of the secret files. */
export function readSecrets(clusterFile: string, snmp: Snmp | undefined): Result<Secrets> {
  const beside = (file: string): string => resolve(dirname(clusterFile), file);
  const passphrases = new Map<string, readonly [string, string]>();
  for (const { name, passwordFile } of snmp?.users ?? []) {
    const read = readPassphrases(beside(passwordFile));
    if (!read.ok) return read;
    passphrases.set(name, read.value);
  }
  const communities = new Map<string, string>();
  const files = [
    ...(snmp?.communities ?? []).map(({ file }) => file),
    ...(snmp?.targets ?? []).flatMap(({ communityFile }) => communityFile ?? []),
  ];
  for (const file of files) {
    const read = readCommunity(beside(file));
    if (!read.ok) return read;
    communities.set(file, read.value);
  }
  return ok({ passphrases, communities });
}

/** What the agents behind are asked with, by their names. Errors: those of the secret files. */
export function readAgentSecrets(clusterFile: string, snmp: Snmp | undefined): Result<Map<string, AgentSecrets>> {
  const beside = (file: string): string => resolve(dirname(clusterFile), file);
  const secrets = new Map<string, AgentSecrets>();
  for (const { name, communityFile, passwordFile } of snmp?.agents ?? []) {
    if (passwordFile !== undefined) {
      const read = readPassphrases(beside(passwordFile));
      if (!read.ok) return read;
      secrets.set(name, { passphrases: read.value });
    } else if (communityFile !== undefined) {
      const read = readCommunity(beside(communityFile));
      if (!read.ok) return read;
      secrets.set(name, { community: read.value });
    }
  }
  return ok(secrets);
}

/**
 * Replaces RUN_DIR/snmpd.conf, or snmptrapd.conf, whole, and takes old users out of what snmpd keeps. The value is what snmpd's `-c` wants:
 * both files. Under `-C` it reads its kept file only where it is named, and one that does not read it begins with
 * engineBoots 1 at each start: then a recorded SET could be played again. Errors: errno's names.
 */
export function writeConf(
  runDir: string,
  persistentDir: string,
  text: string,
  name: 'snmpd.conf' | 'snmptrapd.conf' = 'snmpd.conf',
): Result<string> {
  const path = join(runDir, name);
  const kept = join(persistentDir, name);
  try {
    mkdirSync(runDir, { recursive: true, mode: 0o750 });
    mkdirSync(persistentDir, { recursive: true, mode: 0o700 });
  } catch (error) {
    return errnoFailure(error, `make ${persistentDir}`);
  }
  const before = readKept(kept);
  if (!before.ok) return before;
  const after = withoutUsers(before.value ?? '');
  if (after !== before.value) {
    // fsync: engineBoots must not fall back after a power cut.
    const rewritten = writeFileAtomicSync(kept, after, { mode: 0o600, fsync: true });
    if (!rewritten.ok) return rewritten;
  }
  const written = writeFileAtomicSync(path, text, { mode: 0o600 });
  return written.ok ? ok(`${path},${kept}`) : written;
}

/** Undefined where snmpd has not run here yet. */
function readKept(path: string): Result<string | undefined> {
  try {
    return ok(readFileSync(path, 'utf8'));
  } catch (error) {
    return (error as { code?: string }).code === 'ENOENT' ? ok(undefined) : errnoFailure(error, `read ${path}`);
  }
}
