const { join } = require('node:path');
const { app } = require('@azure/functions');
const { registerModule } = require('bluecrab');

registerModule(
  process.env.FAULTS_MODULE ?? join(__dirname, '../../target/wasm32-wasip1/release/faults.wasm'),
);

// Blocks the event loop, as only JavaScript can.
app.http('blocks', {
  methods: ['POST'],
  handler: () => {
    for (;;);
  },
});

if (process.env.FAULTS_LOG_HOOK) require('./logHook.js');
