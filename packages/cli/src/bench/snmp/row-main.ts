import { readFileSync } from 'node:fs';
import snmp from 'net-snmp';

/**
 * On a board: asks its front for one object as fast as it answers, and writes a line `MS VALUE` for each change, with
 * CLOCK_MONOTONIC when the answer was there. Arguments: port, community's file, object, ms between questions.
 */
const [port = '0', file = '', object = '', everyMs = '2'] = process.argv.slice(2);
const community = readFileSync(file, 'utf8').trim();
const session = snmp.createSession('127.0.0.1', community, {
  port: Number(port),
  version: snmp.Version2c,
  timeout: 1000,
  retries: 0,
});

let last = '';
function ask(): void {
  session.get([object], (error, varbinds) => {
    const value = String(varbinds?.[0]?.value ?? error?.message ?? '');
    if (value !== last) process.stdout.write(`${Number(process.hrtime.bigint()) / 1e6} ${value}\n`);
    last = value;
    setTimeout(ask, Number(everyMs));
  });
}
ask();
