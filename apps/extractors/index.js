const { join } = require('node:path');
const { app } = require('@azure/functions');
const { handler, registerModule } = require('bluecrab');

const file =
  process.env.EXTRACTORS_MODULE ?? join(__dirname, '../../target/wasm32-wasip1/release/extractors.wasm');

registerModule(file);
app.http('own', { methods: ['PUT'], route: 'own/{id?}', handler: handler(file, 'whole') });
