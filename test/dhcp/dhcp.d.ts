/** As much of the npm package `dhcp` 0.2.20 as its test uses. */
declare module 'dhcp' {
  interface Message {
    readonly options: Readonly<Record<number, number>>;
  }
  interface Bound {
    readonly address: string;
    readonly options: Readonly<Record<string, string>>;
  }
  interface Client {
    on(event: 'message', listener: (message: Message) => void): void;
    on(event: 'bound', listener: (state: Bound) => void): void;
    listen(port: number, host: string, ready: () => void): void;
    sendDiscover(): void;
    sendRenew(): void;
  }
  const dhcp: { createClient(config: { mac: string; features: readonly string[] }): Client };
  export = dhcp;
}
