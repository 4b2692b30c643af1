#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

// The collector's helper threads are ordinary ones, and a real-time loop that waits for them waits with the others.
setFlagsFromString('--single-threaded-gc');
await import('../dist/pulse-main.js');
