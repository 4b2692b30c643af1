#!/usr/bin/env node
import '../dist/conf-main.js';
