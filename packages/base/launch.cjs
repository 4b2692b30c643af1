'use strict';

/*
 * Starts a program from its bundle: all its modules in one file, and beside it what V8 compiled of them when the bundle
 * was made. A daemon that died must be back before its board's leases end, and resolving, reading and compiling two
 * hundred modules takes longer than that. Where there is no bundle the modules are loaded one by one.
 *
 * What V8 compiled is good for one version of Node and one set of options, which its name therefore carries; where none
 * fits, the bundle is compiled as any program is.
 */

const { readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, resolve } = require('node:path');
const { Script } = require('node:vm');

/** Set by `scripts/bundle.mjs`: compile everything, and write down what was compiled when the program ends. */
const making = process.env.SOFTSET_MAKE_CODE === '1';
const inner = 'bundle:';

/** `stem`: the bundle's path without `.cjs`. `otherwise`: what to do without a bundle. */
exports.launch = function launch(stem, otherwise) {
  let source;
  try {
    source = readFileSync(`${stem}.cjs`, 'latin1');
  } catch {
    otherwise();
    return;
  }
  load(stem, source);
};

function load(stem, source) {
  const file = `${stem}.cjs`;
  const codeFile = `${stem}.${process.version}-${process.arch}${process.execArgv.join('').replace(/[^\w-]/g, '_')}.code`;
  const cachedData = making ? undefined : readIfThere(codeFile);
  // Loaded only here: it would cost each start a tenth of its time.
  const v8 = making ? require('node:v8') : undefined;
  v8?.setFlagsFromString('--no-lazy');
  const script = new Script(`(function(exports,require,module){${source}\n})`, { filename: file, cachedData });
  if (v8 !== undefined) {
    v8.setFlagsFromString('--lazy');
    process.on('exit', () => writeFileSync(codeFile, script.createCachedData()));
  }
  const outside = createRequire(file);
  const module = { exports: {} };
  script.runInThisContext()(
    module.exports,
    (id) => (id.startsWith(inner) ? part(dirname(file), id) : outside(id)),
    module,
  );
  return module.exports;
}

/**
 * A part of a program that it seldom needs, in a bundle of its own. Held weakly: a daemon that has read its cluster file
 * once would keep ten megabytes of schemas for ever.
 */
const parts = new Map();
function part(from, id) {
  const stem = resolve(from, id.slice(inner.length));
  const held = parts.get(stem)?.deref();
  if (held !== undefined) return held;
  const loaded = load(stem, readFileSync(`${stem}.cjs`, 'latin1'));
  parts.set(stem, new WeakRef(loaded));
  return loaded;
}

function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
