// Reads a list of numbers from standard input and prints their statistics, as a CGI program does.

import * as std from 'qjs:std';

function statistics(text) {
  const numbers = JSON.parse(text);
  if (!Array.isArray(numbers) || !numbers.every(Number.isFinite) || numbers.length === 0) {
    throw new TypeError('expected a list of at least one number');
  }
  const count = numbers.length;
  const mean = numbers.reduce((sum, number) => sum + number, 0) / count;
  const squares = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0);
  return { count, mean, deviation: Math.sqrt(squares / count) };
}

try {
  const answer = JSON.stringify(statistics(std.in.readAsString()));
  std.out.puts(`Content-Type: application/json\n\n${answer}\n`);
} catch (error) {
  std.out.puts(`Status: 400 Bad Request\nContent-Type: text/plain\n\n${error.message}\n`);
}
