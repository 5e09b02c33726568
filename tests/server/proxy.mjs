// SPDX-License-Identifier: MIT
// Proxies in front: whom requests come from, which host and path they are for, and what a refusal says.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { haveNginx, startNginx } from '../nginx.mjs';
import { doneTesting, is, like, ok, skip } from '../tap.mjs';
import { copyPhotos, freePort, makeHome, raw, run, serve } from './lib.mjs';

const whole = (port, text) => raw(port, text, { keepOpen: true }); // the server ends it

const PASSWORD = 'correct horse battery';
const home = makeHome();
const gallery = join(home, 'gallery.db');
run(home, ['-q', '--gallery', gallery, 'index', copyPhotos(home, 3)]);
run(home, ['serve', '--set-password'], { input: `${PASSWORD}\n` });

for (const bad of ['localhost', '10.0.0.0/33', '127.0.0.1/x', '::1/200', 'unix:/run/x'])
    like(run(home, ['--gallery', gallery, 'serve', '--port', '9', '--trusted-proxy', bad]).stderr, /invalid address or network/, `--trusted-proxy ${bad} is refused`);
for (const bad of ['/a b', '/../x', '/a//b', '/a?b'])
    like(run(home, ['--gallery', gallery, 'serve', '--port', '9', '--base-path', bad]).stderr, /invalid base path/, `--base-path ${bad} is refused`);

// From 127.0.0.1 come proxies, from 127.0.0.N clients that speak to the server themselves.
function ask(port, method, path, { from = '127.0.0.1', headers = {}, body } = {}) {
    return new Promise((done, fail) => {
        const sent = { ...headers };
        const data = body === undefined ? undefined : JSON.stringify(body);
        if (data) Object.assign(sent, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(data) });
        const call = http.request({ host: '127.0.0.1', port, method, path, headers: sent, localAddress: from }, (reply) => {
            const parts = [];
            reply.on('data', (part) => parts.push(part));
            reply.on('end', () => {
                const text = Buffer.concat(parts).toString();
                const json = /json/.test(reply.headers['content-type'] ?? '') && text && !reply.headers['content-encoding'] ? JSON.parse(text) : undefined;
                done({ status: reply.statusCode, headers: reply.headers, text, json, bytes: Buffer.concat(parts) });
            });
        });
        call.on('error', fail);
        call.end(data);
    });
}
const signIn = (port, password, more = {}) => ask(port, 'POST', '/api/v1/session', { body: { password }, ...more });

const server = await serve({ home, secrets: false, args: ['--trusted-proxy', '127.0.0.1'] });
const tries = async (n, more) => {
    const statuses = [];
    for (let i = 0; i < n; i++) statuses.push((await signIn(server.port, `guess ${i}`, typeof more === 'function' ? more(i) : more)).status);
    return statuses;
};
const wrong = [403, 403, 403, 403, 403, 429];

// ---- whose address ----
is(await tries(6, (i) => ({ from: '127.0.0.9', headers: { 'X-Forwarded-For': `198.51.100.${i}`, Forwarded: `for=198.51.100.${i}` } })), wrong, 'who is no proxy says nothing of addresses');
is(await tries(6, (i) => ({ headers: { 'X-Forwarded-For': `198.51.100.${i}, 203.0.113.9` } })), wrong, 'of a list, the last one counts');
is((await signIn(server.port, 'guess', { headers: { 'X-Forwarded-For': '203.0.113.10' } })).status, 403, 'another client is not meant');
is(await tries(6, (i) => ({ headers: { 'X-Forwarded-For': `2001:db8:1:2::${i + 1}` } })), wrong, 'IPv6 addresses of one /64 are one');
is((await signIn(server.port, 'guess', { headers: { 'X-Forwarded-For': '2001:db8:1:3::1' } })).status, 403, 'those of another are not');
is(await tries(3, () => ({ headers: { Forwarded: 'for=203.0.113.9;proto=https' } })), [429, 429, 429], 'Forwarded names the same client');
is((await signIn(server.port, PASSWORD, { headers: { 'X-Forwarded-For': '203.0.113.9' } })).status, 204, 'and the right password passes for it all the same');
const cookie = async (more) => (await signIn(server.port, PASSWORD, more)).headers['set-cookie'][0];
like(await cookie({ headers: { 'X-Forwarded-For': '203.0.113.11', 'X-Forwarded-Proto': 'https' } }), /; Secure$/, 'a trusted proxy says that it was reached by TLS');
ok(!/Secure/.test(await cookie({ from: '127.0.0.8', headers: { 'X-Forwarded-Proto': 'https' } })), 'others do not');
like(await cookie({ headers: { 'X-Forwarded-Prefix': '/photos' } }), /; Path=\/photos\/; /, 'and says which path it has the page under');
like(await cookie({ from: '127.0.0.7', headers: { 'X-Forwarded-Prefix': '/photos' } }), /; Path=\/; /, 'others do not');
is((await ask(server.port, 'GET', '/', { headers: { 'X-Forwarded-Prefix': '/a\tb' } })).status, 400, 'a prefix that is none is refused');
is((await ask(server.port, 'GET', '/', { headers: { 'X-Forwarded-Host': 'evil.example' } })).status, 421, 'a host that is not ours is refused');

