#!/usr/bin/env node
// Runs the program from the package of this platform, one of the optional dependencies.

const { spawn } = require('node:child_process');
const { constants } = require('node:os');

const platform = `${process.platform}-${process.arch}`;
const suffix = process.platform === 'win32' ? '.exe' : '';

function findProgram() {
  try {
    return require.resolve(`@bluecrab/cli-${platform}/bin/bluecrab${suffix}`);
  } catch {
    console.error(
      `error: the package @bluecrab/cli-${platform} is not installed. If npm installed without optional dependencies ` +
        'or for another system, install again; if there is no such package, build the command with Rust: ' +
        'cargo install --locked bluecrab-cli',
    );
    process.exit(1);
  }
}

const child = spawn(findProgram(), process.argv.slice(2), { stdio: 'inherit' });

// The program decides when it ends, and this process waits for it. Ctrl-C in a terminal reaches both processes, and a
// second Ctrl-C ends the program at once, so it is passed on only if there is no terminal.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on('error', (error) => {
  console.error(`error: cannot start ${child.spawnfile}: ${error.message}`);
  process.exit(1);
});
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
