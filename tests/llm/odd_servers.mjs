// SPDX-License-Identifier: MIT
// Servers that the stand-in is not: one with a certificate of its own, those that refuse a part of
// the request in words of their own, are loading, compress, never close; an error page that never
// ends, a server that repeats the key.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { is, like, ok } from '../tap.mjs';
import { until } from '../wait.mjs';
import { send } from './driver.mjs';
import { isRead } from './holds.mjs';

const listen = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
const body = { messages: [{ role: 'user', content: 'Hello?' }], max_tokens: 100 };
const CHAT = [{ content: 'Hello.' }, {}].map((delta, index) =>
    `data: ${JSON.stringify({ model: 'm', choices: [{ index: 0, delta, finish_reason: index ? 'stop' : null }] })}\n\n`);

// handle(text of the body, response). -> {port, bodies, close}
async function serve(handle, options) {
    const [bodies, paths] = [[], []];
    const answer = (request, response) => {
        let text = '';
        request.on('data', (data) => (text += data)).on('end', () => {
            bodies.push(text);
            paths.push(request.url);
            handle(text, response, request);
        });
    };
    const server = options ? createSecureServer(options, answer) : createServer(answer);
    return { port: await listen(server), bodies, paths, close: () => { server.close(); server.closeAllConnections(); } };
}

async function checkCertificate() {
    const folder = mkdtempSync(join(tmpdir(), 'keepsake-tls-'));
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost',
        '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const server = await serve((_, response) => response.writeHead(401, { 'content-type': 'application/json' })
        .end('{"error":{"type":"authentication_error","message":"reached"}}'),
        { key: readFileSync(key), cert: readFileSync(cert) });
    const ask = (host, args) => send(`https://${host}:${server.port}`, body, { args });
    const trusted = await ask('localhost', ['--ca-file', cert]);
    like(trusted.error, /reached/, 'TLS: a certificate that is trusted');
    const named = await send(`https://localhost:${server.port}`, body, { env: { SSL_CERT_FILE: cert } });
    like(named.error, /reached/, 'TLS: one that SSL_CERT_FILE names');
    const unknown = await ask('localhost', []);
    like(unknown.error, /certificate of localhost could not be verified/, 'TLS: one that is not');
    is(unknown.attempts.length, 1, 'TLS: ... is not asked again');
    const other = await ask('127.0.0.1', ['--ca-file', cert]);
    like(other.error, /certificate of 127\.0\.0\.1 could not be verified/, 'TLS: one of another host');
    is(server.bodies.length, 2, 'TLS: the conversation went to the trusted ones only');
    server.close();
    rmSync(folder, { recursive: true });
}

const STREAM = { 'content-type': 'text/event-stream' };
const tools = [{ name: 'view', description: 'Looks', input_schema: { type: 'object' } }];
const roles = (sent) => sent.messages.map(({ role }) => role).join(' ');
const TOOL_TURN = [
    { role: 'user', content: 'Hello?' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'view', input: {} }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'Seen.' },
        { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: 'AAAA' } }] }] },
];

