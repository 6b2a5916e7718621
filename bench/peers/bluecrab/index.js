// The functions of the flagship's module without those in JavaScript, so that memory and start are theirs alone.

const { join } = require('node:path');
const { app } = require('@azure/functions');
const { registerModule } = require('bluecrab');

app.setup({ enableHttpStream: true });

registerModule(join(__dirname, '../../../apps/matrix/dist/matrix.wasm'));
