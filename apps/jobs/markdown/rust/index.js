import { registerModule } from 'bluecrab';

registerModule('markdown.wasm');
