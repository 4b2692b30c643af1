#!/usr/bin/env node
import '../dist/rules/tool.js';
