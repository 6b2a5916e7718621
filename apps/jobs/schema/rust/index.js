import { registerModule } from 'bluecrab';

registerModule('schema.wasm');
