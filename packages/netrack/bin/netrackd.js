#!/usr/bin/env node
import '../dist/netrackd-main.js';
