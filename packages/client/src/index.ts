export * from './control-client.js';
export * from './daemons.js';
export * from './own-program.js';
