// Servers that the stand-in is not: one with a certificate of its own, models without tools, an error
// page that never ends, a server that repeats the key.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
    const bodies = [];
    const answer = (request, response) => {
        let text = '';
        request.on('data', (data) => (text += data)).on('end', () => {
            bodies.push(text);
            handle(text, response, request);
        });
    };
    const server = options ? createSecureServer(options, answer) : createServer(answer);
    return { port: await listen(server), bodies, close: () => { server.close(); server.closeAllConnections(); } };
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
    like(unknown.error, /localhost does not prove who it is/, 'TLS: one that is not');
    is(unknown.attempts.length, 1, 'TLS: ... is not asked again');
    const other = await ask('127.0.0.1', ['--ca-file', cert]);
    like(other.error, /127\.0\.0\.1 does not prove who it is/, 'TLS: one of another host');
    is(server.bodies.length, 2, 'TLS: the conversation went to the trusted ones only');
    server.close();
    rmSync(folder, { recursive: true });
}

const REFUSALS = [
    [400, { error: 'registry.ollama.ai/library/llava:latest does not support tools' }],
    [500, { error: { code: 500, message: 'tools param requires --jinja flag', type: 'server_error' } }],
];

async function checkWithoutTools([status, refusal]) {
    const server = await serve((text, response) => {
        if (JSON.parse(text).tools) response.writeHead(status).end(JSON.stringify(refusal));
        else response.writeHead(200, { 'content-type': 'text/event-stream' }).end(CHAT.join(''));
    });
    const tools = [{ name: 'view', description: 'Looks', input_schema: { type: 'object' } }];
    const got = await send(`http://127.0.0.1:${server.port}`, { ...body, tools }, { platform: 'openai' });
    is([got.rc, got.text], ['ok', 'Hello.'], `a model without tools (${status}): asked without them`);
    is(got.retries.map((retry) => retry.wait_s), [0], '... at once');
    is(server.bodies.map((text) => 'tools' in JSON.parse(text)), [true, false], '... once');
    is(got.cost, 0, '... for nothing, as it is on this machine');
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
    like(beyond.error, /takes 32\.0 MB at most: send fewer photos/, 'a request beyond what the provider takes');
    is(beyond.attempts.length, 0, '... is not sent');
    server.close();
    server.closeAllConnections();
}

export async function checkOddServers() {
    await checkEarlyRefusal();
    await checkCertificate();
    for (const refusal of REFUSALS) await checkWithoutTools(refusal);
    await checkEndless();
    await checkEcho();
}
