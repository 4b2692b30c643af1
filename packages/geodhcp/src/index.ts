/** geodhcpd is a program: what others need of it is its control socket (`GeoDhcpMethods`, @softset/protocol). */
export type { Event } from './core/events.js';
