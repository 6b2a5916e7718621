const { join } = require('node:path');
const { registerModule } = require('bluecrab');

registerModule(
  process.env.TRIGGERS_MODULE ?? join(__dirname, '../../target/wasm32-wasip1/release/triggers.wasm'),
);
