// SPDX-License-Identifier: MIT
// A server for a test: a gallery of its own, `keepsake serve` on a free port, and ways to talk to it.
//
//   const server = await serve({ photos: 40, folders: true });
//   const reply = await server.get('/api/v1/status');      { status, headers, body, json }
//   await server.stop();
//
// It has a token, and every request that says nothing else of who sends it has it, too. A test of who
// may what starts its server with secrets of its own (`secrets: false`).
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const program = resolve(process.env.KEEPSAKE ?? 'build/release/bin/keepsake');
export const shared = resolve(process.env.KEEPSAKE_SHARED ?? '../shared');
const pictures = join(shared, 'photos/flickr8k-300/images');

// A home with nothing in it, removed when the process ends.
export function makeHome() {
    const home = mkdtempSync(join(tmpdir(), 'keepsake-serve-'));
    mkdirSync(join(home, 'config/keepsake'), { recursive: true });
    process.on('exit', () => rmSync(home, { recursive: true, force: true }));
    return home;
}

export function environment(home, more) {
    const env = { ...process.env, HOME: home, XDG_DATA_HOME: join(home, 'data') };
    env.XDG_CONFIG_HOME = join(home, 'config');
    env.XDG_CACHE_HOME = join(home, 'cache');
    env.HF_ENDPOINT = 'http://127.0.0.1:9';
    for (const name of Object.keys(env))
        if (/^(KEEPSAKE_(?!SHARED|BUILD)|ANTHROPIC|OPENAI|AWS_|GOOGLE)/.test(name)) delete env[name];
    return { ...env, ...more };
}

export function run(home, args, more = {}) {
    const { input, ...env } = more;
    return spawnSync(program, args, { env: environment(home, env), input, encoding: 'utf8' });
}

// The first `count` of the reference pictures, copied.
export function copyPhotos(home, count) {
    const folder = join(home, 'photos');
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(pictures).sort().slice(0, count))
        cpSync(join(pictures, name), join(folder, name));
    return folder;
}

export function freePort() {
    return new Promise((done) => {
        const listener = net.createServer();
        listener.listen(0, '127.0.0.1', () => {
            const { port } = listener.address();
            listener.close(() => done(port));
        });
    });
}

export const TOKEN = 'the-token-of-tests-0123456789abcdef';
export const authorization = `Authorization: Bearer ${TOKEN}\r\n`; // for requests written by hand
const signedIn = new Set(); // ports of servers with that token

function signed(port, headers) {
    const named = Object.keys(headers).some((name) => /^(authorization|cookie)$/i.test(name));
    return named || !signedIn.has(port) ? headers : { ...headers, Authorization: `Bearer ${TOKEN}` };
}

function request(port, method, path, { headers = {}, body, host = '127.0.0.1', agent, localAddress } = {}) {
    const data = body !== undefined && !Buffer.isBuffer(body) ? JSON.stringify(body) : body;
    const sent = { ...signed(port, headers) };
    if (data !== undefined) sent['Content-Length'] ??= Buffer.byteLength(data);
    if (data !== undefined && !Buffer.isBuffer(body)) sent['Content-Type'] ??= 'application/json';
    return new Promise((done, fail) => {
        const call = http.request({ host, port, method, path, headers: sent, agent, localAddress }, (reply) => {
            const parts = [];
            reply.on('data', (part) => parts.push(part));
            reply.on('error', fail);
            reply.on('end', () => done(finish(reply, Buffer.concat(parts))));
        });
        call.on('error', fail);
        call.end(data);
    });
}

function finish(reply, bytes) {
    const type = reply.headers['content-type'] ?? '';
    const isJson = /^application\/(problem\+)?json/.test(type) && bytes.length > 0;
    const body = bytes.toString();
    return {
        status: reply.statusCode,
        headers: reply.headers,
        type,
        bytes,
        body,
        json: isJson ? JSON.parse(body) : undefined,
    };
}

