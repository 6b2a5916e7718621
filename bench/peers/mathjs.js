// The flagship's own function.
require('../../apps/matrix/dist/functions/multiply-mathjs.js');
