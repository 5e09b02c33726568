// SPDX-License-Identifier: MIT
/* A file server over HTTPS with many faults, for tests/unit/test_model_pull.c.
 *
 *   node https_server.mjs FOLDER
 *
 * Makes a certificate authority and a certificate in FOLDER with openssl, listens on two free ports, and
 * prints "PORT OTHER_PORT" once ready. Each request adds a line to FOLDER/log:
 * "PORT_INDEX PATH range=... auth=...". The first part of a path names the fault. Ends when stdin does. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { isRead } from '../llm/holds.mjs';
import { until } from '../wait.mjs';

const folder = process.argv[2];
const at = (name) => join(folder, name);
const SIZE = 300000;
const body = Buffer.alloc(SIZE);
for (let i = 0; i < SIZE; i++) body[i] = (i * 31 + (i >> 8) * 7) & 255;
const wrong = Buffer.alloc(SIZE, 'x');
const sha256 = createHash('sha256').update(body).digest('hex');

function makeCertificates() {
    const openssl = (...words) => execFileSync('openssl', words, { stdio: 'ignore' });
    const key = (name) => ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', at(name)];
    openssl('req', '-x509', ...key('ca.key'), '-out', at('ca.pem'), '-days', '2', '-subj', '/CN=test authority',
            '-addext', 'basicConstraints=critical,CA:TRUE');
    openssl('req', ...key('server.key'), '-out', at('server.csr'), '-subj', '/CN=localhost');
    writeFileSync(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
    openssl('x509', '-req', '-in', at('server.csr'), '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial',
            '-days', '2', '-extfile', at('names'), '-out', at('server.pem'));
}

const asked = new Map(); /* how often a path was asked for */

function sendFile(request, response, content, headers = {}) {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
    const first = range ? Number(range[1]) : 0;
    if (first >= content.length) return fail(response, 416, { 'content-range': `bytes */${content.length}` });
    if (range) headers['content-range'] = `bytes ${first}-${content.length - 1}/${content.length}`;
    const part = content.subarray(first);
    response.writeHead(range ? 206 : 200, { 'content-length': part.length, ...headers });
    response.end(part);
}

function fail(response, status, headers = {}) {
    response.writeHead(status, headers);
    response.end(`status ${status}\n`);
}

function sendThenBreak(response, length, announced) {
    response.writeHead(200, announced === undefined ? {} : { 'content-length': announced });
    const ends = { localPort: response.socket.localPort, remotePort: response.socket.remotePort };
    response.write(body.subarray(0, length), () => {
        until(() => response.destroyed || isRead(response, ends)).then(() => response.destroy());
    });
}

async function trickle(response) {
    const ends = { localPort: response.socket.localPort, remotePort: response.socket.remotePort };
    response.writeHead(200, { 'content-length': SIZE });
    for (let i = 0; i < SIZE && !response.destroyed; i += 20000) {
        response.write(body.subarray(i, Math.min(SIZE, i + 20000)));
        await new Promise((done) => setTimeout(done, 40)); // at least so long: progress is to be shown
        await until(() => response.destroyed || isRead(response, ends)); // never far ahead of the reader
    }
    response.end();
}

const faults = {
    plain: (q, r) => sendFile(q, r, body, { 'x-linked-etag': `"${sha256}"`, 'x-linked-size': String(SIZE) }),
    cut: (q, r, n) => (n === 1 ? sendThenBreak(r, 120000, SIZE) : sendFile(q, r, body)),
    cutquietly: (q, r, n) => (n === 1 ? (r.writeHead(200), r.end(body.subarray(0, 5000))) : sendFile(q, r, body)),
    alwayscut: (q, r) => sendThenBreak(r, 1000, SIZE),
    saysmore: (q, r) => sendThenBreak(r, SIZE, SIZE + 1000),
    saysless: (q, r) => (r.writeHead(200, { 'content-length': 1000 }), r.end(body.subarray(0, 1000))),
    sendsmore: (q, r) => (r.writeHead(200), r.end(Buffer.concat([body, body]))),
    missing: (q, r) => fail(r, 404),
    secret: (q, r) => fail(r, 401),
    toofar: (q, r) => (q.headers.range ? fail(r, 416) : sendFile(q, r, body)),
    norange: (q, r) => (r.writeHead(200, { 'content-length': SIZE }), r.end(body)),
    otherrange: (q, r) => {
        if (!q.headers.range) return sendFile(q, r, body);
        r.writeHead(206, { 'content-length': 10, 'content-range': `bytes 0-9/${SIZE}` });
        return r.end(body.subarray(0, 10));
    },
    busy: (q, r, n) => (n === 1 ? fail(r, 429, { 'retry-after': '1' }) : sendFile(q, r, body)),
    busyplain: (q, r, n) => (n === 1 ? fail(r, 429) : sendFile(q, r, body)),
    busylong: (q, r) => fail(r, 429, { 'retry-after': '86400' }),
    broken: (q, r, n) => (n <= 2 ? fail(r, 500) : sendFile(q, r, body)),
    alwaysbroken: (q, r) => fail(r, 503),
    wrong: (q, r) => sendFile(q, r, wrong),
    otherfile: (q, r) => sendFile(q, r, body, { 'x-linked-etag': `"${'0'.repeat(64)}"` }),
    moved: (q, r) => fail(r, 302, { location: `https://127.0.0.1:${ports[1]}${q.url.replace('/moved/', '/plain/')}` }),
    movedplain: (q, r) => fail(r, 302, { location: `http://127.0.0.1:${ports[1]}/plain/x` }),
    circle: (q, r) => fail(r, 302, { location: q.url }),
    stall: (q, r, n) => (n === 1 ? (r.writeHead(200, { 'content-length': SIZE }), r.write(body.subarray(0, 1000)))
                                 : sendFile(q, r, body)),
    slow: (q, r) => trickle(r),
    page: (q, r) => (q.url.endsWith('.json') ? r.end('<html>please log in</html>') : sendFile(q, r, body)),
};

function answer(index, request, response) {
    const { range = '', authorization = '' } = request.headers;
    appendFileSync(at('log'), `${index} ${request.url} range=${range} auth=${authorization}\n`);
    const fault = request.url.split('/')[1];
    const count = (asked.get(request.url) ?? 0) + 1;
    asked.set(request.url, count);
    if (request.url.endsWith('/config.json') && fault !== 'page')
        return response.end('{"model_type": "test"}');
    return (faults[fault] ?? ((q, r) => fail(r, 404)))(request, response, count);
}

makeCertificates();
const identity = { key: readFileSync(at('server.key')), cert: readFileSync(at('server.pem')) };
const ports = await Promise.all([0, 1].map((index) => new Promise((done) => {
    const server = createServer(identity, (request, response) => answer(index, request, response));
    server.listen(0, () => done(server.address().port));
})));
console.log(ports.join(' '));
process.stdin.on('end', () => process.exit(0)).resume();
