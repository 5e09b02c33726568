// SPDX-License-Identifier: MIT
// `keepsake mcp` and the official client of the Model Context Protocol.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { doneTesting, is, like, ok, skip } from '../tap.mjs';

const shared = resolve(process.env.KEEPSAKE_SHARED ?? '../shared');
const program = resolve(process.env.KEEPSAKE ?? 'build/release/bin/keepsake');
const photos = join(shared, 'photos/coco-by-86');
if (!existsSync(new URL('../node_modules/@modelcontextprotocol/sdk', import.meta.url)))
    skip('mcp', 'the npm packages of tests/package.json are not installed');
else if (!existsSync(photos))
    skip('mcp', `no reference photos in ${shared}`);
else
    await main();
doneTesting();

async function main() {
    const home = mkdtempSync(join(tmpdir(), 'keepsake-mcp-'));
    const env = {
        HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home, PATH: process.env.PATH,
        LC_ALL: 'C.UTF-8', KEEPSAKE_GALLERY: join(home, 'gallery.db'), OMP_WAIT_POLICY: 'passive',
    };
    const keepsake = (...args) => execFileSync(program, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    try {
        keepsake('index', photos);
        await official(env, keepsake);
        await raw(env);
        await odd(env);
    } finally {
        rmSync(home, { recursive: true, force: true });
    }
}

function lines(text) {
    return text.trim().split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

async function official(env, keepsake) {
    const { Client } = await import('@modelcontextprotocol/sdk/client/index.js');
    const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js');
    const client = new Client({ name: 'a test', version: '1' });
    await client.connect(new StdioClientTransport({ command: program, args: ['mcp'], env, stderr: 'inherit' }));
    is(client.getServerVersion().name, 'keepsake', 'the client connects');
    const { tools } = await client.listTools();
    is(tools.map((tool) => tool.name),
        ['search_photos', 'similar_photos', 'view_photo', 'photo_facts', 'gallery_status', 'list_albums'], 'six tools');
    for (const word of ['album:', 'place:', 'country:'])
        ok(tools[0].description.includes(word), `search_photos tells of ${word}`);
    const call = (name, args = {}) => client.callTool({ name, arguments: args });

    const found = (await call('search_photos', { query: 'a stop sign', count: 4 })).structuredContent.photos;
    const searched = lines(keepsake('search', '--json', '-k', '4', 'a stop sign'));
    is(found.map((p) => [p.path, p.strength]), searched.map((p) => [p.path, p.strength]), 'search_photos finds what search finds');
    is((await call('search_photos', { query: 'a stop sign', count: 1 })).structuredContent.photos.length, 1, 'as many as were asked for');
    like((await call('search_photos', { query: 'a stop sign', from: 'yesterday' })).content[0].text, /yesterday/, 'a date that is none is explained');

    const chinese = (await call('search_photos', { query: '一只狗', count: 2 })).structuredContent;
    is([chinese.language_unsupported, chinese.photos[0].strength], [true, 'none'], 'a script that the model does not read is told');
    like(chinese.note, /query in English/, 'and what to do');

    const best = found[0];
    await views(call, best);
    await facts(call, best, keepsake);

    const alike = (await call('similar_photos', { id: best.id, count: 3 })).structuredContent.photos;
    const liked = lines(keepsake('search', '--json', '-k', '4', '--like', best.path));
    is(alike.map((p) => p.path), liked.slice(1).map((p) => p.path), 'similar_photos: as search --like, without itself');

    is((await call('gallery_status')).structuredContent.photos, 86, 'gallery_status counts the photos');
    await refusals(client, call);
    await rules(call, best, keepsake);
    ledger(keepsake, best);
    await client.close();
}

async function views(call, best) {
    const [image] = (await call('view_photo', { id: best.id })).content;
    is([image.type, image.mimeType], ['image', 'image/jpeg'], 'view_photo gives a JPEG');
    const bytes = Buffer.from(image.data, 'base64');
    is([bytes.readUInt16BE(0), bytes.readUInt16BE(bytes.length - 2)], [0xffd8, 0xffd9], 'a whole one');
    ok(!bytes.includes('Exif'), 'without EXIF');
    const size = jpegSize(bytes);
    is(size, [best.width, best.height], 'of the size of the photo, which fits');
    const part = (await call('view_photo', { id: best.id, box: [0.25, 0.5, 0.75, 1] })).content[0];
    is(jpegSize(Buffer.from(part.data, 'base64')), partSize(best), 'a part: its pixels, rounded outwards');
}

// [0.25, 0.5, 0.75, 1] of a photo.
function partSize({ width: w, height: h }) {
    return [Math.ceil(w * 0.75) - Math.floor(w * 0.25), h - Math.floor(h * 0.5)];
}

// Of the first frame header (ITU T.81, B.2.2).
function jpegSize(bytes) {
    for (let at = 2; at < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
        const marker = bytes[at + 1];
        if (marker >= 0xc0 && marker <= 0xc2) return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)];
    }
    return null;
}

