import { registerModule } from 'bluecrab';

registerModule('pictures.wasm');
