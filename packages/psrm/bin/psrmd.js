#!/usr/bin/env node
'use strict';

const { setFlagsFromString } = require('node:v8');
const { launch } = require('@softset/base/launch.cjs');

// Every start of a program copies the page tables of psrmd's own memory (fork(2)): a young generation of 1 MB in place
// of 16 keeps 7 MB out of it. To be said before anything is loaded.
setFlagsFromString('--max-semi-space-size=1');
setFlagsFromString('--semi-space-growth-factor=1');
// What it does takes microseconds, now and then: optimised code would never pay for itself, and its compiler alone is
// 7 MB of resident memory.
setFlagsFromString('--no-opt');
// Its young generation is small: to share a collection of it among threads takes longer than the collection.
setFlagsFromString('--no-parallel-scavenge');

launch(`${__dirname}/../bundle/psrmd`, () => void import('../dist/main.js'));
