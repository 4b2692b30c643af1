import { type Failure, fail, ok, type Result } from '@softset/base';
import koffi, { type LibraryHandle } from 'koffi';

/** The major version that Debian 12 and everyone since has (libnftables(3)). */
const SONAME = 'libnftables.so.1';
/** What libnftables needs, lower ones first; loaded by path where the system has none of it. */
const DEPENDENCIES = [
  'libmnl.so.0',
  'libgmp.so.10',
  'libjansson.so.4',
  'libnftnl.so.11',
  'libxtables.so.12',
  'libtinfo.so.6',
  'libmd.so.0',
  'libbsd.so.0',
  'libedit.so.2',
];
/** NFT_CTX_OUTPUT_JSON, <nftables/libnftables.h>. */
const OUTPUT_JSON = 1 << 4;

type Context = bigint | object;
interface Library {
  readonly newContext: (flags: number) => Context | null;
  readonly freeContext: (context: Context) => void;
  readonly bufferOutput: (context: Context) => number;
  readonly bufferError: (context: Context) => number;
  readonly output: (context: Context) => string | null;
  readonly error: (context: Context) => string | null;
  readonly setOutputFlags: (context: Context, flags: number) => void;
  readonly run: (context: Context, commands: string) => number;
}

let loaded: Library | undefined;

/** By the system's own search first; then from the folder $SOFTSET_LIB_DIR, where Debian packages were unpacked. */
function loadLibrary(): Result<Library, 'NFT_UNAVAILABLE'> {
  if (loaded !== undefined) return ok(loaded);
  const folder = process.env.SOFTSET_LIB_DIR;
  const library = tryLoad(SONAME) ?? (folder === undefined ? undefined : loadFrom(folder));
  if (library === undefined) {
    const where = folder === undefined ? '' : ` nor in ${folder}`;
    return fail('NFT_UNAVAILABLE', `${SONAME} is not on this system${where}: install Debian's libnftables1`);
  }
  loaded = {
    newContext: library.func('void *nft_ctx_new(uint32_t flags)') as Library['newContext'],
    freeContext: library.func('void nft_ctx_free(void *ctx)') as Library['freeContext'],
    bufferOutput: library.func('int nft_ctx_buffer_output(void *ctx)') as Library['bufferOutput'],
    bufferError: library.func('int nft_ctx_buffer_error(void *ctx)') as Library['bufferError'],
    output: library.func('const char *nft_ctx_get_output_buffer(void *ctx)') as Library['output'],
    error: library.func('const char *nft_ctx_get_error_buffer(void *ctx)') as Library['error'],
    setOutputFlags: library.func(
      'void nft_ctx_output_set_flags(void *ctx, unsigned int flags)',
    ) as Library['setOutputFlags'],
    run: library.func('int nft_run_cmd_from_buffer(void *ctx, const char *commands)') as Library['run'],
  };
  return ok(loaded);
}

function tryLoad(path: string): LibraryHandle | undefined {
  try {
    return koffi.load(path);
  } catch {
    return undefined;
  }
}

function loadFrom(folder: string): LibraryHandle | undefined {
  // One that is missing here may be on the system; what is then still missing makes the last load fail.
  for (const name of DEPENDENCIES) tryLoad(`${folder}/${name}`);
  return tryLoad(`${folder}/${SONAME}`);
}

export type NftError = 'NFT_REFUSED' | 'NFT_UNAVAILABLE' | 'NFT_OUTPUT_INVALID';

/**
 * nftables in the language of nft(8), by libnftables in this process: about 0.1 ms for a transaction where starting nft
 * takes 16. It acts on the network namespace in which it was opened. All commands of one `run` are one transaction: all
 * of them happen, or none. Changes need CAP_NET_ADMIN.
 *
 * A transaction that the kernel refuses costs about 8 ms (up to 30), not 0.1: undoing it waits for all readers
 * (synchronize_rcu in __nf_tables_abort, net/netfilter/nf_tables_api.c). A loop that beats must not ask for what it
 * knows to be gone.
 */
export class Nft {
  readonly #library: Library;
  #context: Context | undefined;

  constructor(library: Library, context: Context) {
    this.#library = library;
    this.#context = context;
  }

  /** The text that the commands printed. `NFT_REFUSED` carries nft's message, with the place it is about. */
  run(commands: string): Result<string, NftError> {
    return this.#run(commands, 0);
  }

  /** What commands such as `list ruleset` print in JSON (libnftables-json(5)). */
  list(commands: string): Result<unknown, NftError> {
    const text = this.#run(commands, OUTPUT_JSON);
    if (!text.ok) return text;
    try {
      return ok(JSON.parse(text.value));
    } catch (cause) {
      return fail('NFT_OUTPUT_INVALID', `nft printed something other than JSON for: ${commands}`, cause);
    }
  }

  #run(commands: string, flags: number): Result<string, NftError> {
    if (this.#context === undefined) return fail('NFT_REFUSED', 'nft: closed');
    this.#library.setOutputFlags(this.#context, flags);
    const status = this.#library.run(this.#context, commands);
    // Getting a buffer also empties it, so both are asked for each time.
    const output = this.#library.output(this.#context) ?? '';
    const error = this.#library.error(this.#context) ?? '';
    return status === 0 ? ok(output) : refused(error, commands);
  }

  close(): void {
    if (this.#context !== undefined) this.#library.freeContext(this.#context);
    this.#context = undefined;
  }
}

function refused(error: string, commands: string): Failure<'NFT_REFUSED'> {
  const first = error.split('\n', 1)[0] ?? '';
  return fail('NFT_REFUSED', `nft: ${first.replace(/^.*?Error: /, '') || 'refused'}, in: ${commands.trim()}`, error);
}

/** `NFT_UNAVAILABLE` without the library, or with too little memory. */
export function openNft(): Result<Nft, NftError> {
  const library = loadLibrary();
  if (!library.ok) return library;
  const context = library.value.newContext(0);
  if (context === null) return fail('NFT_UNAVAILABLE', 'nft_ctx_new: no context');
  library.value.bufferOutput(context);
  library.value.bufferError(context);
  return ok(new Nft(library.value, context));
}
