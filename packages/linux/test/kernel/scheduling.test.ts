import { readdirSync, readFileSync } from 'node:fs';
import { unwrap } from '@softset/base';
import { poolThreads } from '@softset/linux/pool-threads.js';
import {
  schedulingPolicy,
  setHelpersNormal,
  setNormal,
  setPoolRoundRobin,
  setRoundRobin,
  setThreadNormal,
} from '@softset/linux/scheduling.js';
import { expect } from 'chai';
import { inNamespace, suite } from './namespace.js';

/** Field 41 of stat is the policy of a thread (proc(5)). */
function policyOf(thread: string): string | undefined {
  const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[38];
}

suite('scheduling', () => {
  inNamespace(
    import.meta.url,
    'gives this thread round-robin, and takes it away',
    () => {
      expect(unwrap(schedulingPolicy())).to.equal('normal');
      unwrap(setRoundRobin(50));
      expect(unwrap(schedulingPolicy())).to.equal('round-robin');
      expect(policyOf(String(process.pid))).to.equal('2');
      unwrap(setNormal());
      expect(unwrap(schedulingPolicy())).to.equal('normal');
      expect(setRoundRobin(100)).to.include({
        code: 'EINVAL',
        message: 'sched_setscheduler(SCHED_RR, 100): EINVAL, invalid argument',
      });
    },
    'root',
  );

  inNamespace(
    import.meta.url,
    'gives it to the threads that do the file work, and to no other',
    async () => {
      const pool = await poolThreads();
      expect(pool).to.have.lengthOf(4).and.not.include(process.pid);
      unwrap(await setPoolRoundRobin(20));
      const roundRobin = readdirSync('/proc/self/task').filter((thread) => policyOf(thread) === '2');
      expect(roundRobin.map(Number).sort()).to.deep.equal([...pool].sort());
      unwrap(setRoundRobin(20));
      setHelpersNormal();
      const left = readdirSync('/proc/self/task').filter((thread) => policyOf(thread) === '2');
      expect(left, 'helpers are ordinary again').to.deep.equal([String(process.pid)]);
    },
    'root',
  );

  inNamespace(
    import.meta.url,
    'makes a thread ordinary, and takes one that is gone for done',
    async () => {
      const thread = (await poolThreads())[0] ?? 0;
      unwrap(await setPoolRoundRobin(20));
      expect(policyOf(String(thread))).to.equal('2');
      unwrap(setThreadNormal(thread));
      expect(policyOf(String(thread))).to.equal('0');
      // Above the greatest number that a process can have (proc(5), pid_max).
      unwrap(setThreadNormal(2 ** 22 + 1));
    },
    'root',
  );

  inNamespace(
    import.meta.url,
    'is refused in a user namespace, by name',
    () => {
      expect(setRoundRobin(50)).to.deep.equal({
        ok: false,
        code: 'EPERM',
        message: 'sched_setscheduler(SCHED_RR, 50): EPERM, operation not permitted',
      });
      unwrap(setNormal());
    },
    'user',
  );
});
