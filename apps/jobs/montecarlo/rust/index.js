import { registerModule } from 'bluecrab';

registerModule('montecarlo.wasm');
