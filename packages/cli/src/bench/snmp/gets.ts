import snmp from 'net-snmp';
import { COMMUNITY } from './place.js';

const SYS_NAME = '1.3.6.1.2.1.1.5.0';

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

export const MAPPED = 'mapped';
export const DIRECT = COMMUNITY;
