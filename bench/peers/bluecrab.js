// The flagship's own module.

const { join } = require('node:path');
const { registerModule } = require('bluecrab');

registerModule(join(__dirname, '../../apps/matrix/dist/matrix.wasm'));
