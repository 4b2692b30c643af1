#!/usr/bin/env node
import '../dist/form-main.js';
