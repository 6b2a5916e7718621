import { registerModule } from 'bluecrab';

registerModule('thumbnail.wasm');
