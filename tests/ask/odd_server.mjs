// SPDX-License-Identifier: MIT
// A server of chat completions whose models have habits of their own. Prints its port; ends with
// stdin. The first part of the address says which:
//   think    reasons in its answer, with numbers of photos that were never sent
//   aloud    the same, but marks only the end of it
//   kimi     calls search_photos in each of two rounds, by ids that others refuse
//   one      takes one photo in a request
//   written  calls a tool in its text, whether it has any or not
import { createServer } from 'node:http';

const chunk = (delta, reason = null) => `data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
const say = (text) => chunk({ content: text }) + chunk({}, 'stop') + 'data: [DONE]\n\n';
const pictures = (body) => JSON.stringify(body).split('image_url":{').length - 1;
const results = (body) => body.messages.filter(({ role }) => role === 'tool').length;
const call = (query) => chunk({ tool_calls: [{ index: 0, id: 'functions.search_photos:0', type: 'function',
    function: { name: 'functions.search_photos', arguments: { query, count: '2', from: '', folder: null } } }] }) + chunk({}, 'tool_calls');

const MODELS = {
    think: () => chunk({ content: '<think>Is it [41] or [2]?' }) + chunk({ content: '</thi' }) + say('nk>\n\nIt runs [1].'),
    aloud: () => chunk({ content: 'Is it [41] or [2]? ' }) + chunk({ content: 'So:' }) + say('</think>\n\nIt runs [1].'),
    kimi: (body) => (results(body) < 2 ? call(results(body) ? 'snow' : 'a dog') : say('Two looks [1].')),
    one: (body) => (pictures(body) > 1 ? null : say(`I see ${pictures(body)} [1], and the sign reads "[7]" of [2019] [9].`)),
    written: (body) => (body.messages.length > 2 ? say('No more [1].')
        : say('<tool_call>\n{"name": "search_photos", "arguments": {"query": "a dog"}}\n</tool_call>')),
};

const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    const body = JSON.parse(text);
    const reply = MODELS[request.url.split('/')[1]](body);
    if (!reply) {
        response.writeHead(400).end(JSON.stringify({ message: 'At most 1 image(s) may be provided in one request.' }));
        return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(reply);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume().on('end', () => process.exit());
