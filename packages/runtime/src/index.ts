/** Types only: each module is imported by its subpath, so that a daemon loads what it uses and nothing else. */
export type * from './control-methods.js';
export type * from './control-server.js';
export type * from './journal.js';
export type * from './kernel.js';
export type * from './log.js';
export type * from './metrics.js';
export type * from './step-runner.js';
export type * from './topic.js';
