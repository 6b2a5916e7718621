import { registerModule } from 'bluecrab';

registerModule('csv.wasm');
