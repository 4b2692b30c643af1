import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, ok, type Result } from '@softset/base';
import type { Board, Cluster } from '@softset/protocol';
import type { Journal, Logger } from '@softset/runtime';
import type { DaemonOptions } from '@softset/runtime/daemon-options.js';
import {
  agentSecretFiles,
  readAgentSecrets,
  readSecrets,
  type Secrets,
  secretFiles,
  writeConf,
} from './adapters/conf-file.js';
import { FileWatch } from './adapters/file-watch.js';
import type { AgentSecrets } from './adapters/snmp-manager.js';
import { agentxOf } from './agentx-of.js';
import { snmpdConf } from './core/snmpd-conf.js';
import { trapdConf } from './core/traps/trapd-conf.js';

export interface SecretsParts {
  readonly options: DaemonOptions;
  readonly cluster: Cluster;
  readonly board: Board;
  readonly log: Logger;
  readonly journal: Pick<Journal, 'append'>;
  /** Agents behind are asked with these from now on. */
  readonly onAgents: (secrets: ReadonlyMap<string, AgentSecrets>) => void;
  /** snmptrapd's configuration was made anew. */
  readonly onTrapd: () => void;
  /** Process of the snmpd that is connected; undefined where that is not known. */
  readonly master: () => number | undefined;
}

/**
 * Passphrases and communities that change while everything runs. All of them are read again; where one cannot be, it is
 * said and nothing changes. snmpd reads its configuration anew by SIGHUP and goes on (snmpd(8)): walks and sessions of
 * ours are not broken off, and its engine's boots and clock stay, so that a recorded SET stays stale.
 */
export class SecretsDesk {
  readonly #parts: SecretsParts;
  readonly #watch: FileWatch;

  constructor(parts: SecretsParts) {
    this.#parts = parts;
    const { options, cluster, log } = parts;
    const files = [secretFiles, agentSecretFiles].flatMap((of) => of(options.cluster, cluster.snmp));
    this.#watch = new FileWatch(files, () => {
      const read = this.read();
      if (!read.ok) log.warn('secrets-refused', { code: read.code, message: read.message });
    });
  }

  /** Errors: those of the secret files; errno's names. */
  read(): Result<void> {
    const { options, cluster, log, journal, onAgents } = this.#parts;
    const behind = readAgentSecrets(options.cluster, cluster.snmp);
    if (!behind.ok) return behind;
    const own = readSecrets(options.cluster, cluster.snmp);
    if (!own.ok) return own;
    onAgents(behind.value);
    const done = [this.#trapd(behind.value), this.#snmpd(own.value)];
    const failed = done.find((one) => !one.ok);
    if (failed !== undefined && !failed.ok) return failed;
    const snmpd = done[1]?.ok ? done[1].value : undefined;
    journal.append({ who: 'snmpagd', what: 'secrets-read', fields: { snmpd } });
    log.info('secrets-read', { snmpd });
    return ok(undefined);
  }

  #trapd(secrets: ReadonlyMap<string, AgentSecrets>): Result<string> {
    const { options, cluster, board, onTrapd } = this.#parts;
    if (cluster.snmp?.traps === undefined) return ok('none');
    const persistentDir = trapdDir(options);
    const text = trapdConf({ cluster, board, persistentDir, secrets });
    if (text === readIfThere(join(options.runDir, 'snmptrapd.conf'))) return ok('the same');
    const written = writeConf(options.runDir, persistentDir, text, 'snmptrapd.conf');
    if (!written.ok) return written;
    onTrapd();
    return ok('told');
  }

  #snmpd(own: Secrets): Result<string> {
    const { options, cluster, board, master } = this.#parts;
    const path = join(options.runDir, 'snmpd.conf');
    // An snmpd that somebody configures in another way is none of our business.
    if (options.stateDir === undefined || !existsSync(path)) return ok('not ours');
    const persistentDir = join(options.stateDir, 'snmpd');
    const agentx = agentxOf(cluster, options.runDir);
    const text = snmpdConf({ cluster, board, agentx, persistentDir, ...own });
    if (text === readIfThere(path)) return ok('the same');
    const written = writeConf(options.runDir, persistentDir, text);
    if (!written.ok) return written;
    const pid = master();
    // By TCP nobody knows whose process it is: it reads the file at its next start.
    if (pid === undefined || readIfThere(`/proc/${pid}/comm`)?.trim() !== 'snmpd') return ok('at its next start');
    try {
      process.kill(pid, 'SIGHUP');
      return ok('told');
    } catch (error) {
      return fail('SNMPD_NOT_TOLD', `process ${pid} cannot be told: ${(error as Error).message}; restart snmpd`, error);
    }
  }

  close(): void {
    this.#watch.close();
  }
}

export function trapdDir({ stateDir, runDir }: DaemonOptions): string {
  return join(stateDir ?? runDir, 'snmptrapd');
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