async function facts(call, best, keepsake) {
    keepsake('label', best.path, '10%,20%,30%,40%', 'Grandpa');
    const known = (await call('photo_facts', { id: best.id })).structuredContent;
    is([known.path, known.width, known.height], [best.path, best.width, best.height], 'photo_facts gives path and size');
    is(known.labels.map(({ name, box }) => [name, ...['x', 'y', 'width', 'height'].map((side) => box[side].toFixed(2))]),
        [['Grandpa', '0.10', '0.20', '0.30', '0.40']], 'with the names that the owner gave');
    is(known.labels[0].box_corners.map((side) => side.toFixed(2)), ['0.10', '0.20', '0.40', '0.60'], 'and the corners of the box');
    const views = [];
    for (const box of [known.labels[0].box_corners, known.labels[0].box])
        views.push((await call('view_photo', { id: best.id, box })).content[0].data);
    ok(views[0] && views[0] === views[1], 'view_photo takes either');
    const named = (await call('search_photos', { query: 'grandpa', count: 2 })).structuredContent.photos;
    is([named[0].id, named[0].names], [best.id, 'Grandpa'], 'a name finds its photo first');
    is((await call('gallery_status')).structuredContent.names, ['Grandpa'], 'gallery_status lists the names');
}

async function refusals(client, call) {
    for (const [name, args, pattern, why] of [
        ['search_photos', {}, /"query" must be a text/, 'no query'],
        ['search_photos', { query: 7 }, /"query" must be a text/, 'a query that is no text'],
        ['search_photos', { query: 'x', count: 51 }, /from 1 to 50/, 'too many'],
        ['search_photos', { query: 'x', count: 1.5 }, /whole number/, 'half a photo'],
        ['view_photo', { id: 123456789 }, /no photo 123456789/, 'an unknown photo'],
        ['view_photo', { id: 1, box: [0, 0, 2, 1] }, /fractions from 0 to 1/, 'a box outside'],
        ['view_photo', { id: 1, box: [0.5, 0, 0.5, 1] }, /left < right/, 'an empty box'],
        ['photo_facts', { id: '1; DROP' }, /whole number/, 'an id that is none'],
        ['search_photos', { query: '' }, /"query" must be a text/, 'an empty query'],
        ['search_photos', { query: 'x', limit: 3 }, /no argument "limit"; its arguments are: .*count/, 'an argument that it does not have'],
    ]) {
        const { isError, content } = await call(name, args);
        ok(isError && pattern.test(content[0].text), `${why}: a sentence`) || like(content[0].text, pattern, why);
    }
    const refused = await client.callTool({ name: 'delete_photo', arguments: {} }).catch((error) => error);
    is(refused.code, -32602, 'an unknown tool');
    const odd = await client.request({ method: 'resources/list' }, { parse: (x) => x }).catch((error) => error);
    is(odd.code, -32601, 'an unknown method');
}

async function rules(call, best, keepsake) {
    const albums = async () => (await call('list_albums')).structuredContent.albums.map((album) => album.name);
    keepsake('album', 'His', 'label:Grandpa');
    keepsake('album', 'Signs', 'a stop sign');
    is(await albums(), ['His', 'Signs'], 'list_albums lists albums');
    is((await call('search_photos', { query: 'album:his' })).structuredContent.photos.map((p) => p.id), [best.id], 'album: is a criterion of queries');
    keepsake('never-send', '--label', 'Grandpa');
    is(await albums(), ['Signs'], 'an album whose photos are all under a rule is not told');
    is((await call('search_photos', { query: 'album:his' })).structuredContent.photos, [], 'and its photos are not found');
    like((await call('view_photo', { id: best.id })).content[0].text, /no photo/, 'never-send: not shown');
    like((await call('photo_facts', { id: best.id })).content[0].text, /no photo/, 'no facts');
    const rest = (await call('search_photos', { query: 'a stop sign', count: 4 })).structuredContent.photos;
    ok(rest.length > 0 && rest.every((p) => p.id !== best.id), 'not found');
    is((await call('gallery_status')).structuredContent.names, [], 'not even its name');
    for (const { path } of [best, ...rest.slice(0, 2)]) keepsake('label', path, 'Nana');
    is((await call('gallery_status')).structuredContent.names, ['Nana'], 'a name of which one photo is under no rule is told');
}

function ledger(keepsake, best) {
    const entries = lines(keepsake('ledger', '--json'));
    ok(entries.length > 0 && entries.every((e) => e.purpose === 'mcp' && e.host === 'a test'), 'the ledger says to whom');
    const views = entries.filter((e) => e.photos?.some((p) => p.id === best.id && p.bytes));
    is(views.length, 4, 'all views of the photo are in the ledger, and none after the rule');
}

