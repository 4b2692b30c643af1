import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Measured, makeRow, nothingMeasured, type Row } from '../row.js';
import type { Suite, SuiteOptions } from '../suites.js';
import { crashes, measured } from './crash.js';
import { asking, DIRECT, firstAnswer, gets, MAPPED, SYSTEM } from './gets.js';
import { COMMUNITY, main, OUR_COLUMN, PEER_COLUMN, Place, walked } from './place.js';

const walks = { 'walk 1k rows': 1_000, 'walk 10k rows': 10_000, 'walk 50k rows': 50_000 } as const;
type Walk = keyof typeof walks;
const RELAYED = 'get relayed';
const CRASH = 'crash to row';
/** Of the same crashes: what SNMP adds to NETRACK's judgement. */
const JUDGED = 'judged to row';
const BESIDE_DEAD = 'get beside dead';
const BACK = 'snmpd restarted';
const cases = [...(Object.keys(walks) as Walk[]), RELAYED, BESIDE_DEAD, BACK, CRASH, JUDGED] as const;
const peers = ['pass_persist', 'net-snmp', 'proxy', 'direct', 'nobody', 'living', 'snmpd alone', 'netrackd'] as const;
type Peer = (typeof peers)[number];
const usualRuns = 5;
const getsOfARun = 100;
/** 10,000 rows in 1.4 s, and growth linear to 50,000; a GET relayed in 3 ms; back within 1 s; a crash in the table within 100 ms. */
const budgets: Readonly<Record<string, number>> = {
  'walk 10k rows': 1400,
  'walk 50k rows': 7000,
  [RELAYED]: 3,
  [BESIDE_DEAD]: 3,
  [BACK]: 1000,
  [CRASH]: 100,
};
/** Its walk grows with the square of the rows: of 10,000 one is enough, and of 50,000 it would take twenty minutes. */
const slowRows = 10_000;
const walkMs = 60_000;

function missing(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return ['snmpd', 'snmpbulkwalk'].find((tool) => !folders.some((folder) => existsSync(join(folder, tool))));
}

interface Subject {
  readonly port: number;
  readonly column: string;
  readonly runs: number;
}

async function walkCase(id: Walk, options: SuiteOptions): Promise<Row> {
  const rows = walks[id];
  const wanted = (['pass_persist', 'net-snmp'] as const).filter((name) => options.peers?.includes(name) ?? true);
  const runs = options.runs ?? usualRuns;
  const place = new Place();
  const notes: string[] = [];
  const subjects = new Map<'ours' | Peer, Subject>();
  const taken = new Map<'ours' | Peer, number[]>();
  try {
    options.say(`${id}: the agents start`);
    subjects.set('ours', { port: await place.ours('ours', rows), column: OUR_COLUMN, runs });
    for (const name of wanted) {
      if (name === 'net-snmp' && rows > slowRows) {
        notes.push('net-snmp: left out, for its walk grows with the square of the rows');
        continue;
      }
      const port = await (name === 'pass_persist' ? passPersist(place, rows) : netSnmp(place, rows));
      subjects.set(name, { port, column: PEER_COLUMN, runs: name === 'net-snmp' && rows === slowRows ? 1 : runs });
    }
    for (let run = 0; run < runs; run++) {
      for (const [name, subject] of subjects) {
        if (run >= subject.runs) continue;
        options.say(`${id}: ${name}, run ${run + 1} of ${runs}`);
        const said = await walked(subject.port, subject.column, COMMUNITY, walkMs).catch(
          (error: Error) => error.message,
        );
        if (typeof said !== 'string' && said.rows === rows) taken.set(name, [...(taken.get(name) ?? []), said.ms]);
        else notes.push(`${name}: ${typeof said === 'string' ? said : `${said.rows} rows of ${rows}`}`);
      }
    }
  } finally {
    await place.end();
  }
  const of = (name: 'ours' | Peer): Measured => ({
    samples: taken.get(name) ?? [],
    notes: name === 'ours' ? notes : [],
  });
  return makeRow({
    ...{ suite: 'snmp', case: id, unit: 'ms', budget: budgets[id] ?? null, ours: of('ours') },
    peers: Object.fromEntries(wanted.filter((name) => subjects.has(name)).map((name) => [name, of(name)])),
  });
}

function passPersist(place: Place, rows: number): Promise<number> {
  const pass = `pass_persist .${PEER_COLUMN} ${process.execPath} ${main('pass-main')} ${PEER_COLUMN} ${rows}`;
  return place.snmpd('pass', [pass]);
}

