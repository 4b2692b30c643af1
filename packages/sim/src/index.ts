export { ClusterSim, FAULTS_MS, HEALING_MS, type SimOptions, type SimResult } from './cluster-sim.js';
export { runSimCommand } from './command.js';
export { type BoardRef, between, type Fault, oneWay } from './fault.js';
export type { Violation } from './safety.js';
