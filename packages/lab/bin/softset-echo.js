#!/usr/bin/env node
import { echo } from '../dist/echo.js';

echo(process.argv.slice(2));
