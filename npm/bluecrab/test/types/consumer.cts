// A CommonJS module, with both forms of imports.

import type { HttpHandler } from '@azure/functions';
import { handler, type RegisterOptions, registerModule } from 'bluecrab';

import callables = require('bluecrab/callable');
import component = require('bluecrab/component');

const options: RegisterOptions = { only: ['rows'] };
registerModule('rows.wasm', options);

const componentOptions: component.ComponentOptions = { name: 'rows', methods: ['GET'] };
component.registerComponent('rows.js', componentOptions);

export const called: Promise<callables.CallResult> = callables.callable('rows.wasm', 'rows')('x');

export const rows: HttpHandler = handler('rows.wasm', 'rows');

// @ts-expect-error: the name of the function is missing
handler('rows.wasm');
