/** Talk goes to standard error: standard output belongs to the command that is being run. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Seconds since `startMs` (a value of `performance.now()`), for people: `3.2 s`. */
export function took(startMs) {
  return `${((performance.now() - startMs) / 1000).toFixed(1)} s`;
}
