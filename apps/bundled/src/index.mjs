import { registerModule } from 'bluecrab';
import { registerComponent } from 'bluecrab/component';

registerModule('faults.wasm', { only: ['good', 'good-inline', 'panics', 'loops'] });
registerComponent('component/component.mjs', { name: 'component', methods: ['POST'] });