async function netSnmp(place: Place, rows: number): Promise<number> {
  const port = place.port();
  const entry = PEER_COLUMN.slice(0, PEER_COLUMN.lastIndexOf('.'));
  place.start(process.execPath, [main('agent-main'), String(port), COMMUNITY, entry, String(rows)]);
  // One GET, and no walk: that would take as long as what is measured.
  await place.gets(port, `${PEER_COLUMN}.1`);
  return port;
}

async function relayedCase(options: SuiteOptions): Promise<Row> {
  const wanted = (['proxy', 'direct'] as const).filter((name) => options.peers?.includes(name) ?? true);
  const place = new Place();
  const taken = new Map<'ours' | Peer, number[]>();
  try {
    options.say(`${RELAYED}: the agents start`);
    const board = await place.snmpd('board', ['sysName board']);
    const agents = `  agents:\n    b-2: { addresses: [127.0.0.1], port: ${board}, communityFile: community }\n`;
    const mapped = '    - { file: mapped, from: 127.0.0.1/32, context: b-2 }\n';
    const ours = await place.ours('ours', 0, agents, mapped, MAPPED, '1.3.6.1.2.1.1.5.0');
    const ports = new Map<'ours' | Peer, readonly [number, string]>([['ours', [ours, MAPPED]]]);
    if (wanted.includes('proxy')) {
      const lines = [
        'view all included .1',
        `rocommunity ${MAPPED} 127.0.0.1 -V all b-2`,
        `proxy -Cn b-2 -v 2c -c ${COMMUNITY} 127.0.0.1:${board} .1.3`,
      ];
      ports.set('proxy', [await place.snmpd('proxy', lines), MAPPED]);
    }
    if (wanted.includes('direct')) ports.set('direct', [board, DIRECT]);
    const runs = options.runs ?? usualRuns;
    for (let run = 0; run < runs; run++) {
      for (const [name, [port, community]] of ports) {
        options.say(`${RELAYED}: ${name}, run ${run + 1} of ${runs}`);
        taken.set(name, [...(taken.get(name) ?? []), ...(await gets(port, community, getsOfARun))]);
      }
    }
  } finally {
    await place.end();
  }
  const of = (name: 'ours' | Peer): Measured => ({ samples: taken.get(name) ?? [], notes: [] });
  return makeRow({
    ...{ suite: 'snmp', case: RELAYED, unit: 'ms', budget: budgets[RELAYED] ?? null, ours: of('ours') },
    peers: Object.fromEntries(wanted.map((name) => [name, of(name)])),
  });
}

/**
 * GETs relayed to a board while somebody asks a dead one all the time: an agent that nobody answers for, of whose board
 * NETRACK knows nothing. Beside it the same while nobody else asks, and while as much is asked of a living one.
 */
async function besideDeadCase(options: SuiteOptions): Promise<Row> {
  const beside = ['dead', 'nobody', 'living'] as const;
  const place = new Place();
  const taken = { dead: [] as number[], nobody: [] as number[], living: [] as number[] };
  const errors: number[] = [];
  let unanswered = 0;
  try {
    options.say(`${BESIDE_DEAD}: the agents start`);
    const board = await place.snmpd('board', ['sysName board']);
    const silent = await place.silence();
    const at = (port: number) => `{ addresses: [127.0.0.1], port: ${port}, communityFile: community }`;
    const agents = `  agents:\n    b-2: ${at(board)}\n    b-3: ${at(silent)}\n    b-4: ${at(board)}\n`;
    const mapped = (['mapped', 'dead', 'living'] as const)
      .map((file, i) => `    - { file: ${file}, from: 127.0.0.1/32, context: b-${i + 2} }\n`)
      .join('');
    const port = await place.ours('ours', 0, agents, mapped, MAPPED, '1.3.6.1.2.1.1.5.0');
    for (let run = 0; run < (options.runs ?? usualRuns); run++) {
      for (const who of beside) {
        options.say(`${BESIDE_DEAD}: run ${run + 1}, ${who}`);
        const end = asking(port, who, (what, ms) => {
          if (who !== 'dead') return;
          if (what === 'error') errors.push(ms);
          else unanswered++;
        });
        taken[who].push(...(await gets(port, MAPPED, getsOfARun)));
        await end();
      }
    }
  } finally {
    await place.end();
  }
  const sorted = errors.toSorted((a, b) => a - b);
  const worst = `median ${sorted[sorted.length >> 1]?.toFixed(1)} ms, at worst ${sorted.at(-1)?.toFixed(0)} ms`;
  const note = `meanwhile ${errors.length} questions to the dead one were answered with an error, ${worst}; ${unanswered} were not`;
  const of = (who: (typeof beside)[number]): Measured => ({ samples: taken[who], notes: who === 'dead' ? [note] : [] });
  return makeRow({
    ...{ suite: 'snmp', case: BESIDE_DEAD, unit: 'ms', budget: budgets[BESIDE_DEAD] ?? null },
    ours: of('dead'),
    peers: { nobody: of('nobody'), living: of('living') },
  });
}