// ---- health, absolute form ----
is((await whole(server.port, 'GET /healthz HTTP/1.0\r\n\r\n')).status, 200, 'health needs no Host');
is((await ask(server.port, 'GET', '/healthz', { headers: { Host: '10.1.2.3:8420' } })).status, 200, 'nor the right one');
is((await ask(server.port, 'GET', '/api/v1/session', { headers: { Host: '10.1.2.3:8420' } })).status, 421, 'all else does');
is((await whole(server.port, 'GET /api/v1/session HTTP/1.0\r\n\r\n')).status, 421, 'of HTTP/1.0, too');
is((await whole(server.port, 'GET http://evil.example/api/v1/session HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')).status, 421, 'also when it is the wrong one');
is((await whole(server.port, 'GET http://localhost HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')).status, 200, 'or has no path');

// ---- nginx ----
if (!haveNginx()) {
    skip('behind nginx', 'nginx is not installed: tools/deps check');
    await server.stop();
    doneTesting();
    process.exit();
}
// The very lines of the documentation.
const block = /location \/ \{\n([^}]*)\}/.exec(readFileSync('docs/serve.md', 'utf8'))[1];
const documented = block.split('\n').map((line) => line.replace(/#.*/, '').trim()).filter(Boolean);
const to = (port) => `proxy_pass http://127.0.0.1:${port};`;
const below = await serve({ home, secrets: false, args: ['--trusted-proxy', '127.0.0.1', '--base-path', '/photos'] });
const [docs, plain, stripped, kept] = [await freePort(), await freePort(), await freePort(), await freePort()];
const forwarding = ['proxy_set_header Host $http_host;', 'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;', 'proxy_set_header X-Forwarded-Proto $scheme;'];
const nginx = await startNginx(home, [
    { port: docs, location: '/', lines: documented.map((line) => line.replace('127.0.0.1:8420', `127.0.0.1:${server.port}`)) },
    { port: plain, location: '/', lines: [to(server.port)] },
    { port: stripped, location: '/photos/', lines: [`proxy_pass http://127.0.0.1:${server.port}/;`, ...forwarding, 'proxy_set_header X-Forwarded-Prefix /photos;'] },
    { port: kept, location: '/photos', lines: [to(below.port), ...forwarding] },
]);
const page = (port, more) => ({ headers: { Origin: `http://127.0.0.1:${port}`, ...more }, from: '127.0.0.3' });

const good = await signIn(docs, PASSWORD, page(docs));
is(good.status, 204, 'as documented, on a port of its own: one signs in');
const session = good.headers['set-cookie'][0].split(';')[0];
const label = await ask(docs, 'POST', '/api/v1/labels', { ...page(docs, { Cookie: session }), body: { photo: 1, name: 'Rex' } });
is(label.status, 201, 'and changes something');
const attack = [];
for (let i = 0; i < 7; i++) attack.push((await signIn(docs, `guess ${i}`, { from: '127.0.0.66', headers: { 'X-Forwarded-For': `203.0.113.${i}` } })).status);
is(attack.slice(0, 6), wrong, 'a stranger who guesses has to wait, whatever he says of himself');
is((await signIn(docs, 'a slip', page(docs))).status, 403, 'the owner, elsewhere, has not');
is((await signIn(docs, PASSWORD, { from: '127.0.0.66' })).status, 204, 'and the right password passes from his address, too');
const zipped = await ask(docs, 'GET', '/api/v1/openapi.json', { headers: { Cookie: session, 'Accept-Encoding': 'gzip' } });
is(JSON.parse(gunzipSync(zipped.bytes)).openapi, '3.1.0', 'JSON comes compressed');

const refused = await signIn(plain, PASSWORD, page(plain));
is([refused.status, refused.json.code], [403, 'foreign_site'], 'a proxy that changes the Host is refused');
like(refused.json.detail, new RegExp(`'http://127\\.0\\.0\\.1:${plain}' \\(Origin\\).*'127\\.0\\.0\\.1:${server.port}' \\(Host\\).*proxy_set_header Host \\$http_host;`), 'with both names and the setting');
const stranger = await signIn(docs, PASSWORD, { headers: { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' } });
like(stranger.json.detail, /comes from a page of another site \(Origin 'https:\/\/evil\.example', Host '127\.0\.0\.1:\d+'\)/, "another site's page is told so");

for (const [name, port, own] of [['taken off by nginx', stripped, server], ['left on', kept, below]]) {
    const top = await ask(port, 'GET', '/photos/');
    is(top.status, 200, `a path that is ${name}: the page`);
    for (const [, file] of top.text.matchAll(/(?:src|href)="([^"]+\.(?:js|css|svg))"/g)) {
        ok(!file.startsWith('/'), `${file} is relative`);
        is((await ask(port, 'GET', `/photos/${file}`)).status, 200, 'and there');
    }
    const bare = await ask(port, 'GET', '/photos');
    is([Math.floor(bare.status / 100), new URL(bare.headers.location, `http://127.0.0.1:${port}/photos`).pathname], [3, '/photos/'], 'the slash is added');
    const signed = await ask(port, 'POST', '/photos/api/v1/session', { ...page(port), body: { password: PASSWORD } });
    like(`${signed.status} ${signed.headers['set-cookie']}`, /^204 keepsake_session_\d+=[0-9a-f]{64}; Path=\/photos\/; /, 'a session for that path');
    const own_ = signed.headers['set-cookie'][0].split(';')[0];
    const made = await ask(port, 'POST', '/photos/api/v1/labels', { ...page(port, { Cookie: own_ }), body: { photo: 2, name: 'Mia' } });
    like(`${made.status} ${made.headers.location}`, /^201 \/photos\/api\/v1\/labels\/\d+$/, 'what is made has its address there');
    is((await own.get('/api/v1/session')).status, 200, 'without the proxy it is at its own address');
}
const arrival = await ask(kept, 'GET', '/photos/?token=x&q=dog');
is([arrival.status, arrival.headers.location], [303, '/photos/?q=dog'], 'a token is taken out of an address there, too');

await nginx.stop();
is([await server.stop(), await below.stop()], [0, 0], 'and the servers end well');

// ---- the config file ----
mkdirSync(join(home, 'config/keepsake'), { recursive: true });
writeFileSync(join(home, 'config/keepsake/config'), `trusted_proxy = 10.0.0.0/8, 127.0.0.1\nfolders = ${home}:${join(home, 'config')}\n`);
const configured = await serve({ home, secrets: false });
const byConfig = await signIn(configured.port, PASSWORD, { headers: { 'X-Forwarded-For': '203.0.113.9', 'X-Forwarded-Proto': 'https' } });
like(byConfig.headers['set-cookie'][0], /; Secure$/, 'trusted_proxy in the config file');
const owner = byConfig.headers['set-cookie'][0].split(';')[0];
is((await ask(configured.port, 'POST', '/api/v1/index', { headers: { Cookie: owner } })).status, 202, 'and the folders that may be indexed');
await configured.stop();
doneTesting();
