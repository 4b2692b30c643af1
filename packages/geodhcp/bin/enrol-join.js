#!/usr/bin/env node
import '../dist/enrol/join-main.js';
