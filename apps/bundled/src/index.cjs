const { registerModule } = require('bluecrab');
const { registerComponent } = require('bluecrab/component');

registerModule('faults.wasm', { only: ['good', 'panics', 'loops'] });
registerComponent('component/component.mjs', { name: 'component', methods: ['POST'] });
