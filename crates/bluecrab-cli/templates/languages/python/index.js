const { registerComponent } = require('bluecrab/component');

registerComponent('{{module}}', { name: 'statistics', methods: ['POST'] });
