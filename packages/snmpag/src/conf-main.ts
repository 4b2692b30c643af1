import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KEPT_CONFIGURATION } from '@softset/protocol/kept-configuration.js';
import { exitCodes, parseDaemonArgs } from '@softset/runtime/daemon-options.js';
import { loadCluster } from '@softset/runtime/load-cluster.js';
import { readSecrets, secretFiles, writeConf } from './adapters/conf-file.js';
import { sumsOf, writeFront } from './adapters/front-file.js';
import { agentxOf } from './agentx-of.js';
import { snmpdConf } from './core/snmpd-conf.js';

/**
 * `snmpagd-conf --cluster FILE --board NAME --run-dir DIR --state-dir DIR`: writes RUN_DIR/snmpd.conf, and prints what
 * snmpd's `-c` wants: `exec snmpd -f -Lo -C -c "$(snmpagd-conf …)"`; and says for snmpagd-front of what it was made.
 */
function leave(code: number, message: string): never {
  process.stderr.write(`snmpagd-conf: ${message}\n`);
  process.exit(code);
}
const refuse = ({ code, message }: { code: string; message: string }): never =>
  leave(/^E[A-Z]+$/.test(code) ? exitCodes.system : exitCodes.refused, message);

/** Another version may make another file. Bundled, all of it is the first. */
const program = ['./conf-main.js', './core/snmpd-conf.js', './adapters/conf-file.js', './agentx-of.js'].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
);

const args = process.argv.slice(2);
const command = parseDaemonArgs(args);
if (!command.ok || command.value.kind !== 'run' || command.value.options.stateDir === undefined) {
  const why = command.ok ? '--state-dir is required: snmpd must remember how often it booted' : command.message;
  leave(exitCodes.usage, `${why}\nusage: snmpagd-conf --cluster FILE --board NAME --run-dir DIR --state-dir DIR`);
}
const { cluster: file, board: name, runDir, stateDir } = command.value.options;
// Before anything is read: what changes meanwhile has another sum. What was rolled out counts before the file, once there
// is such a thing; that it came to be is for snmpagd-front to see.
const rolledOut = sumsOf([join(stateDir, KEPT_CONFIGURATION)]);
const inputs = [...sumsOf([file]), ...[...rolledOut, ...sumsOf(program)].filter((sum) => sum !== undefined)];
const loaded = await loadCluster(file, name, undefined, stateDir);
if (!loaded.ok) refuse(loaded);
else {
  const { cluster, board } = loaded.value;
  const secretSums = sumsOf(secretFiles(file, cluster.snmp));
  const secrets = readSecrets(file, cluster.snmp);
  if (!secrets.ok) refuse(secrets);
  else {
    const persistentDir = join(stateDir, 'snmpd');
    const agentx = agentxOf(cluster, runDir);
    const text = snmpdConf({ cluster, board, agentx, persistentDir, ...secrets.value });
    const written = writeConf(runDir, persistentDir, text);
    if (!written.ok) refuse(written);
    else {
      writeFront(runDir, { args, conf: written.value, sums: [...inputs, ...secretSums] });
      process.stdout.write(`${written.value}\n`);
    }
  }
}
