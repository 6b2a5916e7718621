// Registers every module of a folder, whatever language it was written in.

const { readdirSync } = require('node:fs');
const { join } = require('node:path');
const { registerModule } = require('bluecrab');

const folder = process.env.GUESTS_FOLDER ?? join(__dirname, '../../target/guests/modules');
const only = process.env.GUESTS_ONLY;

for (const file of readdirSync(folder)) {
  if (file.endsWith('.wasm') && (only === undefined || file === `${only}.wasm`)) registerModule(join(folder, file));
}
