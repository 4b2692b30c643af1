export type * from './core/events.js';
export type * from './core/state.js';
