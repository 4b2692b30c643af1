#!/usr/bin/env node
import '../dist/pulse-main.js';
