#!/usr/bin/env node
'use strict';

void import('../dist/fence/main.js');
