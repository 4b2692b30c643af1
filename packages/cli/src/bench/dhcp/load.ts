import { setTimeout as sleep } from 'node:timers/promises';
import { BOARDS } from './cases.js';
import { perfdhcp } from './perfdhcp.js';
import { CLIENTS, macOf, SERVER } from './wires.js';

/** Exchanges a second that disturb nobody. */
const CALM = 20;
const DELAY_S = 4;
const RUNG_S = 2;
const RATE_MIN = 125;
const RATE_MAX = 16_000;
/** A server keeps up with what is asked when it completes so much of it. */
const KEEPS_UP = 0.9;
const READY_MS = 15_000;

const from = (first: number, count: number): string[] => ['-R', String(count), '-b', `mac=${macOf(first)}`];

/** A server answers: the last of the clients asks, whom no case needs. Throws after a while. */
export async function untilReady(alive: () => string | undefined): Promise<void> {
  const endMs = performance.now() + READY_MS;
  for (;;) {
    const dead = alive();
    if (dead !== undefined) throw new Error(dead);
    const { acks } = await perfdhcp(SERVER, ['-r', '4', '-p', '1', ...from(CLIENTS - 1, 1)], 1000);
    if (acks > 0) return;
    if (performance.now() > endMs) throw new Error('it answered nobody');
    await sleep(100);
  }
}

/** All boards ask at once, each again after its own pauses: until the last has its address, ms. */
export async function powerUp(): Promise<number> {
  const args = ['--scenario', 'avalanche', '-x', 't', ...from(0, BOARDS)];
  const { lastMs, acks } = await perfdhcp(SERVER, args, 30_000);
  if (lastMs === undefined || acks < BOARDS) throw new Error(`${acks} of ${BOARDS} boards got an address`);
  return lastMs;
}

/** Each client once, calmly, so that leases and whatever is cached are there. */
export async function warmUp(): Promise<void> {
  const perSecond = RATE_MIN;
  const seconds = Math.ceil(CLIENTS / perSecond) + 1;
  await perfdhcp(SERVER, ['-r', String(perSecond), '-p', String(seconds), ...from(0, CLIENTS)], seconds * 1000);
}

/** Mean of one whole exchange under a load that disturbs nobody, ms. */
export async function delay(): Promise<number> {
  const args = ['-r', String(CALM), '-p', String(DELAY_S), ...from(0, CLIENTS)];
  const { delayMs } = await perfdhcp(SERVER, args, DELAY_S * 1000);
  if (delayMs === undefined) throw new Error('nobody was answered');
  return delayMs;
}

/**
 * The most exchanges that were completed in a second: more are asked for until it no longer keeps up. What it still
 * does when asked for twice too much counts as well, for some servers collapse there and others do not.
 */
export async function rate(): Promise<number> {
  let most = 0;
  for (let asked = RATE_MIN; asked <= RATE_MAX; asked *= 2) {
    const args = ['-r', String(asked), '-p', String(RUNG_S), ...from(0, CLIENTS)];
    const { rate: got } = await perfdhcp(SERVER, args, RUNG_S * 1000);
    most = Math.max(most, got);
    if (got < asked * KEEPS_UP) break;
  }
  return most;
}
