// The flagship's own function without the others, so that memory and start are its own.
require('../../../apps/matrix/dist/functions/multiply-mathjs.js');