// Refusals of a part, in the words of whoever makes such a server: status, body, what is refused (of
// the body or the headers), and more of the request. What comes without it is answered.
const PARTS = [
    ['Ollama, tools', 400, { error: 'registry.ollama.ai/library/llava:latest does not support tools' }, (b) => b.tools],
    ['llama-server, tools', 500, { error: { code: 500, message: 'tools param requires --jinja flag' } }, (b) => b.tools],
    ['vLLM, tools', 400, { object: 'error', message: '"auto" tool choice requires --enable-auto-tool-choice', type: 'BadRequestError' }, (b) => b.tools],
    ['OpenRouter, tools', 404, { error: { message: 'No endpoints found that support tool use.', code: 404 } }, (b) => b.tools],
    ['a gateway, tools', 422, { detail: [{ type: 'extra_forbidden', loc: ['body', 'tools'], msg: 'Extra inputs are not permitted' }] }, (b) => b.tools],
    ['a gateway, functions', 501, 'Function calling is not implemented', (b) => b.tools],
    ['FastAPI, stream_options', 422, { detail: [{ loc: ['body', 'stream_options'], msg: 'Extra inputs are not permitted' }] }, (b) => b.stream_options],
    ['Azure, stream_options', 400, { error: { message: 'Unrecognized request argument supplied: stream_options', code: null } }, (b) => b.stream_options],
    ['no streams', 400, { error: { message: 'streaming is not supported for this model', param: 'stream' } }, (b) => b.stream],
    ['OpenAI, max_tokens', 400, { error: { message: "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.", param: 'max_tokens', code: 'unsupported_parameter' } }, (b) => b.max_tokens],
    ['Groq, max_tokens', 400, { error: { message: '`max_tokens` must be less than or equal to `40`, the maximum value for `max_tokens`' } }, (b) => b.max_tokens],
    ['vLLM, max_tokens', 400, { message: "'max_tokens' or 'max_completion_tokens' is too large: 100. This model's maximum context length is 90 tokens and your request has 20 input tokens" }, (b) => b.max_tokens ?? b.max_completion_tokens],
    ['vLLM, system', 400, { error: { message: 'System role not supported', type: 'BadRequestError' } }, (b) => b.messages[0].role === 'system', { system: 'Be brief.' }],
    ['a template, roles', 500, { error: { message: 'Conversation roles must alternate user/assistant/user/assistant/...' } }, (b) => /tool user/.test(roles(b)), { messages: TOOL_TURN }],
    ['Mistral, roles', 400, { object: 'error', message: "Unexpected role 'user' after role 'tool'", type: 'invalid_request_error' }, (b) => /tool user/.test(roles(b)), { messages: TOOL_TURN }],
    ['effort', 400, { error: { message: 'Unknown parameter: reasoning_effort' } }, (b) => b.reasoning_effort, { effort: 'low' }],
];
const PARTS_OF_MESSAGES = [
    ['transformations', 400, { error: { message: 'messages.0.content.0.image.transformations: Extra inputs are not permitted' } }, (b) => JSON.stringify(b).includes('transformations'),
        { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: 'AAAA' }, transformations: { oversized_image: 'error' } }] }] }],
    ['cache_control', 400, { error: { message: 'cache_control: Extra inputs are not permitted' } }, (b) => b.cache_control, { cache: true }],
    ['effort', 400, { error: { message: 'output_config: Extra inputs are not permitted' } }, (b) => b.output_config, { effort: 'low' }],
    ['a bearer token', 401, { error: { type: 'authentication_error', message: 'x-api-key header is required' } }, (b, headers) => !headers['x-api-key']],
    ['the version', 400, { error: { message: 'anthropic-version: unsupported version' } }, (b, headers) => headers['anthropic-version'] !== '2023-06-01'],
    ['tools', 400, { error: { message: 'this model does not support tools' } }, (b) => b.tools],
];
const WHOLE = JSON.stringify({ choices: [{ message: { content: 'Hello.' }, finish_reason: 'stop' }] });
const MESSAGE = JSON.stringify({ type: 'message', content: [{ type: 'text', text: 'Hello.' }], stop_reason: 'end_turn' });

// Each refusal is a path of one server; what came there is kept.
async function checkParts(platform, parts) {
    const sent = parts.map(() => []);
    const server = await serve((text, response, request) => {
        const n = Number(request.url.split('/')[1]);
        const [, status, refusal, has] = parts[n];
        const got = JSON.parse(text);
        sent[n].push(got);
        if (has(got, request.headers)) response.writeHead(status).end(typeof refusal === 'string' ? refusal : JSON.stringify(refusal));
        else if (platform === 'openai' && got.stream) response.writeHead(200, STREAM).end(CHAT.join(''));
        else response.writeHead(200).end(platform === 'openai' ? WHOLE : MESSAGE);
    });
    for (const [n, [name, status, , , more]] of parts.entries()) {
        const got = await send(`http://127.0.0.1:${server.port}/${n}`, { ...body, tools, ...more }, { platform });
        is([got.rc, got.text, sent[n].length], ['ok', 'Hello.', 2], `${platform}, ${name} (${status}): asked once more, without`);
        is(got.retries.map((retry) => retry.wait_s), [0], '... at once');
    }
    if (platform === 'openai') {
        const last = (name) => sent[parts.findIndex((part) => part[0] === name)][1];
        is(last('OpenAI, max_tokens').max_completion_tokens, 100, 'max_tokens goes by its other name');
        ok(!('max_completion_tokens' in last('Groq, max_tokens')), 'a limit that is too large is left to the server');
        is(last('vLLM, system').messages[0].content, 'Be brief.\n\nHello?', 'the instructions go before the question');
        is(last('Mistral, roles').messages.at(-1).content.map(({ type }) => type), ['text', 'image_url'], 'photos go in the result of the tool');
        ok(last('Ollama, tools').stream_options, '... and all else stays');
    }
    server.close();
}

