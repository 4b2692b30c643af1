/** A daemon: its core is imported by subpath (`@softset/snmpag/core/oid.js`). */
export type * from './core/agentx/pdu.js';
