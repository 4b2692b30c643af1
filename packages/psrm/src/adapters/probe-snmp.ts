import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { Program } from '@softset/protocol';
import { encodeGet, isAnswered } from '../core/snmp-get.js';
import { type Answer, answerOf } from './answer.js';

type Snmp = NonNullable<NonNullable<Program['probe']>['snmp']>;

const requestIdMax = 2 ** 31 - 1;

/**
 * Asks an SNMP agent for one variable. An answer with an error, without a value or to another question is none: so an
 * agent whose subagent died is seen as well, where the variable is the subagent's. Returns what ends it.
 */
export function askSnmp({ address, port, community, oid }: Snmp, settle: (answer: Answer) => void): () => void {
  const requestId = randomInt(1, requestIdMax);
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  let open = true;
  socket.on('message', (bytes) => {
    if (isAnswered(bytes, requestId)) settle('answered');
  });
  socket.on('error', (error) => settle(answerOf(error)));
  // Connected, so that only the asked agent can answer, and a refusal is heard.
  socket.connect(port, address, () => {
    if (open) socket.send(encodeGet({ community, oid }, requestId));
  });
  return () => {
    if (open) socket.close();
    open = false;
  };
}
