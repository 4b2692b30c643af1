/** Light parts only: whatever loads zod or yaml (cluster-file, cluster-schema, board-message) is a subpath of its own. */
export type { AlarmCause, AlarmGuide } from './alarms.js';
export * from './beat.js';
export type * from './board-message.js';
export * from './cluster.js';
export type { EnrolRequest, EnrolToken } from './enrolment.js';
export type * from './geodhcp.js';
export * from './grant.js';
export type * from './methods/configuration.js';
export type * from './methods/geodhcp.js';
export type * from './methods/keys.js';
export type * from './methods/netrack.js';
export type * from './methods/psrm.js';
export type * from './methods/redirect.js';
export type * from './methods/rules.js';
export type * from './methods/snmpag.js';
export * from './only-active.js';
export type * from './pulse-socket.js';
export * from './register.js';
