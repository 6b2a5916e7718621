import { registerModule } from 'bluecrab';

registerModule('bcrypt.wasm');
