const { join } = require('node:path');
const { registerModule } = require('bluecrab');

registerModule(
  process.env.FAULTS_MODULE ?? join(__dirname, '../../target/wasm32-wasip1/release/faults.wasm'),
);

if (process.env.FAULTS_LOG_HOOK) require('./logHook.js');
