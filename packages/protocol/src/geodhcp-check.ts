import { type Ipv4, inPrefix, parseIpv4 } from '@softset/base';
import type { Board, Cluster } from './cluster.js';
import type { Finding } from './cluster-check.js';
import type { BootOptions, GeoDhcp, GeoSwitch, Place } from './geodhcp.js';
import type { GeoDhcpFile } from './geodhcp-schema.js';

/** More ports than the largest chassis has: a range with a slip of the finger is refused before it fills the memory. */
const PLACES_MAX = 4096;

/** Pad, address, lease time, overload, type, server, list, message, times, client id, relay, end (RFC 2132 §9). */
const PROTOCOL_OPTIONS = new Set([0, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 61, 82, 255]);

type Entry = GeoDhcpFile['ports'][number];

/** The port map of a file whose boards are good; what does not fit together goes into `find`. */
export function checkGeoDhcp(
  file: GeoDhcpFile,
  boards: readonly Board[],
  networks: Cluster['networks'],
  find: (path: Finding['path'], message: string) => void,
): GeoDhcp {
  const byName = new Map(boards.map((board) => [board.name, board]));
  const known = (what: string, name: string, names: Iterable<string>): string =>
    `unknown ${what} "${name}"; known: ${[...names].sort().join(', ') || 'none'}`;
  const at = (...path: (string | number)[]): Finding['path'] => ['geodhcp', ...path];

  const servers = file.boards.flatMap((name, i) => {
    const board = byName.get(name);
    if (board === undefined) find(at('boards', i), known('board', name, byName.keys()));
    return board === undefined ? [] : [board.id];
  });
  const switches = Object.entries(file.switches).map(([name, entry]): GeoSwitch => {
    for (const [port, other] of Object.entries(entry.uplinks)) {
      if (other !== '' && !(other in file.switches))
        find(at('switches', name, 'uplinks', port), known('switch', other, Object.keys(file.switches)));
    }
    if (entry.profile === 'cisco' && entry.vlans.length === 0)
      find(at('switches', name, 'vlans'), 'the profile cisco needs the VLANs to ask for');
    const { options: _, v3, ...rest } = entry;
    return { name, ...rest, ...(v3 === undefined ? {} : { v3 }) };
  });

  const layers: [Finding['path'], BootOptions | undefined][] = [
    [at('options'), file.options],
    [at('networkOptions', 'A'), file.networkOptions.A],
    [at('networkOptions', 'B'), file.networkOptions.B],
    ...Object.entries(file.switches).map(([name, entry]): [Finding['path'], BootOptions | undefined] => [
      at('switches', name, 'options'),
      entry.options,
    ]),
    ...file.ports.map((entry, i): [Finding['path'], BootOptions | undefined] => [
      at('ports', i, 'options'),
      entry.options,
    ]),
  ];
  for (const [path, options] of layers) {
    for (const code of Object.keys(options?.raw ?? {}))
      if (PROTOCOL_OPTIONS.has(Number(code)) || Number(code) > 254)
        find([...path, 'raw', code], `option ${code} belongs to the protocol itself`);
  }

  const places: Place[] = [];
  const byPort = new Map<string, string>();
  const byAddress = new Map<Ipv4, string>();
  const byCircuit = new Map<string, string>();
  const add = (entry: Entry, i: number, number: string): void => {
    const here = at('ports', i);
    const on = file.switches[entry.switch];
    if (on === undefined) {
      if (number === firstNumber(entry.port))
        find([...here, 'switch'], known('switch', entry.switch, Object.keys(file.switches)));
      return;
    }
    const port = entry.port.replace(RANGE, number);
    const id = `${entry.switch}/${port}`;
    const fill = (text: string): string => filled(text, number);
    if (byPort.has(id)) find([...here, 'port'], `${id} is ${byPort.get(id)}'s already`);
    const boardName = entry.board === undefined ? undefined : fill(entry.board);
    const board = boardName === undefined ? undefined : byName.get(boardName);
    if (boardName !== undefined && board === undefined)
      find([...here, 'board'], known('board', boardName, byName.keys()));
    if ((entry.board === undefined) === (entry.addresses === undefined))
      find(here, `${id} needs either board or addresses: without one it has no address`);
    const name = board?.name ?? (entry.name === undefined ? id : fill(entry.name));
    byPort.set(id, name);
    const addresses = board === undefined ? (entry.addresses ?? []).map(fill) : [board.addresses[on.network]];
    const { subnet } = networks[on.network];
    for (const ip of addresses) {
      if (!parseIpv4(ip).ok) find(here, `"${ip}" is not an IPv4 address, which DHCP gives`);
      else if (!inPrefix(ip, subnet))
        find(here, `${ip} is outside network ${on.network} (${subnet.ip}/${subnet.length})`);
      const first = byAddress.get(ip);
      if (first !== undefined) find(here, `${ip} is given to ${first} already`);
      byAddress.set(ip, id);
      const owner = boards.find((one) => one.addresses.A === ip || one.addresses.B === ip);
      if (owner !== undefined && owner !== board)
        find(here, `${ip} is board ${owner.name}'s: say board: ${owner.name}`);
    }
    const circuitId = entry.circuitId === undefined ? undefined : circuitText(fill(entry.circuitId));
    if (circuitId !== undefined) {
      const first = byCircuit.get(circuitId);
      if (first !== undefined) find([...here, 'circuitId'], `names ${first} already`);
      byCircuit.set(circuitId, id);
    }
    const options = merged(file.options, file.networkOptions[on.network], on.options, entry.options);
    places.push({
      id,
      switch: entry.switch,
      network: on.network,
      port,
      name,
      addresses,
      options,
      ...(circuitId === undefined ? {} : { circuitId }),
    });
  };
  file.ports.forEach((entry, i) => {
    const range = RANGE.exec(entry.port);
    const [from, to] = [Number(range?.[1] ?? 0), Number(range?.[2] ?? 0)];
    if (to < from) find(at('ports', i, 'port'), `the range ${from}-${to} is empty`);
    if (places.length + to - from > PLACES_MAX) {
      find(at('ports', i, 'port'), `more than ${PLACES_MAX} ports`);
      return;
    }
    for (let number = from; number <= to; number++) add(entry, i, range === null ? '' : String(number));
  });

  return {
    boards: servers,
    ...(file.enrolPort === undefined ? {} : { enrolPort: file.enrolPort }),
    leaseMs: file.leaseSeconds * 1000,
    lookupMs: file.lookupMs,
    locationMs: file.locationMs,
    probeMs: file.probeMs,
    quarantineMs: file.quarantineSeconds * 1000,
    relays: file.relays,
    switchesInsertCircuitId: file.switchesInsertCircuitId,
    switches,
    places,
  };
}

