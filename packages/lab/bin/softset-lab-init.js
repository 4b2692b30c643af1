#!/usr/bin/env node
'use strict';

const { launch } = require('@softset/base/launch.cjs');

launch(`${__dirname}/../bundle/softset-lab-init`, () => void import('../dist/init/main.js'));