/**
 * Under four walks snmpd is killed and started again as PSRM does: from the kill to the first row of ours that is the one
 * from before. Beside it, when the new snmpd first answers for itself: sooner nobody can be.
 */
async function backCase(options: SuiteOptions): Promise<Row> {
  const place = new Place();
  const taken: number[] = [];
  const front: number[] = [];
  try {
    options.say(`${BACK}: the agents start`);
    const port = await place.ours('ours', walks['walk 10k rows']);
    const { said } = await firstAnswer(port, OUR_COLUMN, walkMs);
    for (let run = 0; run < (options.runs ?? usualRuns); run++) {
      options.say(`${BACK}: run ${run + 1}`);
      const load = Array.from({ length: 4 }, () => walked(port, OUR_COLUMN, COMMUNITY, walkMs).catch(() => undefined));
      await new Promise((resolve) => setTimeout(resolve, 50));
      const killedMs = performance.now();
      await place.restart(port);
      front.push((await firstAnswer(port, SYSTEM, walkMs)).atMs - killedMs);
      taken.push((await firstAnswer(port, OUR_COLUMN, walkMs, said)).atMs - killedMs);
      await Promise.all(load);
    }
  } finally {
    await place.end();
  }
  return makeRow({
    ...{ suite: 'snmp', case: BACK, unit: 'ms', budget: budgets[BACK] ?? null, ours: { samples: taken, notes: [] } },
    peers: { 'snmpd alone': { samples: front, notes: [] } },
  });
}

/** Both rows are of the same crashes; the peer is a client that follows the same netrackd. */
async function crashCases(options: SuiteOptions): Promise<readonly Row[]> {
  const all = await crashes(options.runs ?? usualRuns, (doing) => options.say(`${CRASH}: ${doing}`));
  const row = (id: typeof CRASH | typeof JUDGED, from: 'atMs' | 'judgedMs') =>
    makeRow({
      ...{ suite: 'snmp', case: id, unit: 'ms', budget: budgets[id] ?? null },
      ours: measured(all, from, 'rowMs'),
      peers: { netrackd: measured({ ...all, notes: [] }, from, 'toldMs') },
    });
  return [row(CRASH, 'atMs'), row(JUDGED, 'judgedMs')];
}

async function rowsOf(id: (typeof cases)[number], options: SuiteOptions): Promise<readonly Row[]> {
  switch (id) {
    case RELAYED:
      return [await relayedCase(options)];
    case BESIDE_DEAD:
      return [await besideDeadCase(options)];
    case BACK:
      return [await backCase(options)];
    case CRASH:
    case JUDGED:
      return (await crashCases(options)).filter(
        (row) => row.case === id || options.cases?.includes(row.case) !== false,
      );
    default:
      return [await walkCase(id, options)];
  }
}

async function run(options: SuiteOptions): Promise<readonly Row[]> {
  const wanted = cases.filter((id) => options.cases?.includes(id) ?? true);
  const tool = missing();
  const rows: Row[] = [];
  for (const id of wanted) {
    if (rows.some((row) => row.case === id)) continue;
    if (tool !== undefined) {
      const ours = { ...nothingMeasured, notes: [`${tool} is not installed: apt-get install snmpd snmp`] };
      rows.push(makeRow({ suite: 'snmp', case: id, unit: 'ms', budget: budgets[id] ?? null, ours, peers: {} }));
    } else rows.push(...(await rowsOf(id, options)));
  }
  return rows;
}

export const snmp: Suite = {
  name: 'snmp',
  summary:
    "walks through snmpd, GETs relayed to a board's own agent, beside pass_persist, net-snmp's Agent and snmpd's proxy; beside a dead board, snmpd restarted, and a crash in the table",
  cases,
  peers,
  run,
};
