import type {
  GeoDhcpMethods,
  GeoDhcpTopics,
  NetrackMethods,
  NetrackTopics,
  PsrmMethods,
  PsrmTopics,
  RedirectMethods,
  RedirectTopics,
  RulesMethods,
  SnmpagMethods,
  SnmpagTopics,
} from '@softset/protocol';
import { type ControlClient, type ControlClientOptions, connectControl } from './control-client.js';

/** Each daemon serves `RUN_DIR/NAME.sock`. */
export type NetrackClient = ControlClient<NetrackMethods, NetrackTopics>;
export type PsrmClient = ControlClient<PsrmMethods, PsrmTopics>;
export type GeoDhcpClient = ControlClient<GeoDhcpMethods, GeoDhcpTopics>;
export type RedirectClient = ControlClient<RedirectMethods & RulesMethods, RedirectTopics>;
export type SnmpagClient = ControlClient<SnmpagMethods, SnmpagTopics>;

export const netrackClient = (runDir: string, options: ControlClientOptions): NetrackClient =>
  connectControl<NetrackMethods, NetrackTopics>(`${runDir}/netrackd.sock`, options);

export const psrmClient = (runDir: string, options: ControlClientOptions): PsrmClient =>
  connectControl<PsrmMethods, PsrmTopics>(`${runDir}/psrmd.sock`, options);

export const redirectClient = (runDir: string, options: ControlClientOptions): RedirectClient =>
  connectControl<RedirectMethods & RulesMethods, RedirectTopics>(`${runDir}/redirectd.sock`, options);

export const geoDhcpClient = (runDir: string, options: ControlClientOptions): GeoDhcpClient =>
  connectControl<GeoDhcpMethods, GeoDhcpTopics>(`${runDir}/geodhcpd.sock`, options);

export const snmpagClient = (runDir: string, options: ControlClientOptions): SnmpagClient =>
  connectControl<SnmpagMethods, SnmpagTopics>(`${runDir}/snmpagd.sock`, options);
