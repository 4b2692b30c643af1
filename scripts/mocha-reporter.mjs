import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

const { Dot, Spec } = Mocha.reporters;

/**
 * The human output of mocha's own reporter, and exact counts in a file beside it: counting by reading the human
 * output would miscount the first test that prints a number. Options: `human` ('spec' or 'dot'), `counts` (a path),
 * `lingerMs` (how long the run may stay alive after its last test before what it left open is a failure).
 *
 * Counts stand there for each test file too, so that one can be run again and counted anew.
 *
 * The file is written when the run ends and again as the process exits, so that a run that was cut short by
 * `process.exit` is seen (`ended` is false).
 */
// biome-ignore lint/style/noDefaultExport: mocha takes a reporter from the default export.
export default class CountingReporter {
  constructor(runner, options) {
    const { human, counts, lingerMs } = options.reporterOptions;
    this.human = human === 'dot' ? new Dot(runner, options) : new Spec(runner, options);
    const seen = { ended: false, passed: 0, failed: 0, skipped: [], failures: [], files: {} };
    const save = () => writeFileSync(counts, JSON.stringify(seen));
    const fail = (title) => {
      seen.failed++;
      seen.failures.push(title);
    };
    const fileOf = ({ file }) => {
      seen.files[file] ??= { passed: 0, failures: [] };
      return seen.files[file];
    };
    runner
      .on('pass', (test) => {
        seen.passed++;
        fileOf(test).passed++;
      })
      .on('fail', (test) => {
        fail(test.fullTitle());
        fileOf(test).failures.push(test.fullTitle());
      })
      // Never in silence: a test that needs a second try too often is to be looked at.
      .on('retry', (test, error) => process.stdout.write(`    tried again: ${test.fullTitle()}: ${error.message}\n`))
      .on('pending', (test) => seen.skipped.push(test.fullTitle()))
      .once('end', () => {
        seen.ended = true;
        save();
        // Fires only where something keeps the loop alive: such a run would never end by itself.
        setTimeout(() => {
          const left = process.getActiveResourcesInfo().filter((name) => !/^(TTY|Pipe)Wrap$/.test(name));
          fail(`the tests left something running: ${left.join(', ') || 'a pipe or a terminal'}`);
          process.exit(1);
        }, Number(lingerMs)).unref();
      });
    process.once('exit', save);
  }
}
