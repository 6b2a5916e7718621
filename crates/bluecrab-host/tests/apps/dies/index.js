// Exits while the worker loads it.
process.exit(3);
