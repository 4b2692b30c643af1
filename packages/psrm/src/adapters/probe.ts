import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { Program } from '@softset/protocol';

type Probe = NonNullable<Program['probe']>;
type Close = () => void;

/**
 * Puts one question to a program; `done` hears once whether it was answered within `timeoutMs`. Any answer counts: the
 * question is whether it answers at all (002 ¶0029, failure 2). A refusal is silence that need not be waited for.
 */
export function askProgram(probe: Probe, done: (answered: boolean) => void): void {
  let settled = false;
  const settle = (answered: boolean): void => {
    if (settled) return;
    settled = true;
    clearTimeout(timer);
    close();
    done(answered);
  };
  const timer = setTimeout(() => {
    // A loop that was late itself runs its timers before it reads its sockets: read first, judge then.
    setImmediate(() => setImmediate(() => settle(false)));
  }, probe.timeoutMs);
  const close = probe.udp ? askUdp(probe.udp, settle) : askTcp(probe.tcp, settle);
}

function askUdp({ address, port, send }: NonNullable<Probe['udp']>, settle: (answered: boolean) => void): Close {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  let open = true;
  socket.on('message', () => settle(true));
  socket.on('error', () => settle(false)); // ECONNREFUSED: its kernel says that nobody listens.
  // Connected, so that only the asked program can answer, and a refusal is heard.
  socket.connect(port, address, () => {
    if (open) socket.send(send);
  });
  return () => {
    if (open) socket.close();
    open = false;
  };
}

function askTcp(target: Probe['tcp'], settle: (answered: boolean) => void): Close {
  if (target === undefined) return () => {};
  const socket = connect({ host: target.address, port: target.port });
  socket.on('connect', () => settle(true));
  socket.on('error', () => settle(false));
  return () => socket.destroy();
}
