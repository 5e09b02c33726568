// SPDX-License-Identifier: MIT
// What strangers try: each is refused, and the server goes on.
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { diag, doneTesting, is, like, ok, skip } from '../tap.mjs';
import { until } from '../wait.mjs';
import { authorization, connections, raw, serve, shared, unfinished } from './lib.mjs';

const server = await serve({ photos: 5, args: ['--connections', '256'] });
const { port } = server;
const host = `localhost:${port}`;
const alive = async (name) => is((await server.get('/healthz')).status, 200, `${name}: the server is alive`);

// ---- paths ----
const climbs = [
    '/../../etc/passwd', '/..%2f..%2fetc%2fpasswd', '/%2e%2e/%2e%2e/etc/passwd', '/%252e%252e%252fetc%252fpasswd',
    '/..\\..\\etc\\passwd', '/..%5c..%5cetc%5cpasswd', '/%c0%ae%c0%ae/etc/passwd', '/%uff0e%uff0e/etc/passwd',
    '/....//....//etc/passwd', '/assets/../../../etc/passwd', '/assets/..%2f..%2f..%2fetc/passwd', '/./etc/passwd',
    '//etc/passwd', '/etc/passwd%00.jpg', '/file:///etc/passwd', '/api/v1/photos/..%2f..%2fetc%2fpasswd/original',
    '/api/v1/photos/1/../../../../etc/passwd', '/api/v1/photos/1%2f..%2f2/original', '/api/v1/photos/1;/original',
    '/api/v1/photos/0x1/original', '/api/v1/photos/1e0/original', '/api/v1/photos/%31/original',
];
for (const path of climbs) {
    const reply = await raw(port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    ok([400, 404].includes(reply.status) && !reply.text.includes('root:'), `${path}: ${reply.status}`);
}
for (const value of ['etc', '../etc', './etc'])
    is((await server.get(`/api/v1/photos?folder=${encodeURIComponent(value)}`)).status, 400, `the filter ${value} is no path of a gallery`);
for (const value of ['/etc', '/etc/passwd', '/proc/self/environ', '/etc/../etc', '/../etc', '/a/./b']) {
    const reply = await server.get(`/api/v1/photos?folder=${encodeURIComponent(value)}`);
    ok(reply.status === 200 && reply.json.photos.length === 0, `the filter ${value} opens nothing`);
}

// ---- searching by what the server would have to fetch ----
for (const like of ['http://127.0.0.1:1/x.jpg', 'file:///etc/passwd', '/etc/passwd', '../1', 'ftp://x/y', '1,2', '1 OR 1=1', '-1', '99999999999999999999'])
    is((await server.get(`/api/v1/search?like=${encodeURIComponent(like)}`)).status, 400, `like=${like} is refused`);
const address = { headers: { 'Content-Type': 'image/jpeg' }, body: Buffer.from('http://169.254.169.254/latest/meta-data') };
is((await server.call('POST', '/api/v1/search', address)).status, 422, 'an address in the body is no picture');
is((await server.post('/api/v1/search', { url: 'http://127.0.0.1/' })).status, 415, 'nor is one in JSON');
is((await server.post('/api/v1/index', { paths: ['/etc'] })).status, 409, 'no folder can be named for indexing');

// ---- names and origins ----
const from = (headers) => server.get('/api/v1/status', { headers });
for (const name of ['evil.example', `evil.example:${port}`, 'localhost.evil.example', '127.0.0.1.nip.io', '169.254.169.254', 'localhost@evil.example', '0.0.0.0', '127.1', '2130706433'])
    is((await from({ Host: name })).status, 421, `Host: ${name} is not this server`);
is((await from({ Host: host })).status, 200, `Host: ${host} is`);
is((await raw(port, 'GET /api/v1/status HTTP/1.1\r\nConnection: close\r\n\r\n')).status, 400, 'no Host at all');
is((await raw(port, `GET /api/v1/status HTTP/1.1\r\nHost:\r\n${'Connection: close\r\n'}\r\n`)).status, 421, 'an empty one');
is((await raw(port, `GET /api/v1/status HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`)).status, 400, 'two of them');
is((await raw(port, `GET http://evil.example/api/v1/status HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)).status, 421, 'another one in the target');
const label = { photo: 1, name: 'forged' };
const post = (headers) => server.post('/api/v1/labels', label, { headers: { Host: host, ...headers } });
for (const headers of [
    { Origin: 'http://evil.example' }, { Origin: 'null' }, { Origin: `http://localhost:${port + 1}` }, { Origin: `http://127.0.0.1:${port}` },
    { Origin: `http://${host}.evil.example` }, { Origin: '' }, { 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' },
    { Origin: `http://${host}`, 'Sec-Fetch-Site': 'cross-site' },
])
    is((await post(headers)).status, 403, `a change from ${JSON.stringify(headers)} is refused`);
is((await post({ 'Content-Type': 'text/plain' })).status, 415, 'what a form could send is refused');
is((await post({ 'Content-Type': 'application/x-www-form-urlencoded' })).status, 415, 'as a form, too');
is((await server.get('/api/v1/labels')).json.labels, [], 'nothing was changed');
is((await from({ Host: host, 'Sec-Fetch-Site': 'cross-site' })).status, 403, "another site's page may not read");
is((await server.get('/', { headers: { Host: host, 'Sec-Fetch-Site': 'cross-site' } })).status, 200, 'but it may link here');
is((await post({ Origin: `http://${host}`, 'Sec-Fetch-Site': 'same-origin' })).status, 201, 'the own page may change');
const preflight = await server.call('OPTIONS', '/api/v1/labels', { headers: { Host: host, Origin: 'http://evil.example', 'Access-Control-Request-Method': 'POST' } });
ok(preflight.status >= 400 && !Object.keys(preflight.headers).some((h) => h.startsWith('access-control')), 'and a preflight gets no permission');

// ---- malformed ----
const close = `${authorization}Connection: close\r\n`;
const malformed = {
    'no HTTP': 'hello\r\n\r\n',
    'nothing but line ends': '\r\n\r\n\r\n\r\n',
    'no version': 'GET /\r\n\r\n',
    'a version of the future': `GET / HTTP/9.9\r\nHost: ${host}\r\n\r\n`,
    'binary': Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7919) & 255)),
    'TLS': Buffer.from('16030100c8010000c40303'.repeat(20), 'hex'),
    'a header without colon': `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nnonsense\r\n${close}\r\n`,
    'a negative length': `POST /api/v1/labels HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: -5\r\n${close}\r\n{}`,
    'a length that is no number': `POST /api/v1/labels HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 2x\r\n${close}\r\n{}`,
    'an endless length': `POST /api/v1/labels HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 99999999999999999999999\r\n${close}\r\n{}`,
    'two lengths': `POST /api/v1/labels HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 40\r\n${close}\r\n{}`,
    'length and chunks': `POST /api/v1/labels HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n${close}\r\n0\r\n\r\n`,
    'chunks alone': `POST /api/v1/labels HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n${close}\r\n2\r\n{}\r\n0\r\n\r\n`,
    'an escape that is cut': `GET /api/v1/photos?month=%2 HTTP/1.1\r\nHost: ${host}\r\n${close}\r\n`,
    'an escaped NUL': `GET /api/v1/search?q=%00 HTTP/1.1\r\nHost: ${host}\r\n${close}\r\n`,
    'bytes that are not UTF-8': `GET /api/v1/search?q=%ff%fe HTTP/1.1\r\nHost: ${host}\r\n${close}\r\n`,
};
for (const [name, bytes] of Object.entries(malformed)) {
    const reply = await raw(port, bytes);
    ok(reply.status === 0 || reply.status >= 400, `${name}: ${reply.status || 'hung up'}`);
}
// A second request that one program on the way would take for the first one's body, or the other way round:
// it is never answered, and the connection ends. (The one that is well formed is, see http.mjs.)
const second = `GET /api/v1/status HTTP/1.1\r\nHost: ${host}\r\n${authorization}\r\n`;
const posting = `POST /api/v1/labels HTTP/1.1\r\nHost: ${host}\r\n${authorization}Content-Type: application/json\r\n`;
const getting = `GET /healthz HTTP/1.1\r\nHost: ${host}\r\n`;
const smuggled = {
    'a length and chunks': `${posting}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'two lengths': `${posting}Content-Length: 0\r\nContent-Length: 5\r\n\r\n`,
    'a blank before the colon': `${posting}Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
    'a tab before the colon': `${getting}X\t: y\r\n\r\n`,
    'another coding': `${posting}Transfer-Encoding: xchunked\r\n\r\n`,
    'two codings': `${posting}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    'chunks of HTTP/1.0': `${posting.replace('HTTP/1.1', 'HTTP/1.0')}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    'a length with a sign': `${posting}Content-Length: +5\r\n\r\n{}   `,
    'a length of two parts': `${posting}Content-Length: 2, 2\r\n\r\n{}`,
    'a line that is continued': `${getting}X: a\r\n Content-Length: 50\r\n\r\n`,
    'the first line continued': `GET /healthz HTTP/1.1\r\n Host: ${host}\r\nHost: ${host}\r\n\r\n`,
    'line ends of LF': `GET /healthz HTTP/1.1\nHost: ${host}\n\n`,
    'one line end of LF': `${getting}X: a\nContent-Length: 50\r\n\r\n`,
    'a CR in a value': `${getting}X: a\rContent-Length: 50\r\n\r\n`,
    'a NUL in a value': `${getting}X: a\0Content-Length: 50\r\n\r\n`,
    'a NUL in a name': `${getting}X\0: a\r\n\r\n`,
    'a NUL in the target': `GET /healthz\0 HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    'no name': `${getting}: a\r\n\r\n`,
    'a name that is none': `${getting}X Y: a\r\n\r\n`,
    'a body that is refused': `POST /api/v1/nothing HTTP/1.1\r\nHost: ${host}\r\nContent-Length: ${second.length}\r\n\r\n`,
    'a type that is refused': `${posting.replace('application/json', 'text/plain')}Content-Length: ${second.length}\r\n\r\n`,
    'a size that is refused': `${posting}Content-Length: 99999999\r\n\r\n`,
    'a stranger': `${posting.replace(authorization, '')}Content-Length: ${second.length}\r\n\r\n`,
    'a chunk too large': `${posting}Transfer-Encoding: chunked\r\n\r\n10000000000000002\r\n{}\r\n0\r\n\r\n`,
};
for (const [name, bytes] of Object.entries(smuggled)) {
    const reply = await raw(port, bytes + second, { keepOpen: true });
    const statuses = [...reply.text.matchAll(/HTTP\/1\.[01] (\d{3})/g)].map((match) => Number(match[1]));
    ok(statuses.length > 0 && statuses.every((status) => status >= 400) && !reply.text.includes('"photos"'), `${name}: ${statuses}, and the connection ends`);
}
is((await raw(port, `${getting}Content-Length: 5\r\n\r\nhello${getting}Connection: close\r\n\r\n`, { keepOpen: true })).text.match(/HTTP\/1\.1 200/g)?.length, 2, 'a body that nobody needs is read, and the next request answered');
// A head that comes in pieces is as good as one that comes at once.
const dripped = net.connect(port, '127.0.0.1');
let slowly = '';
dripped.on('data', (part) => (slowly += part));
const head = `GET /healthz?x HTTP/1.1\r\nHost: ${host}\r\nX-Long: ${'a'.repeat(9000)}\r\nX-Empty:\r\nX-Blanks:   b  \r\nCookie: c=d; e=f\r\nConnection: close\r\n\r\n`;
for (let at = 0; at < head.length; at += 3001) await new Promise((sent) => dripped.write(head.slice(at, at + 3001), () => setImmediate(sent)));
await new Promise((done) => dripped.once('close', done));
like(slowly, /^HTTP\/1\.1 400 [^]*unknown parameter 'x'/, 'a head in pieces is read');
await alive('smuggled requests');

// What one program on the way would read as another header, or as the end of the head.
for (const bytes of [`GET /\0/../etc/passwd HTTP/1.1\r\nHost: ${host}\r\n${close}\r\n`, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nX: a\0b\r\n${close}\r\n`]) {
    const reply = await raw(port, bytes);
    is([reply.status, reply.text.includes('root:')], [400, false], 'a NUL is refused');
}
await alive('malformed requests');

