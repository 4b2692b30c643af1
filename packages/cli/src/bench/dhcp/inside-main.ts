import { cases, type Kind, kindOf, type Peer, type Setting, settingOf, settings } from './cases.js';
import type { Asked, Line, Subject } from './lines.js';
import { delay, powerUp, rate, untilReady, warmUp } from './load.js';
import { type Running, startAgent, startOurs, startPeer } from './servers.js';
import { makeWires } from './wires.js';

/*
 * One run of the suite, in namespaces of its own: every server in turn on the same control node, at the same wire,
 * asked by the same perfdhcp. It tells what it does and what it measured, a line of JSON each.
 */
const { folder, wanted, peers } = JSON.parse(process.argv[2] ?? '{}') as Asked;
const tell = (line: Line): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const measures: Readonly<Record<Kind, () => Promise<number>>> = { 'power-up': powerUp, delay, rate };
/** First of all the boards that ask at once: the server knows nobody yet. */
const order: readonly Kind[] = ['power-up', 'delay', 'rate'];

async function measure(subject: Subject, kinds: ReadonlySet<Kind>, begin: () => Running): Promise<void> {
  const server = begin();
  try {
    await untilReady(server.dead);
    for (const kind of order.filter((one) => kinds.has(one))) {
      tell({ doing: `${subject}: ${kind}` });
      if (kind !== 'power-up') await warmUp();
      tell({ subject, kind, value: await measures[kind]() });
      const dead = server.dead();
      if (dead !== undefined) throw new Error(dead);
    }
  } catch (error) {
    // One that fails spoils its own rows, and not those of the others.
    tell({ subject, note: error instanceof Error ? error.message : String(error) });
  } finally {
    await server.stop();
  }
}

const chosen = cases.filter((id) => wanted.includes(id));
makeWires();
const agent = startAgent(folder);
for (const setting of settings) {
  const kinds = new Set(chosen.filter((id) => settingOf[id] === setting).map(kindOf));
  if (kinds.size > 0) await measure(setting satisfies Setting, kinds, () => startOurs(folder, setting));
}
const kinds = new Set(chosen.map(kindOf));
for (const peer of peers) await measure(peer satisfies Peer, kinds, () => startPeer(folder, peer));
await agent.stop();
