#!/usr/bin/env node
'use strict';

void import('../dist/rules/tool.js');
