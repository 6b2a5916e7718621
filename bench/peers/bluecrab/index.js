// The functions of the flagship's module alone, so that the functions in JavaScript do not add to its memory and start.

const { join } = require('node:path');
const { app } = require('@azure/functions');
const { registerModule } = require('bluecrab');

app.setup({ enableHttpStream: true });

registerModule(join(__dirname, '../../../apps/matrix/dist/matrix.wasm'));
