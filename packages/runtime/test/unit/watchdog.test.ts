import { watchdogPeriodMs } from '@softset/runtime/watchdog.js';
import { expect } from 'chai';

describe('the supervisor’s watchdog (sd_watchdog_enabled(3))', () => {
  for (const [title, env, period] of [
    ['is answered three times in its period', { WATCHDOG_USEC: '3000000' }, 1000],
    ['is answered where its pid is ours', { WATCHDOG_USEC: '3000000', WATCHDOG_PID: '7' }, 1000],
    ['is another process’s where the pid is', { WATCHDOG_USEC: '3000000', WATCHDOG_PID: '8' }, undefined],
    ['is not there without its period', { WATCHDOG_PID: '7' }, undefined],
    ['is off at 0', { WATCHDOG_USEC: '0' }, undefined],
    ['is off where the period is no number', { WATCHDOG_USEC: '3 s' }, undefined],
    ['is answered each ms at most', { WATCHDOG_USEC: '10' }, 1],
    ['never overflows a timer', { WATCHDOG_USEC: '9999999999999999' }, 0x7fff_ffff],
  ] as const) {
    it(title, () => expect(watchdogPeriodMs(env, 7)).to.equal(period));
  }
});