// ---- oversized ----
const headerOf = (size) => `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nX-Long: ${'a'.repeat(size)}\r\n${close}\r\n`;
is((await raw(port, headerOf(4000))).status, 200, 'a header of 4 kB is taken');
for (const size of [100e3, 10e6]) {
    const reply = await raw(port, headerOf(size));
    ok(reply.status === 0 || reply.status >= 400, `one of ${size} bytes is not: ${reply.status || 'hung up'}`);
}
const many = `GET /healthz HTTP/1.1\r\nHost: ${host}\r\n${Array.from({ length: 20000 }, (_, i) => `X${i}: y\r\n`).join('')}${close}\r\n`;
ok([0, 400, 413, 431].includes((await raw(port, many)).status), '20,000 headers are not');
const long = await raw(port, `GET /api/v1/search?q=${'a'.repeat(200e3)} HTTP/1.1\r\nHost: ${host}\r\n${close}\r\n`);
ok(long.status === 0 || long.status >= 400, `a target of 200 kB is not: ${long.status || 'hung up'}`);
is((await server.get(`/api/v1/photos?${Array.from({ length: 40 }, (_, i) => `a${i}=1`).join('&')}`)).status, 400, '40 parameters are not');
is((await server.post('/api/v1/labels', { photo: 1, name: 'a'.repeat(300e3) })).status, 413, 'a body of 300 kB of JSON is not');
const deep = Buffer.from('['.repeat(100e3));
is((await server.call('POST', '/api/v1/labels', { headers: { 'Content-Type': 'application/json' }, body: deep })).status, 400, 'nor is deep JSON');
const huge = await raw(port, `POST /api/v1/search HTTP/1.1\r\nHost: ${host}\r\n${authorization}Content-Type: image/jpeg\r\nContent-Length: ${65 << 20}\r\n\r\nabc`);
is(huge.status, 413, 'an upload above 64 MiB is refused before it comes');

