/** What ran, in numbers and names: `skipped` and `failures` are titles. */
export const empty = { passed: 0, failed: 0, skipped: [], failures: [] };

export function sum(tallies) {
  return tallies.reduce(
    (all, one) => ({
      passed: all.passed + one.passed,
      failed: all.failed + one.failed,
      skipped: [...all.skipped, ...one.skipped],
      failures: [...all.failures, ...one.failures],
    }),
    empty,
  );
}

/** `12 passed, 0 failed`, with `, 3 skipped` only where something was. */
export function lastLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`;
}

/** Prints names, then the count as the very last line; returns the exit code. */
export function conclude(tally) {
  const lines = [
    ...tally.skipped.map((title) => `skipped: ${title}`),
    ...tally.failures.map((title) => `failed: ${title}`),
    lastLine(tally),
  ];
  process.stdout.write(`\n${lines.join('\n')}\n`);
  return exitCode(tally);
}

/** Nothing run is no success: a check can be silent for want of a tool. */
export function exitCode({ passed, failed }) {
  return failed > 0 || passed === 0 ? 1 : 0;
}
