require('../functions.js');
