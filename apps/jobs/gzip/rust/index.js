import { registerModule } from 'bluecrab';

registerModule('gzip.wasm');
