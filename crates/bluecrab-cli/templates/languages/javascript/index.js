const { registerComponent } = require('bluecrab/component');

// An instance of a component with addEventListener('fetch') answers one call.
registerComponent('{{module}}', { name: 'statistics', methods: ['POST'], instance: 'call' });
