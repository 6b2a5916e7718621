// Dies while it is loaded.
process.exit(3);
