#!/usr/bin/env node
'use strict';

const { launch } = require('@softset/base/launch.cjs');

launch(`${__dirname}/../bundle/redirectd`, () => void import('../dist/main.js'));
