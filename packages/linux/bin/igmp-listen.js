#!/usr/bin/env node
import '../dist/igmp-listen-main.js';
