// Answers of the library itself: RFC 9457 problems, which tell nothing of the inside.

import { STATUS_CODES } from 'node:http';
import type { HttpResponseInit } from '@azure/functions';

export function problem(
  status: number,
  detail: string,
  headers: Record<string, string> = {},
): HttpResponseInit {
  const title = STATUS_CODES[status] ?? 'Error';
  return {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
    body: JSON.stringify({ type: 'about:blank', title, status, detail }),
  };
}