// Events of a stream as they come: {name, data}. `stop` hangs up.
function stream(port, method, path, { headers = {}, body } = {}, each = () => {}) {
    const data = body === undefined ? undefined : JSON.stringify(body);
    const events = [];
    let call;
    const ended = new Promise((done, fail) => {
        const sent = { ...signed(port, headers) };
        if (data) Object.assign(sent, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(data) });
        call = http.request({ host: '127.0.0.1', port, method, path, headers: sent }, (reply) => {
            let text = '';
            events.status = reply.statusCode;
            events.type = reply.headers['content-type'];
            reply.setEncoding('utf8');
            reply.on('data', (part) => {
                text += part;
                for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
                    const match = /^event: (.*)\ndata: (.*)$/.exec(text.slice(0, end));
                    if (!match) continue;
                    const event = { name: match[1], data: JSON.parse(match[2]) };
                    events.push(event);
                    each(event);
                }
            });
            reply.on('end', () => done(events));
            reply.on('close', () => done(events));
            reply.on('error', () => done(events));
        });
        call.on('error', (error) => (events.status ? done(events) : fail(error)));
        call.end(data);
    });
    return { events, ended, stop: () => call.destroy() };
}

export async function serve(options = {}) {
    const home = options.home ?? makeHome();
    const gallery = options.gallery ?? join(home, 'gallery.db');
    let folder = join(home, 'photos');
    if (options.photos && !existsSync(folder)) {
        folder = copyPhotos(home, options.photos);
        const index = run(home, ['-q', '--gallery', gallery, 'index', folder]);
        if (index.status) throw new Error(`index: ${index.stderr}`);
    }
    const port = await freePort();
    const args = ['-q', '--gallery', gallery, 'serve', '--port', String(port)];
    args.push(...(options.args ?? []), ...(options.folders ? [folder] : []));
    const env = options.secrets === false ? options.env : { KEEPSAKE_TOKEN: TOKEN, ...options.env };
    if (options.secrets !== false) signedIn.add(port);
    const child = spawn(options.program ?? program, args, { env: environment(home, env), stdio: ['ignore', 'pipe', 'pipe'] });
    const server = {
        home, folder, gallery, port, child, errors: '', address: '',
        exited: new Promise((done) => child.once('exit', (code, signal) => done(signal ?? code))),
        get: (path, more) => request(port, 'GET', path, more),
        head: (path, more) => request(port, 'HEAD', path, more),
        post: (path, body, more) => request(port, 'POST', path, { body, ...more }),
        call: (method, path, more) => request(port, method, path, more),
        stream: (method, path, more, each) => stream(port, method, path, more, each),
        async stop(signal = 'SIGTERM') {
            child.kill(signal);
            return server.exited;
        },
    };
    child.stderr.on('data', (text) => (server.errors += text));
    await new Promise((done, fail) => {
        child.stdout.once('data', (text) => done((server.address = String(text).trim())));
        child.once('exit', () => fail(new Error(`serve ended: ${server.errors}`)));
    });
    process.on('exit', () => child.kill('SIGKILL'));
    return server;
}

// A POST of `length` bytes of which only `begin` is sent: an open socket, once the server said to go on.
export function unfinished(port, path, length, begin) {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\n${authorization}Content-Type: image/jpeg\r\nContent-Length: ${length}\r\nExpect: 100-continue\r\n\r\n`);
    return new Promise((done, fail) => {
        socket.once('close', () => fail(new Error('the server hung up')));
        socket.once('data', (part) => {
            if (!/^HTTP\/1\.1 100 /.test(part)) fail(new Error(`the server said ${part}`));
            socket.write(begin);
            done(socket);
        });
    });
}

// How many connections the server has, this one among them.
export const connections = async (server) => Number(/^keepsake_connections (\d+)/m.exec((await server.get('/metrics')).body)[1]);

// Whether the server takes no more connections.
export const unreachable = async ({ port }) => (await raw(port, 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')).text === '';

// Bytes as they are, then the end of our side (not with keepOpen) once an answer begins, and all that comes back
// until the other side closes. Who ends his side before the answer may get none; a request that is not whole
// is ended when nobody answered it.
const UNANSWERED_MS = 3000;
export function raw(port, bytes, { keepOpen = false } = {}) {
    return new Promise((done) => {
        const socket = net.connect(port, '127.0.0.1');
        let text = '';
        let closed = false;
        socket.on('data', (part) => (text += part.toString('latin1')));
        socket.on('error', () => {});
        socket.on('end', () => (closed = true));
        socket.on('close', () => {
            const status = /^HTTP\/1\.[01] (\d{3})/.exec(text);
            done({ text, closed, status: status ? Number(status[1]) : 0 });
        });
        socket.write(bytes);
        if (keepOpen) return;
        socket.once('data', () => socket.end());
        const patience = setTimeout(() => socket.end(), UNANSWERED_MS);
        socket.once('close', () => clearTimeout(patience));
    });
}
