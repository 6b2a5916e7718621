import { registerModule } from 'bluecrab';
import { registerComponent } from 'bluecrab/component';

registerModule('faults.wasm', { only: ['good', 'panics', 'loops'] });
registerComponent('component/component.mjs', { name: 'component', methods: ['POST'] });
