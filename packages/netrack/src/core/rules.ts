/**
 * The rules of the lease and of terms that have a counterexample without them. A core takes a set of rules to leave
 * out, empty everywhere but in the simulator, whose scenarios show what each rule is for by running without it.
 */
export type Rule = 'T4' | 'T5' | 'R3' | 'L1' | 'L2' | 'L3' | 'L5' | 'M2' | 'M3' | 'M5' | 'M8' | 'R4' | 'drain';
export type Without = ReadonlySet<Rule>;
export const NOTHING_LEFT_OUT: Without = new Set();
