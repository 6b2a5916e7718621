const { registerModule } = require('bluecrab');

registerModule('{{module}}');
