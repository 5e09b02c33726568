// SPDX-License-Identifier: MIT
// A model that calls tools as its address says: http://127.0.0.1:PORT/SCRIPT, where SCRIPT is base64url of
// [[[name, input], ...], ...], the calls of each round; then it answers. GET /_log gives what it was sent:
// [{images, results: [text]}]. Prints its port; ends with stdin.
import { createServer } from 'node:http';

const log = [];
const blocks = (message) => (Array.isArray(message.content) ? message.content : []);

function note(body) {
    const all = body.messages.flatMap(blocks);
    const results = blocks(body.messages.at(-1)).filter((block) => block.type === 'tool_result');
    const inner = all.flatMap((block) => (Array.isArray(block.content) ? block.content : []));
    log.push({
        images: [...all, ...inner].filter((block) => block.type === 'image').length,
        results: results.map((block) => block.content.map((part) => part.text ?? '[picture]').join(' ')),
        tools: body.tools ?? [],
        captions: [...all, ...inner].filter((block) => /^Image \d+:/.test(block.text ?? '')).map((block) => block.text),
    });
}

function reply(calls, round) {
    const events = [
        ['message_start', { message: { id: 'm', role: 'assistant', model: 'greedy', content: [], usage: { input_tokens: 10, output_tokens: 1 } } }],
        ['content_block_start', { index: 0, content_block: { type: 'text', text: '' } }],
        ['content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Well. ' } }],
        ['content_block_stop', { index: 0 }],
    ];
    for (const [index, [name, input]] of calls.entries()) {
        const at = index + 1;
        events.push(
            ['content_block_start', { index: at, content_block: { type: 'tool_use', id: `t${round}_${index}`, name, input: {} } }],
            ['content_block_delta', { index: at, delta: { type: 'input_json_delta', partial_json: JSON.stringify(input) } }],
            ['content_block_stop', { index: at }],
        );
    }
    const reason = calls.length ? 'tool_use' : 'end_turn';
    events.push(['message_delta', { delta: { stop_reason: reason }, usage: { output_tokens: 5 } }], ['message_stop', {}]);
    return events.map(([type, data]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`).join('');
}

const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    if (request.url === '/_log') return response.end(JSON.stringify(log.splice(0)));
    const body = JSON.parse(text);
    const script = JSON.parse(Buffer.from(request.url.split('/')[1], 'base64url'));
    const round = body.messages.filter((message) => message.role === 'assistant').length;
    note(body);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    return response.end(reply(script[round] ?? [], round));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
