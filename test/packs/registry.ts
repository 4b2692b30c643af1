import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
const manifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** What the packages stand on, and that is not theirs: where Node finds it from each, as it does. */
function others(folders: readonly string[], own: (name: string) => boolean): string[] {
  const found = new Set<string>();
  const visit = (folder: string): void => {
    const { dependencies, optionalDependencies } = manifest(folder);
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const at = own(name) ? undefined : nearest(folder, name);
      if (at === undefined || found.has(at)) continue;
      found.add(at);
      visit(at);
    }
  };
  for (const folder of folders) visit(folder);
  return [...found];
}

function nearest(from: string, name: string): string | undefined {
  const at = join(from, 'node_modules', name);
  if (existsSync(at)) return at;
  return from === dirname(from) ? undefined : nearest(dirname(from), name);
}

export interface Registry {
  readonly url: string;
  close(): void;
}

/** A registry on loopback that has `packages`, as `npm pack` makes them, what they stand on, and nothing else. */
export async function registryOf(packages: readonly string[], folder: string): Promise<Registry> {
  mkdirSync(folder);
  const names = new Set(packages.map((one) => manifest(one).name));
  const all = [...packages, ...others(packages, (name) => names.has(name))];
  const words = ['pack', ...all, '--pack-destination', folder, '--ignore-scripts', '--json', '--offline'];
  await run('npm', words, { cwd: folder, maxBuffer: 50_000_000 });
  const byName = new Map<string, Manifest[]>();
  for (const one of all.map(manifest)) byName.set(one.name, [...(byName.get(one.name) ?? []), one]);
  const server: Server = createServer((request, response) => {
    const path = decodeURIComponent((request.url ?? '').slice(1));
    if (path.endsWith('.tgz')) return void response.end(readFileSync(join(folder, path.slice('packs/'.length))));
    const versions = byName.get(path);
    response.statusCode = versions === undefined ? 404 : 200;
    response.end(JSON.stringify(versions === undefined ? {} : packument(path, versions)));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const packument = (name: string, versions: readonly Manifest[]): object => ({
    name,
    'dist-tags': { latest: versions[0]?.version },
    versions: Object.fromEntries(
      versions.map((one) => {
        const file = `${name.replace('@', '').replace('/', '-')}-${one.version}.tgz`;
        return [one.version, { ...one, dist: { tarball: `${url}packs/${file}` } }];
      }),
    ),
  });
  return { url, close: () => server.close() };
}
