// The functions of the flagship's module alone, so that the functions in JavaScript do not add to its memory and start.

const { join } = require('node:path');
const { registerModule } = require('bluecrab');

registerModule(join(__dirname, '../../../apps/matrix/dist/matrix.wasm'));
