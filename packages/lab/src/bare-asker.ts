import { tcpAccepts } from '@softset/linux/tcp-accepts.js';

/*
 * The least that a Node process can ask of so many programs at such a pace: one timer that wakes it as often as psrmd's
 * wakes psrmd, and the same system calls for each question, but no programs, no state and no judgement. What it takes of
 * a processor is the machine's and Node's share of what psrmd takes. Arguments: port, programs, ms between two questions.
 */
const [port = 0, count = 0, everyMs = 0] = process.argv.slice(2).map(Number);
const tickMs = 512;
let due = 0;
setInterval(() => {
  for (due += (count * tickMs) / everyMs; due >= 1; due--) tcpAccepts('127.0.0.1', port);
}, tickMs);
