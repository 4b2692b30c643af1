#!/usr/bin/env node
'use strict';

void import('../dist/in-use-main.js');
