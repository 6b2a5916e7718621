const { join } = require('node:path');
const { registerProgram } = require('bluecrab');

const file = process.env.PROGRAMS_FILE ?? join(__dirname, '../../target/wasm32-wasip1/release/programs.wasm');

process.env.GREETING = 'hello';

/** Registers the program as a function that does one thing. */
function register(name, options = {}) {
  registerProgram(file, { name, args: [name], ...options });
}

const files = join(__dirname, 'files');
register('reverse');
register('page', { route: 'page/{*path}', env: ['GREETING'] });
register('read', { route: 'read/{*path}', methods: ['GET'], files });
register('list', { files });
register('change', { files });
register('sleep');
register('oversleep', { args: ['sleep'], timeoutMs: 500 });
register('fail');
register('panic');
register('flood', { maxOutputBytes: 1 << 20 });
register('grow', { maxMemoryBytes: 32 << 20 });
register('message', {
  args: ['reverse'],
  trigger: { type: 'serviceBusTrigger', queueName: 'in', connection: 'Bus' },
  output: { type: 'serviceBus', queueName: 'out', connection: 'Bus' },
});
