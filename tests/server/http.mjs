// SPDX-License-Identifier: MIT
// Caching, ranges, methods, downloads, compression, and what every reply says to a browser.
import { readFileSync, readdirSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { doneTesting, is, like, ok } from '../tap.mjs';
import { copyPhotos, makeHome, raw, run, serve } from './lib.mjs';

const home = makeHome();
const folder = copyPhotos(home, 3);
const odd = 'Ömas "Hund"\n.jpg';
renameSync(join(folder, readdirSync(folder)[0]), join(folder, odd));
const gallery = join(home, 'gallery.db');
run(home, ['-q', '--gallery', gallery, 'index', folder]);
const server = await serve({ home });
const { photos } = (await server.get('/api/v1/photos')).json;
const photo = photos.find((p) => p.name !== odd);
const original = `/api/v1/photos/${photo.id}/original`;
const bytes = readFileSync(photo.path);

// ---- the original ----
const whole = await server.get(original);
is(whole.status, 200, 'the original');
ok(whole.bytes.equals(bytes), 'is the file, byte for byte');
is([whole.type, whole.headers['accept-ranges']], ['image/jpeg', 'bytes'], 'its type, and that it has ranges');
like(whole.headers.etag, /^"[^"]+"$/, 'a strong tag');
is(whole.headers['cache-control'], 'private, no-cache', 'to be asked for again each time');
const versioned = await server.get(`${original}?v=${photo.version}`);
is(versioned.headers['cache-control'], 'private, max-age=31536000, immutable', 'with its version: for a year');
is((await server.get(`${original}?v=0`)).headers['cache-control'], 'private, no-cache', 'with another: not');
const again = await server.get(original, { headers: { 'If-None-Match': `"x", ${whole.headers.etag}` } });
is([again.status, again.bytes.length, again.headers.etag], [304, 0, whole.headers.etag], '304 for who has it');
is((await server.get(original, { headers: { 'If-None-Match': '"x"' } })).status, 200, 'not for another tag');
const headOnly = await server.head(original);
is([headOnly.status, headOnly.bytes.length, headOnly.headers['content-length']], [200, 0, String(bytes.length)], 'HEAD');

async function range(header, want, more = {}) {
    const reply = await server.get(original, { headers: { Range: header, ...more } });
    ok(reply.status === 206 && reply.bytes.equals(bytes.subarray(...want)), `Range: ${header}`);
    is(reply.headers['content-range'], `bytes ${want[0]}-${want[1] - 1}/${bytes.length}`, 'with its place');
}
await range('bytes=0-99', [0, 100]);
await range('bytes=100-', [100, bytes.length]);
await range('bytes=-100', [bytes.length - 100, bytes.length]);
await range(`bytes=0-${bytes.length + 5}`, [0, bytes.length]);
await range('bytes=5-5', [5, 6], { 'If-Range': whole.headers.etag });
const past = await server.get(original, { headers: { Range: `bytes=${bytes.length}-` } });
is([past.status, past.headers['content-range'], past.json.code], [416, `bytes */${bytes.length}`, 'range'], '416 past the end');
const other = await server.get(original, { headers: { Range: 'bytes=0-9', 'If-Range': '"x"' } });
is([other.status, other.bytes.length], [200, bytes.length], 'all of it when it changed since');
is((await server.get(original, { headers: { Range: 'bytes=0-1,5-6' } })).status, 200, 'several ranges: all of it');
is((await server.get(original, { headers: { Range: 'bytes=x' } })).status, 200, 'no range: all of it');

// ---- downloads ----
const name = photo.name;
like(whole.headers['content-disposition'], /^inline; /, 'shown: a file is sent');
like((await server.get(`${original}?download`)).headers['content-disposition'], new RegExp(`^attachment; filename="${name}"`), 'or saved');
const strange = photos.find((p) => p.name === odd);
const saved = await server.get(`/api/v1/photos/${strange.id}/original?download=1`);
is(saved.headers['content-disposition'], `attachment; filename="__mas _Hund__.jpg"; filename*=UTF-8''${encodeURIComponent(odd)}`, 'under any name');

// ---- lists ----
for (const path of ['/api/v1/photos?limit=2', '/api/v1/photos/months']) {
    const list = await server.get(path);
    is(list.headers['cache-control'], 'private, no-cache', `${path}: to be asked for again`);
    const same = await server.get(path, { headers: { 'If-None-Match': list.headers.etag } });
    is([same.status, same.bytes.length], [304, 0], 'and 304 while nothing changed');
}

// ---- thumbnails ----
const small = await server.get(`/api/v1/photos/${photo.id}/thumbnail?v=${photo.version}`);
const large = await server.get(`/api/v1/photos/${photo.id}/thumbnail?size=large`);
is([small.status, small.type, large.type], [200, 'image/jpeg', 'image/jpeg'], 'thumbnails have an ETag');
ok(small.bytes.length < large.bytes.length, 'of two sizes');
ok(!small.bytes.includes('Exif'), 'without metadata');
is(small.headers['cache-control'], 'private, max-age=31536000, immutable', 'kept by version');
ok(small.headers.etag !== large.headers.etag, 'each has a tag of its own');
is((await server.get(`/api/v1/photos/${photo.id}/thumbnail`, { headers: { 'If-None-Match': small.headers.etag } })).status, 304, 'an unchanged file: 304');

// ---- files that went away or changed after they were indexed ----
renameSync(strange.path, join(home, 'elsewhere.jpg'));
const gone = await server.get(`/api/v1/photos/${strange.id}/original`);
is([gone.status, gone.type], [410, 'application/problem+json'], 'a file that is gone: 410');
symlinkSync('/dev/zero', strange.path);
is((await server.get(`/api/v1/photos/${strange.id}/original`)).status >= 400, true, 'a device in its place is not sent');
writeFileSync(photo.path, Buffer.concat([bytes, Buffer.from('more')]));
ok((await server.get(original)).headers.etag !== whole.headers.etag, 'a changed file has another tag');
const stat = statSync(photo.path);
ok(stat.size === bytes.length + 4 && basename(photo.path) === name, 'and is left alone');

// ---- methods and paths ----
for (const [method, path, allow] of [
    ['PUT', '/api/v1/labels', 'GET, POST'], ['DELETE', '/api/v1/photos', 'GET'], ['POST', '/', 'GET'],
    ['OPTIONS', '/api/v1/search', 'GET, POST'], ['TRACE', '/api/v1/status', 'GET'], ['BREW', '/healthz', 'GET'],
]) {
    const reply = await server.call(method, path);
    is([reply.status, reply.headers.allow, reply.json?.status], [405, allow, 405], `${method} ${path} is not allowed`);
}
const nothing = await server.get('/api/v1/nothing');
is([nothing.status, nothing.type, nothing.json.title], [404, 'application/problem+json', 'Not Found'], '404 is a problem document');
is((await server.get('/api/v1/photos/')).status, 404, 'no slash too many');
is((await server.get('/api/v1/status?verbose=1')).status, 400, 'no unknown parameter');

// ---- the page ----
const page = await server.get('/');
is([page.status, page.type], [200, 'text/html; charset=utf-8'], 'the page');
const policy = page.headers['content-security-policy'];
like(policy, /default-src 'none'/, 'its policy allows nothing by default');
ok(!/unsafe|http:|\*/.test(policy), 'nothing inline, nothing from elsewhere');
ok(!/<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|<style|style="/.test(page.body), 'and the page has nothing inline');
is((await server.get('/', { headers: { 'If-None-Match': page.headers.etag } })).status, 304, '304 for the page');
for (const [, path] of page.body.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)) {
    const plain = await server.get(path);
    const packed = await server.get(path, { headers: { 'Accept-Encoding': 'gzip, br' } });
    is([plain.status, plain.headers['cache-control']], [200, 'public, max-age=31536000, immutable'], `${path}: for a year`);
    if (packed.headers['content-encoding'] !== 'gzip') continue;
    ok(gunzipSync(packed.bytes).equals(plain.bytes), 'compressed for who takes it');
    ok(packed.headers.etag !== plain.headers.etag && packed.headers.vary === 'Accept-Encoding', 'under a tag of its own');
    const refused = await server.get(path, { headers: { 'Accept-Encoding': 'gzip;q=0' } });
    is(refused.headers['content-encoding'], undefined, 'and not for who refuses it');
}

// ---- every reply ----
for (const path of ['/', '/api/v1/status', '/api/v1/nothing', original, '/metrics']) {
    const { headers } = await server.get(path);
    is([headers['x-content-type-options'], headers['referrer-policy'], headers['cross-origin-resource-policy'], headers['access-control-allow-origin']],
        ['nosniff', 'no-referrer', 'same-origin', undefined], `${path}: closed to other sites`);
    ok(headers['cache-control'] && headers['content-security-policy'], `${path}: policy and caching are said`);
}
is((await server.get('/api/v1/status')).headers['cache-control'], 'no-store', 'what the API says is not kept');

// ---- connections ----
const two = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(2);
is((await raw(server.port, two)).text.match(/HTTP\/1\.1 200/g)?.length, 2, 'two requests on one connection');
is((await raw(server.port, 'GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n')).status, 200, 'HTTP/1.0 gets an answer');
is(await server.stop(), 0, 'and the server ends well');
doneTesting();
