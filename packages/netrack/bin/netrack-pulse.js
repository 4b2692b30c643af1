#!/usr/bin/env node
'use strict';

const { launch } = require('@softset/base/launch.cjs');

launch(`${__dirname}/../bundle/netrack-pulse`, () => void import('../dist/pulse-main.js'));