const RANGE = /\{(\d{1,5})-(\d{1,5})\}/;

function firstNumber(port: string): string {
  return RANGE.exec(port)?.[1] ?? '';
}

/** `{}` is the number of the range, `{+100}` that and 100. */
function filled(text: string, number: string): string {
  return text.replace(/\{(?:\+(\d{1,5}))?\}/g, (_, more: string | undefined) =>
    String(Number(number) + Number(more ?? 0)),
  );
}

/** Circuit ids are bytes: kept in hexadecimal, as they are compared. */
function circuitText(written: string): string {
  if (/^0x([0-9a-fA-F]{2})+$/.test(written)) return written.slice(2).toLowerCase();
  return Array.from(written, (letter) => letter.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

/** The nearer wins, field by field; numbered options and boot files by their own numbers. */
function merged(...layers: readonly (BootOptions | undefined)[]): BootOptions {
  const raw = Object.assign({}, ...layers.map((layer) => layer?.raw));
  const bootFiles = Object.assign({}, ...layers.map((layer) => layer?.bootFiles));
  const whole: BootOptions = Object.assign({}, ...layers);
  return {
    ...whole,
    ...(Object.keys(raw).length > 0 ? { raw } : {}),
    ...(Object.keys(bootFiles).length > 0 ? { bootFiles } : {}),
  };
}
