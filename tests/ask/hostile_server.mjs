// SPDX-License-Identifier: MIT
// A model server that wants the terminal: escape sequences in all that it says. Prints its port; ends with stdin.
import { createServer } from 'node:http';

const ESC = '\u001b';
const TEXT =
    `A${ESC}[2J${ESC}]52;c;aGk=\u0007B\u009b31mC\u007f [1]\rX${ESC}]0;title\u0007 [2${ESC}[31m] [1: 1,2,${ESC},3]\u0000\u009d8`;
const TOOLS = [
    [`search${ESC}[31m\u009b2J`, { query: `q${ESC}[2J` }],
    ['search_photos', { query: `a dog${ESC}[2J\u009b31m\u007f`, count: 1 }],
    ['search_photos', { query: 'a dog', folder: `\u009b2J${ESC}c` }],
];

function reply(round) {
    const events = [
        ['message_start', { message: { id: 'm', role: 'assistant', model: `m${ESC}[31m\u009b2J`, content: [], usage: { input_tokens: 10, output_tokens: 1 } } }],
        ['content_block_start', { index: 0, content_block: { type: 'text', text: '' } }],
        ...[...TEXT].map((text) => ['content_block_delta', { index: 0, delta: { type: 'text_delta', text } }]),
    ];
    for (const [index, [name, input]] of round > 1 ? [] : TOOLS.entries()) {
        events.push(
            ['content_block_start', { index: index + 1, content_block: { type: 'tool_use', id: `t${index}`, name, input: {} } }],
            ['content_block_delta', { index: index + 1, delta: { type: 'input_json_delta', partial_json: JSON.stringify(input) } }],
        );
    }
    const reason = round > 1 ? `odd${ESC}[31m\u009b` : 'tool_use';
    events.push(['message_delta', { delta: { stop_reason: reason }, usage: { output_tokens: 5 } }], ['message_stop', {}]);
    return events.map(([type, data]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`).join('');
}

const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    if (request.url.startsWith('/refuse')) {
        const error = { type: `t${ESC}[31m`, message: `no${ESC}]0;title\u0007\u009b2J${request.headers.authorization}` };
        return response.writeHead(400, { 'request-id': 'r\u009b31m' }).end(JSON.stringify({ error }));
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'r\u009b31m' });
    return response.end(reply(JSON.parse(body).messages.length));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
