#!/usr/bin/env node
'use strict';

const { launch } = require('@softset/base/launch.cjs');

launch(`${__dirname}/../bundle/netrackd`, () => void import('../dist/netrackd-main.js'));
