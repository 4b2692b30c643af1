export * from './control-client.js';
export * from './daemons.js';