// Promises of 64 MiB each take no memory, and only so many at once are believed.
const promises = [];
for (let n = 0; n < 4; n++) promises.push(await unfinished(port, '/api/v1/search', 64 << 20, 'abc'));
const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]) / 1024;
const upload = { headers: { 'Content-Type': 'image/jpeg' }, body: Buffer.alloc(1000) };
is((await server.call('POST', '/api/v1/search', upload)).status, 503, 'a further upload is asked to wait');
ok(memory() < 200, 'promises of a quarter of a gigabyte take no memory');
promises.forEach((socket) => socket.destroy());
ok(await until(async () => (await server.call('POST', '/api/v1/search', upload)).status === 422), 'and not when they are gone');
await alive('oversized requests');

// ---- slow ----
const dripping = (bytes, every) =>
    new Promise((done) => {
        const begin = Date.now();
        const socket = net.connect(port, '127.0.0.1');
        let at = 0;
        const timer = setInterval(() => socket.write(bytes[at++ % bytes.length]), every);
        socket.on('error', () => {});
        socket.on('close', () => {
            clearInterval(timer);
            done((Date.now() - begin) / 1000);
        });
    });
const drips = [];
for (let n = 0; n < 100; n++) drips.push(dripping(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\nX: ${'a'.repeat(1000)}`, 500));
const silent = dripping('', 1e6);
await until(async () => (await connections(server)) > 100);
await alive('while a hundred send a letter each half second');
const times = await Promise.all(drips);
ok(times.every((t) => t > 5), `they are hung up, but not before 10 seconds: ${Math.min(...times)} to ${Math.max(...times)}`);
ok((await silent) > 5, 'so is one who says nothing');

// ---- many more connections than may be open ----
const CROWD = process.env.KEEPSAKE_TEST_LONG ? 10000 : 2500;
const crowd = [];
let refused = 0;
for (let n = 0; n < CROWD; n++) {
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket.on('error', () => {});
    socket.on('close', () => (refused += 1));
    crowd.push(socket);
    if (n % 100 === 99) await once(socket, 'connect').catch(() => {});
}
await until(() => refused >= CROWD - 768);
await alive(`with ${CROWD} connections`);
const open = await connections(server);
ok(open <= 256 + 512, `it holds ${open} connections`);
ok(memory() < 400, `in ${memory().toFixed(0)} MB`);
ok(refused >= CROWD - 768, `${refused} of ${CROWD} were hung up`);
crowd.forEach((socket) => socket.destroy());
await until(async () => (await connections(server)) < 10);
await alive('when they are gone');

// ---- hostile pictures ----
const torture = join(shared, 'torture');
function* pictures(folder) {
    for (const name of readdirSync(folder).sort()) {
        const path = join(folder, name);
        if (statSync(path).isDirectory()) yield* pictures(path);
        else if (statSync(path).size < 8 << 20) yield path;
    }
}
if (existsSync(torture)) {
    const every = [...pictures(torture)];
    const some = every.filter((_, i) => i % Math.ceil(every.length / 150) === 0);
    const strange = [];
    for (const path of some) {
        const reply = await server.call('POST', '/api/v1/search?limit=1', { headers: { 'Content-Type': 'image/x' }, body: readFileSync(path) });
        if (![200, 422].includes(reply.status)) strange.push(`${path}: ${reply.status}`);
    }
    if (!ok(strange.length === 0, `${some.length} pictures made to break decoders: found or refused`)) diag(strange.join('\n'));
    await alive('hostile pictures');
} else skip('hostile pictures', `none in ${torture}`);

is(server.child.exitCode, null, 'it is the same process still');
is(await server.stop(), 0, 'and ends well');
doneTesting();
