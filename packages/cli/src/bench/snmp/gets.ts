import { setTimeout as sleep } from 'node:timers/promises';
import snmp from 'net-snmp';
import { COMMUNITY } from './place.js';

/** snmpd's own. */
export const SYSTEM = '1.3.6.1.2.1.1';
const SYS_NAME = '1.3.6.1.2.1.1.5.0';

/**
 * What below `column` is answered first, and when, ms of `performance.now()`; asked every 5 ms, each time for 100 ms.
 * `right`: what an earlier call was told; anything else is no answer. Throws after `withinMs`.
 */
export async function firstAnswer(
  port: number,
  column: string,
  withinMs: number,
  right?: string,
): Promise<{ readonly atMs: number; readonly said: string }> {
  const options = { port, version: snmp.Version2c, timeout: 100, retries: 0 };
  const session = snmp.createSession('127.0.0.1', COMMUNITY, options);
  // A port that nobody listens at is an error of the socket's, too.
  session.on('error', () => {});
  const endMs = performance.now() + withinMs;
  const ask = (): Promise<string | undefined> =>
    new Promise((settle) => {
      session.getNext([column], (error, varbinds) => {
        const [found] = varbinds ?? [];
        const good =
          error === null && found !== undefined && !snmp.isVarbindError(found) && found.oid.startsWith(`${column}.`);
        settle(good ? `${found.oid} = ${found.value}` : undefined);
      });
    });
  try {
    for (;;) {
      const said = await ask();
      if (said !== undefined && said === (right ?? said)) return { atMs: performance.now(), said };
      if (performance.now() > endMs) throw new Error(`no right answer at port ${port}: ${said ?? 'none at all'}`);
      await sleep(5);
    }
  } finally {
    session.close();
  }
}

/** GETs of one name, one after another by v2c: ms of each. Throws where one is not answered. */
export async function gets(port: number, community: string, count: number): Promise<readonly number[]> {
  const session = snmp.createSession('127.0.0.1', community, { port, version: snmp.Version2c, timeout: 2000 });
  const get = (): Promise<number> =>
    new Promise((settle, reject) => {
      const beganMs = performance.now();
      session.get([SYS_NAME], (error, varbinds) => {
        const answered = error === null && varbinds?.[0] !== undefined && !snmp.isVarbindError(varbinds[0]);
        if (answered) settle(performance.now() - beganMs);
        else reject(error ?? new Error(`port ${port} has no sysName`));
      });
    });
  try {
    // The first ones wake everybody up.
    for (let i = 0; i < 20; i++) await get();
    const taken: number[] = [];
    for (let i = 0; i < count; i++) taken.push(await get());
    return taken;
  } finally {
    session.close();
  }
}

/** Asks one name all the time, in two at once, until its end is called; what came of each, and after how many ms. Nobody is asked for the community `nobody`. */
export function asking(
  port: number,
  community: string,
  answered: (what: 'value' | 'error' | 'nothing', ms: number) => void,
): () => Promise<void> {
  if (community === 'nobody') return async () => {};
  const options = { port, version: snmp.Version2c, timeout: 5000, retries: 0 };
  const session = snmp.createSession('127.0.0.1', community, options);
  let over = false;
  const ask = (): Promise<void> =>
    new Promise((settle) => {
      const beganMs = performance.now();
      session.get([SYS_NAME], (error) => {
        const what = error === null ? 'value' : error instanceof snmp.RequestFailedError ? 'error' : 'nothing';
        answered(what, performance.now() - beganMs);
        settle();
      });
    });
  const all = [1, 2].map(async () => {
    while (!over) await ask();
  });
  return async () => {
    over = true;
    await Promise.all(all);
    session.close();
  };
}

export const MAPPED = 'mapped';
export const DIRECT = COMMUNITY;
