const { app } = require('@azure/functions');
const { registerModule } = require('bluecrab');
const { callable } = require('bluecrab/callable');

registerModule('{{module}}'); // registers every function of the module that has a trigger

const checksum = callable('{{module}}', 'checksum');

app.http('checksum', {
  methods: ['POST'],
  handler: async (request) => ({ body: (await checksum(await request.text())).text() }),
});
