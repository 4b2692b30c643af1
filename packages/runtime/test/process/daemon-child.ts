import { existsSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, fail, ok } from '@softset/base';
import { runDaemon } from '@softset/runtime/daemon.js';
import { StepRunner } from '@softset/runtime/step-runner.js';

/** A daemon that does nothing but live: what the board is called says how it behaves. */
await runDaemon({
  name: 'testd',
  version: '1.2.3',
  stopMs: 300,
  checkConfig: async ({ board }) =>
    board === 'bad' ? fail('CONFIG_INVALID', 'c.yaml:3: boards: no "bad"') : ok(undefined),
  start: async (context) => {
    const { board, runDir } = context.options;
    if (board === 'refused') return fail('CONFIG_INVALID', 'c.yaml:3');
    if (board === 'system') return fail('EADDRINUSE', 'port 1');
    const runner = new StepRunner<null, { kind: 'tick' | 'poison' }, never>({
      initial: null,
      step: (_, event) => {
        assert(event.kind !== 'poison', 'poison was swallowed');
        return { state: null, effects: [] };
      },
      effects: {} as never,
      onCrash: context.crash,
      ring: context.ring,
    });
    const poison = join(runDir, 'poison');
    const watch = setInterval(() => {
      runner.dispatch({ kind: 'tick' });
      if (!existsSync(poison)) return;
      unlinkSync(poison);
      if (board === 'rejects') void Promise.reject(new TypeError('nobody caught this'));
      else runner.dispatch({ kind: 'poison' });
    }, 5);
    if (board === 'floods') {
      // More than any pipe holds. The loop must go on all the same.
      for (let line = 0; line < 20; line++) context.log.info('flood', { text: 'x'.repeat(100_000) });
      setTimeout(() => writeFileSync(join(runDir, 'went-on'), ''), 100);
    }
    context.status('living');
    context.log.info('started', { passive: context.passive });
    return ok({
      stop: () => (board === 'hangs' ? new Promise<void>(() => {}) : Promise.resolve(clearInterval(watch))),
      reload: async () => (existsSync(join(runDir, 'broken')) ? fail('CONFIG_INVALID', 'c.yaml:9') : ok(undefined)),
    });
  },
});
