import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { tcpAccepts } from '@softset/linux/tcp-accepts.js';
import type { Program } from '@softset/protocol';
import { nowMs } from '@softset/runtime/now-ms.js';
import { type Answer, answerOf } from './answer.js';
import { askHttp } from './probe-http.js';
import { askSnmp } from './probe-snmp.js';

type Probe = NonNullable<Program['probe']>;
type Close = () => void;

/** How a probe that is a program is started. Returns what ends it. */
export type RunProbe = (command: readonly string[], done: (answer: Answer) => void) => Close;

/**
 * Puts one question to a program; `done` hears once whether it was answered within `timeoutMs`, and how long that took.
 * Any answer counts by UDP and TCP: the question is whether it answers at all (002 ¶0029, failure 2). A refusal is
 * silence that need not be waited for.
 */
export function askProgram(probe: Probe, run: RunProbe, done: (answer: Answer, tookMs: number) => void): void {
  const beganMs = nowMs();
  const known = probe.tcp ? tcpNow(probe.tcp) : undefined;
  if (known !== undefined) {
    done(known, nowMs() - beganMs);
    return;
  }
  let settled = false;
  const settle = (answer: Answer): void => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    close();
    done(answer, nowMs() - beganMs);
  };
  const timer = setTimeout(() => {
    // A loop that was late itself runs its timers before it reads its sockets: read first, judge then.
    setImmediate(() => setImmediate(() => settle('missed')));
  }, probe.timeoutMs);
  const close = question(probe, run, settle);
}

function question({ udp, tcp, http, exec, snmp }: Probe, run: RunProbe, settle: (answer: Answer) => void): Close {
  if (udp) return askUdp(udp, settle);
  if (http) return askHttp(http, settle);
  if (snmp) return askSnmp(snmp, settle);
  if (exec) return run(exec.command, settle);
  return tcp ? askTcp(tcp, settle) : () => {};
}

function askUdp({ address, port, send }: NonNullable<Probe['udp']>, settle: (answer: Answer) => void): Close {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  let open = true;
  socket.on('message', () => settle('answered'));
  socket.on('error', (error) => settle(answerOf(error))); // ECONNREFUSED: its kernel says that nobody listens.
  // Connected, so that only the asked program can answer, and a refusal is heard.
  socket.connect(port, address, () => {
    if (open) socket.send(send);
  });
  return () => {
    if (open) socket.close();
    open = false;
  };
}

/** Most programs are of this machine, and then all is known at once. Undefined: it has to be waited for. */
function tcpNow({ address, port }: NonNullable<Probe['tcp']>): Answer | undefined {
  const found = tcpAccepts(address, port);
  if (found === 'later') return undefined;
  return found === 'accepts' ? 'answered' : answerOf(found);
}

/** Also for `ready.by: port`. */
export function askTcp(target: NonNullable<Probe['tcp']>, settle: (answer: Answer) => void): Close {
  const socket = connect({ host: target.address, port: target.port });
  socket.on('connect', () => settle('answered'));
  socket.on('error', (error) => settle(answerOf(error)));
  return () => socket.destroy();
}
