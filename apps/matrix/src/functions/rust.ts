import { join } from 'node:path';
import { registerModule } from 'bluecrab';

registerModule(join(__dirname, '..', 'matrix.wasm'));
