// Functions as a component that componentize-js makes. It does not know Bluecrab.

let calls = 0;

addEventListener('fetch', (event) => event.respondWith(answer(event.request)));

/** @param {Request} request */
async function answer(request) {
  calls++;
  switch (functionOf(request.url)) {
    case 'echo':
      return new Response(await request.arrayBuffer(), {
        headers: { 'content-type': request.headers.get('content-type') ?? 'application/octet-stream' },
      });
    case 'count':
      return new Response(String(calls));
    case 'ask':
      return fetch('https://example.com/page?secret=1').catch(
        (error) => new Response(`refused: ${error.name}`),
      );
    case 'endless':
      for (;;);
    case 'panic':
      console.error('this function ends in an error');
      throw new Error('an error');
    default:
      return new Response(null, { status: 404 });
  }
}

/** The first word of the last part of the path: `echo` for `/api/echo-javascript`. */
function functionOf(url) {
  return new URL(url).pathname.split('/').at(-1).split('-')[0];
}
