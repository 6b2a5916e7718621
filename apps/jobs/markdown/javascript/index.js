import { app } from '@azure/functions';
import MarkdownIt from 'markdown-it';

app.setup({ enableHttpStream: process.env.HTTP_STREAM !== '0' });

const markdown = new MarkdownIt('commonmark');
const utf8 = new TextDecoder('utf-8', { fatal: true });

app.http('markdown', {
  methods: ['POST'],
  handler: async (request) => {
    let text;
    try {
      text = utf8.decode(await request.arrayBuffer());
    } catch {
      return { status: 400, body: 'the body is not UTF-8' };
    }
    // Without a final line break, the libraries treat HTML and lists at the end of the text differently.
    if (!text.endsWith('\n')) text += '\n';
    try {
      return { body: markdown.render(text), headers: { 'content-type': 'text/html; charset=utf-8' } };
    } catch (error) {
      // Many links to one long target can make the HTML longer than V8's longest string.
      if (error instanceof RangeError) return { status: 413, body: 'the HTML is too long' };
      throw error;
    }
  },
});
