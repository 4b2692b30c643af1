#!/usr/bin/env node
'use strict';

void import('../dist/echo.js').then(({ echo }) => echo(process.argv.slice(2)));
