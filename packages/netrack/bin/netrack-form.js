#!/usr/bin/env node
'use strict';

const { launch } = require('@softset/base/launch.cjs');

launch(`${__dirname}/../bundle/netrack-form`, () => void import('../dist/form-main.js'));
