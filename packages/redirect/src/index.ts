/** Types only: the cores are imported by their subpaths, and the daemon is a program. */
export type * from './core/agent-state.js';
export type * from './core/director-state.js';
export type { History, Limits } from './core/history.js';
export type { PendingWish, Placement, Serve } from './core/placement.js';
