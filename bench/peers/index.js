// Each peer is measured alone, so that no other adds to its memory and its start: the setting PEER names its file.

const { app } = require('@azure/functions');

app.setup({ enableHttpStream: process.env.HTTP_STREAM !== '0' });
require(`./${process.env.PEER}.js`);
