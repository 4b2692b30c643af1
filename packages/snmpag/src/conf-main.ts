import { join } from 'node:path';
import { exitCodes, parseDaemonArgs } from '@softset/runtime/daemon-options.js';
import { loadCluster } from '@softset/runtime/load-cluster.js';
import { readSecrets, writeConf } from './adapters/conf-file.js';
import { agentxOf } from './agentx-of.js';
import { snmpdConf } from './core/snmpd-conf.js';

/**
 * `snmpagd-conf --cluster FILE --board NAME --run-dir DIR --state-dir DIR`: writes RUN_DIR/snmpd.conf, and prints what
 * snmpd's `-c` wants: `exec snmpd -f -Lo -C -c "$(snmpagd-conf …)"`.
 */
function leave(code: number, message: string): never {
  process.stderr.write(`snmpagd-conf: ${message}\n`);
  process.exit(code);
}
const refuse = ({ code, message }: { code: string; message: string }): never =>
  leave(/^E[A-Z]+$/.test(code) ? exitCodes.system : exitCodes.refused, message);

const command = parseDaemonArgs(process.argv.slice(2));
if (!command.ok || command.value.kind !== 'run' || command.value.options.stateDir === undefined) {
  const why = command.ok ? '--state-dir is required: snmpd must remember how often it booted' : command.message;
  leave(exitCodes.usage, `${why}\nusage: snmpagd-conf --cluster FILE --board NAME --run-dir DIR --state-dir DIR`);
}
const { cluster: file, board: name, runDir, stateDir } = command.value.options;
const loaded = await loadCluster(file, name, undefined, stateDir);
if (!loaded.ok) refuse(loaded);
else {
  const { cluster, board } = loaded.value;
  const secrets = readSecrets(file, cluster.snmp);
  if (!secrets.ok) refuse(secrets);
  else {
    const persistentDir = join(stateDir, 'snmpd');
    const agentx = agentxOf(cluster, runDir);
    const text = snmpdConf({ cluster, board, agentx, persistentDir, ...secrets.value });
    const written = writeConf(runDir, persistentDir, text);
    if (!written.ok) refuse(written);
    else process.stdout.write(`${written.value}\n`);
  }
}