// Sentences: what a refusal without remedy, or an answer that is none, says.
const SAYS = [
    ['no eyes, LM Studio', 400, { error: 'Model does not support images. Please use a model that does.' }, /cannot see pictures/],
    ['no eyes, in a 200', 200, { error: { message: 'Vision add-on is not loaded, but images were provided' } }, /cannot see pictures.*Vision add-on/],
    ['no eyes, DeepSeek', 400, { error: { message: 'unknown variant `image_url`, expected `text`' } }, /cannot see pictures/],
    ['no eyes, OpenRouter', 404, { error: { message: 'No endpoints found that support image input', code: 404 } }, /cannot see pictures/],
    ['too many, vLLM', 400, { message: 'At most 2 image(s) may be provided in one request. ' }, /accepts 2 photos per request.*-k 2/],
    ['too many, Groq', 400, { error: { message: 'Too many images provided. This model supports up to 5 images' } }, /accepts 5 photos/],
    ['too many, without number', 400, { error: { message: 'Too many images in the request' } }, /send fewer, with -k/],
    ['too long, LM Studio', 400, { error: 'The number of tokens to keep from the initial prompt is greater than the context length.' }, /too long for.*larger context/],
    ['too long, Ollama', 400, { error: { message: 'input length exceeds the context length' } }, /too long for/],
    ['a wrong path', 404, '404 page not found', /no such service at http:\/\/127\.0\.0\.1:\d+\/\d+\/v1\/chat\/completions.*404 page not found/],
    ['details', 422, { detail: [{ loc: ['body', 'messages', 0], msg: 'Field required' }] }, /messages\.0: Field required/],
    ['the words of whom OpenRouter asked', 400, { error: { message: 'Provider returned error', metadata: { raw: 'no such thing' } } }, /Provider returned error: no such thing/],
    ['a form that nobody knows', 400, { oops: { because: 'reasons' } }, /"because":"reasons"/],
    ['a page', 200, '<html><title>Open WebUI</title></html>', /unexpected reply from .*check the address, http.*Open WebUI/],
    ['plain words', 200, 'upstream is gone', /unexpected reply from .*it said: upstream is gone/],
];

async function checkSentences() {
    const server = await serve((text, response, request) => {
        const [, status, said] = SAYS[Number(request.url.split('/')[1])];
        response.writeHead(status).end(typeof said === 'string' ? said : JSON.stringify(said));
    });
    for (const [n, [name, , , says]] of SAYS.entries()) {
        const got = await send(`http://127.0.0.1:${server.port}/${n}`, body, { platform: 'openai' });
        like(got.error, says, `${name}: says so`);
        is([got.attempts.length, got.reply.content], [1, null], '... asked once');
    }
    server.close();
}