// What other clients and small models send: taken where it makes sense, answered with its id always.
async function odd(env) {
    const child = spawn(program, ['mcp'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    let out = '';
    child.stdout.on('data', (data) => { out += data; });
    const call = (id, args) => `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"search_photos","arguments":${args}}}`;
    const now = (version, more = '') => `"params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"${version}","io.modelcontextprotocol/clientInfo":{"name":"v2","version":"1"}}${more}}`;
    child.stdin.end([
        '{"jsonrpc":"2.0","id":1,"method":"initialize","params":null}',
        '{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"gallery_status","arguments":null}}',
        call(3, '{"query":"dog","from":"","until":null,"folder":"","label":"","count":"2"}'),
        call('3.0', '{"query":"dog","count":2.0}'),
        call('"\\ud83d"', JSON.stringify(JSON.stringify({ query: 'dog', count: 2 }))),
        call(5, '{"query":"a \\ud83d dog","count":2}'),
        '{"jsonrpc":"2.0","id":18446744073709551615,"method":"ping"}',
        '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', '{"jsonrpc":"2.0","id":8,"method":"ping","params":[1]}',
        '{"id":9,"method":"ping"}', '{"jsonrpc":"2.0","id":"cut","method":"pi', call(10, '7'), call(11, '{"query":"dog","from":1850,"count":2}'),
        `{"jsonrpc":"2.0","id":12,"method":"server/discover",${now('2026-07-28')}}`,
        `{"jsonrpc":"2.0","id":13,"method":"tools/list",${now('2026-07-28')}}`,
        `{"jsonrpc":"2.0","id":14,"method":"tools/call",${now('2026-07-28', ',"name":"gallery_status","arguments":{}')}}`,
        `{"jsonrpc":"2.0","id":15,"method":"tools/list",${now('2999-01-01')}}`,
    ].join('\n'));
    await new Promise((done) => child.on('close', done));
    const ids = out.trim().split('\n').map((line) => /"id":([^}]*)}$/.exec(line)?.[1]);
    is(ids, ['1', '2', '3', '3.0', '"\uFFFD"', '5', '18446744073709551615', '1.5', '8', '9', '"cut"', '10', '11', '12', '13', '14', '15'],
        'each is answered with its id, as it came');
    const replies = lines(out);
    is([3, 4, 5, 6].map((n) => replies[n - 1].result.structuredContent?.photos.length), [2, 2, 2, 2], 'null, "", "2", 2.0, arguments as a text, half a character');
    is([7, 8, 9, 10].map((n) => replies[n].error?.code), [-32600, -32602, -32600, -32700], 'what is wrong has its error');
    like(replies[11].result.content[0].text, /"arguments" must be an object/, 'arguments that are none');
    ok(!replies[12].result.isError, 'a year as a number');
    is([replies[13].result.supportedVersions[0], replies[13].result.resultType, replies[13].result.ttlMs > 0], ['2026-07-28', 'complete', true], 'server/discover tells the newest revision');
    ok(replies[14].result.tools.every((tool) => tool.inputSchema.additionalProperties === false), 'schemas say that there is nothing more');
    is(replies[15].result.resultType, 'complete', 'a result of that revision says that it is complete');
    is([replies[16].error.code, replies[16].error.data.requested], [-32022, '2999-01-01'], 'a revision of the future is refused by its code');
    ok(!('resultType' in replies[0].result), 'older revisions have none of it');
}

// What the official client would never send.
async function raw(env) {
    const child = spawn(program, ['mcp'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    let out = '';
    child.stdout.on('data', (data) => { out += data; });
    const long = `{"jsonrpc":"2.0","id":9,"method":"ping","params":{"x":"${'x'.repeat(5 << 20)}"}}`;
    child.stdin.end([
        'not json', '[]', '{"jsonrpc":"1.0","id":1,"method":"ping"}', '{"jsonrpc":"2.0","id":{},"method":"ping"}', '',
        '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}', '{"jsonrpc":"2.0","id":5,"result":{}}',
        long, '{"jsonrpc":"2.0","id":"last","method":"ping"}', '{"jsonrpc":"2.0","id":7,"method":"initialize","params":{"protocolVersion":"1999-01-01"}}',
    ].join('\n'));
    const status = await new Promise((done) => child.on('close', done));
    const replies = lines(out);
    is(replies.map((r) => r.error?.code ?? r.id), [-32700, -32600, -32600, -32600, -32600, 'last', 7], 'each broken line is answered with its error');
    is(replies.at(-1).result.protocolVersion, '2025-11-25', 'an unknown revision is answered with the newest');
    is(status, 0, 'the end of the input is the end, without the last newline, too');
    is(readFileSync(env.KEEPSAKE_GALLERY).subarray(0, 15).toString(), 'SQLite format 3', 'the gallery is still there');
}