// A model that is being loaded, in an error and in a reply that is one, and a service that is
// overloaded before it says anything: asked until they are there.
async function checkWaiting() {
    const BUSY = {
        loading: [4, 503, { error: { message: 'Loading model', code: 503 } }],
        loading200: [2, 200, { error: { message: 'Model is loading, try later', code: 503 } }],
        overloaded: [2, 200, 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'],
    };
    const count = {};
    const server = await serve((text, response, request) => {
        const name = request.url.split('/')[1];
        const [times, status, said] = BUSY[name];
        count[name] = (count[name] ?? 0) + 1;
        if (count[name] >= times) response.writeHead(200, STREAM).end(name === 'overloaded' ? `data: ${MESSAGE}\n\n` : CHAT.join(''));
        else response.writeHead(status).end(typeof said === 'string' ? said : JSON.stringify(said));
    });
    const ask = (name, platform) => send(`http://127.0.0.1:${server.port}/${name}`, body, { platform });
    const all = await Promise.all([ask('loading', 'openai'), ask('loading200', 'openai'), ask('overloaded', 'anthropic')]);
    is(all.map(({ rc, text }) => `${rc} ${text}`), Array(3).fill('ok Hello.'), 'loading, overloaded: waited for');
    is(all.map(({ attempts }) => attempts.length), [4, 2, 2], '... until it is there');
    like(all[0].retries[0].sentence, /still loading its model/, '... and told');
    is(all[0].retries.length, 1, '... once');
    server.close();
}

// What the connection itself may have.
async function checkTransport() {
    const server = await serve((text, response, request) => {
        if (request.url.includes('gzip')) response.writeHead(200, { ...STREAM, 'content-encoding': 'gzip' }).end(gzipSync(CHAT.join('')));
        else if (request.url.includes('open')) response.writeHead(200, STREAM).write(CHAT.join('')); // and never ends
        else if (!request.url.includes('silent')) response.writeHead(200, STREAM).end(CHAT.join(''));
    });
    const at = `http://127.0.0.1:${server.port}`;
    const ask = (url, more) => send(url, body, { platform: 'openai', ...more });
    const [gzip, open, silent] = await Promise.all([ask(`${at}/gzip`), ask(`${at}/open`), ask(`${at}/silent`, { args: ['--silence', '1'] })]);
    is([gzip.rc, gzip.text], ['ok', 'Hello.'], 'a stream that is compressed unasked');
    is([open.rc, open.text], ['ok', 'Hello.'], 'a stream that is never closed');
    is(silent.attempts.length, 1, 'a silent server of this machine is not asked again');
    like(silent.error, /silent for 1 s \(increase --llm-timeout\)/, '... and the option is named');
    for (const path of ['/v1/chat/completions', '/v1/', '']) {
        const got = await ask(at, { env: { OPENAI_BASE_URL: at + path } });
        is([got.rc, server.paths.at(-1)], ['ok', '/v1/chat/completions'], `an address that ends in "${path}"`);
    }
    for (const path of ['/v1/messages', '/v1', '']) {
        await send(at, body, { env: { ANTHROPIC_BASE_URL: `${at}/x${path}` } });
        is(server.paths.at(-1), '/x/v1/messages', `the Messages API at an address that ends in "${path}"`);
    }
    server.close();
}

async function checkEndless() {
    const server = await serve((_, response) => {
        response.writeHead(400, { 'content-type': 'text/html' });
        const more = () => { while (!response.destroyed && response.write('x'.repeat(65536))); };
        response.on('drain', more);
        more();
    });
    const got = await send(`http://127.0.0.1:${server.port}`, body);
    is(got.rc, 'invalid', 'an error page that never ends');
    ok(got.error.length < 300, '... is left after a while');
    server.close();
}

// A server that repeats what it got must not bring the key onto the screen.
async function checkEcho() {
    const server = await serve((_, response, request) => {
        const key = request.headers.authorization.replace('Bearer ', '');
        response.writeHead(400, { 'request-id': `req-${key}`, 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: { type: key, message: `bad key ${key}`, details: { error_code: `x${key}` } } }));
    });
    const got = await send(`http://127.0.0.1:${server.port}`, body);
    is(got.rc, 'invalid', 'a server that repeats the key');
    ok(!JSON.stringify(got).includes('sk-ant-stand-in'), '... is not repeated by us');
    server.close();
}

// As a proxy in front of a service does: it answers before the request has arrived, and hangs up.
async function checkEarlyRefusal() {
    const server = createServer((request, response) => {
        response.writeHead(413, { 'content-type': 'text/html', connection: 'close' }).end('<h1>413</h1>');
        const ends = { localPort: request.socket.localPort, remotePort: request.socket.remotePort };
        until(() => isRead(response, ends)).then(() => request.destroy());
    });
    const port = await listen(server);
    const large = { ...body, messages: [{ role: 'user', content: 'x'.repeat(20 << 20) }] };
    const got = await send(`http://127.0.0.1:${port}`, large);
    like(got.error, /too large for 127\.0\.0\.1: send fewer photos \(HTTP 413\)/, 'a refusal before the request was read');
    is(got.attempts.length, 1, '... is heard at the first attempt');
    const beyond = await send(`http://127.0.0.1:${port}`, { ...body, messages: [{ role: 'user', content: 'x'.repeat(33 << 20) }] });
    like(beyond.error, /accepts at most 32\.0 MB; send fewer photos/, 'a request beyond what the provider takes');
    is(beyond.attempts.length, 0, '... is not sent');
    server.close();
    server.closeAllConnections();
}

export async function checkOddServers() {
    await checkEarlyRefusal();
    await checkCertificate();
    await checkParts('openai', PARTS);
    await checkParts('anthropic', PARTS_OF_MESSAGES);
    await checkSentences();
    await checkWaiting();
    await checkTransport();
    await checkEndless();
    await checkEcho();
}
