// SPDX-License-Identifier: MIT
// The API is as openapi.json describes it: the document is valid, names all routes, and every reply
// fits it. KEEPSAKE_TEST_GALLERY names another gallery than a file.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { doneTesting, is, like, ok } from '../tap.mjs';
import { until } from '../wait.mjs';
import { Contract } from './contract.mjs';
import { run, serve, TOKEN } from './lib.mjs';

const require = createRequire(fileURLToPath(new URL('../package.json', import.meta.url)));
const parser = require('@apidevtools/swagger-parser');

const gallery = process.env.KEEPSAKE_TEST_GALLERY;
const server = await serve({ photos: 30, folders: true, ...(gallery && { gallery }) });
const document = (await server.get('/api/v1/openapi.json')).json;
const contract = new Contract(document);
contract.check('GET', '/api/v1/openapi.json', await server.get('/api/v1/openapi.json'));

async function call(method, path, status, more) {
    const reply = await server.call(method, path, more);
    contract.check(method, path, reply);
    if (!ok(reply.status === status, `${method} ${path.slice(0, 70)} answers ${status}`))
        console.log(`# ${reply.status} ${reply.body.slice(0, 300)}`);
    return reply.json;
}
const get = (path, status = 200, more) => call('GET', path, status, more);

// ---- the document ----
await (parser.default ?? parser).validate(structuredClone(document)).then(
    () => ok(true, 'openapi.json is valid'),
    (error) => ok(false, `openapi.json: ${error.message}`),
);
const table = readFileSync('src/server/routes_table.c', 'utf8');
const routes = [...table.matchAll(/\{"([A-Z]+)", (API )?"([^"]+)"/g)]
    .map(([, method, api, path]) => `${method} ${api ? '/api/v1' : ''}${path}`)
    .sort();
const methods = ['get', 'post', 'patch', 'delete', 'put'];
const described = Object.entries(document.paths)
    .flatMap(([path, item]) => methods.filter((m) => item[m]).map((m) => `${m.toUpperCase()} ${path}`))
    .sort();
is(described, routes, 'it describes the routes there are, and no other');
const parameters = [...table.matchAll(/\{"([A-Z]+)", (API )?"([^"]+)",[^}]*?\.parameters = ([^,]*)/g)];
for (const [, method, api, path, names] of parameters) {
    const item = document.paths[`${api ? '/api/v1' : ''}${path}`];
    const all = [...(item.parameters ?? []), ...(item[method.toLowerCase()].parameters ?? [])];
    const inQuery = all.map((p) => contract.deref(p)).filter((p) => p.in === 'query');
    const known = names.replace('FILTER', '"folder from until label"').replaceAll(/["]/g, '');
    is(inQuery.map((p) => p.name).sort(), known.split(/\s+/).filter(Boolean).sort(), `parameters of ${method} ${path}`);
}

// ---- photos ----
const status = await get('/api/v1/status');
is(status.photos, 30, 'thirty photos');
is(status.store, gallery ? 'postgres' : 'sqlite', 'the kind of store');
ok(!/secret/.test(status.gallery), 'the gallery is named without a password');
const months = await get('/api/v1/photos/months');
is(months.photos, 30, 'all of them are in months');
const first = await get('/api/v1/photos?limit=20');
is(first.photos.length, 20, 'a page of twenty');
const second = await get(`/api/v1/photos?limit=20&cursor=${encodeURIComponent(first.next_cursor)}`);
is([second.photos.length, second.next_cursor], [10, null], 'and the last one of ten');
const ids = [...first.photos, ...second.photos].map((p) => p.id);
is(new Set(ids).size, 30, 'each photo once');
is((await get('/api/v1/photos?month=undated&limit=1000')).photos.length, 30, 'none has a date');
is((await get('/api/v1/photos?month=2019-07')).photos, [], 'a month without photos');
is((await get('/api/v1/photos?offset=25')).photos.map((p) => p.id), ids.slice(25), 'from an offset on');
is((await get(`/api/v1/photos?folder=${encodeURIComponent(server.folder)}&limit=1`)).photos.length, 1, 'in a folder');
is((await get('/api/v1/photos?folder=/nowhere')).photos, [], 'not in another');
const id = ids[3];
const facts = await get(`/api/v1/photos/${id}`);
is([facts.id, facts.format, facts.folder], [id, 'jpeg', server.folder], 'facts of a photo');
await get('/api/v1/photos/999999', 404);
await get('/api/v1/photos?limit=0', 400);
await get('/api/v1/photos?month=2019', 400);
await get('/api/v1/photos?cursor=x', 400);
await get('/api/v1/photos?from=yesterday', 400);
await get(`/api/v1/photos/${id}/original`);
await get(`/api/v1/photos/${id}/thumbnail`);
await get(`/api/v1/photos/${id}/thumbnail?size=large`);
await get(`/api/v1/photos/${id}/thumbnail?size=huge`, 400);
await get('/api/v1/photos/999999/thumbnail', 404);
await get('/api/v1/photos/999999/original', 404);

// ---- values of criteria ----
const valuesOf = async (parameters) => (await get(`/api/v1/values?${parameters}`)).values;
is(await valuesOf('criterion=type'), [{ value: 'jpeg', photos: 30 }], 'the types of files');
is((await get('/api/v1/values?criterion=in')).more, false, 'all folders are listed');
is((await valuesOf('criterion=in'))[0], { value: basename(server.folder), photos: 30 }, 'folders, with the photos below them');
is(await valuesOf('criterion=is&prefix=PORT'), (await get('/api/v1/search?q=is:portrait&limit=500')).results.length ? [{ value: 'portrait', photos: (await get('/api/v1/search?q=is:portrait&limit=500')).results.length }] : [], 'a word that begins with the prefix, counted');
is(await valuesOf('criterion=date'), [], 'dates have no list of values');
is((await valuesOf('criterion=sort')).map((v) => v.photos), [null, null, null, null], 'orders are not counted');
await get('/api/v1/values', 400);
await get('/api/v1/values?criterion=nothing', 400);
await get('/api/v1/values?criterion=type&count=0', 400);

// ---- search: as the command line finds ----
const lines = run(server.home, ['--gallery', server.gallery, '--json', 'search', '-k', '30', 'a dog runs']).stdout;
const expected = lines.trim().split('\n').map((line) => JSON.parse(line));
const all = await get('/api/v1/search?q=a%20dog+runs&limit=30');
is(all.results.map((r) => r.id), expected.map((r) => r.id), 'search finds what the command finds');
ok(all.results.every((r, i) => Math.abs(r.score - expected[i].score) < 1e-6), 'with its scores');
is(all.next_cursor, null, 'and no further page');
const paged = [];
for (let cursor = ''; cursor !== null; ) {
    const page = await get(`/api/v1/search?q=a+dog+runs&limit=12${cursor && `&cursor=${cursor}`}`);
    paged.push(...page.results);
    cursor = page.next_cursor;
}
is(paged.map((r) => r.id), expected.map((r) => r.id), 'page by page, too');
is(paged.map((r) => r.rank), paged.map((_, i) => i + 1), 'ranks go on');
const similar = await get(`/api/v1/photos/${id}/similar?limit=5`);
ok(similar.results.length === 5 && similar.results.every((r) => r.id !== id), 'similar leaves the photo out');
is((await get(`/api/v1/search?like=${id}&limit=5`)).results, similar.results, 'like is the same');
const picture = { headers: { 'Content-Type': 'image/jpeg' }, body: readFileSync(facts.path) };
const uploaded = await call('POST', '/api/v1/search?limit=3', 200, picture);
is(uploaded.results[0].id, id, 'an uploaded picture finds itself');
ok(uploaded.results[0].score > 0.9999, 'with a score of 1');
// ---- embed: the vectors that the command prints ----
const vectors = run(server.home, ['--gallery', server.gallery, '--json', 'embed', '--text', 'a dog runs', facts.path]).stdout;
const [words, seen] = vectors.trim().split('\n').map((line) => JSON.parse(line));
const near = (a, b) => a.length === b.length && a.reduce((sum, x, i) => sum + x * b[i], 0) > 0.999999; // float32, other batches
const embedded = await call('POST', '/api/v1/embed', 200, { body: { text: 'a dog runs' } });
is([embedded.model, embedded.dim, embedded.truncated, embedded.language_unsupported], [words.model, words.dim, false, false], 'embed tells the model');
ok(near(embedded.vector, words.vector), 'a text has the vector that `keepsake embed` prints');
ok(near((await call('POST', '/api/v1/embed', 200, picture)).vector, seen.vector), 'a picture, too');
is((await call('POST', '/api/v1/embed', 200, { body: { text: 'собака' } })).language_unsupported, true, 'a script that is not read is told');
await call('POST', '/api/v1/embed', 400, { body: {} });
await call('POST', '/api/v1/embed', 400, { body: { text: 1 } });
await call('POST', '/api/v1/embed', 400, { body: { text: 'x', more: 1 } });
await call('POST', '/api/v1/embed', 413, { body: { text: 'x'.repeat(70000) } });
await call('POST', '/api/v1/embed', 422, { headers: { 'Content-Type': 'image/png' }, body: Buffer.from('no picture') });
await call('POST', '/api/v1/embed', 400, { headers: { 'Content-Type': 'image/png' }, body: Buffer.alloc(0) });
await call('POST', '/api/v1/embed', 415, { headers: { 'Content-Type': 'text/plain' }, body: Buffer.from('x') });

is((await get('/api/v1/search?q=dog&count=3')).results, (await get('/api/v1/search?q=dog&limit=3')).results, 'count and limit are the same');
is((await get('/api/v1/search?q=dog&count=3')).results.length, 3, 'as many as asked for');
await get('/api/v1/search?q=dog&count=3&limit=3', 400);
const rank = ['strong', 'fair', 'weak', 'none'];
const marked = rank.flatMap((strength) => all.results.filter((r) => r.strength === strength).map((r) => r.id));
const ordered = await get('/api/v1/search?q=a+dog+runs&limit=30&order=strength');
is(ordered.results.map((r) => r.id), marked, 'in the order of strength');
is((await get('/api/v1/search?q=a+dog+runs&limit=7&cursor=7&order=strength')).results.map((r) => [r.id, r.rank]), marked.slice(7, 14).map((one, i) => [one, 8 + i]), 'page by page, too');
is((await call('POST', '/api/v1/search?limit=3&cursor=3', 200, picture)).results.map((r) => r.rank), [4, 5, 6], 'the second page for a picture');
await get('/api/v1/search?q=x&order=size', 400);
const chinese = await get(`/api/v1/search?q=${encodeURIComponent('一只狗在雪地里')}&limit=3`);
is([chinese.language_unsupported, ...chinese.results.map((r) => r.strength)], [true, 'none', 'none', 'none'], 'a script that the model does not read is told, and all are none');
is([all.language_unsupported, all.partly_unread], [false, false], 'English is read');
// ---- queries: their language, as the command line reads it ----
const query = (q) => get(`/api/v1/search?limit=30&q=${encodeURIComponent(q)}`);
const byCommand = run(server.home, ['--gallery', server.gallery, '--json', 'search', '-k', '30', 'dog + snow -beach']).stdout;
is((await query('dog + snow -beach')).results.map((r) => [r.id, r.score]), byCommand.trim().split('\n').map(JSON.parse).map((r) => [r.id, r.score]), 'a query finds what the command finds');
is((await query(`id:${id}`)).results.map((r) => [r.id, r.score]), [[id, null]], 'criteria alone select exactly');
is((await query('a dog 2019')).hint, { word: '2019', instead: 'a dog date:2019' }, 'a year among the words is offered as a criterion');
is((await query('a dog')).hint, null, 'no other word is');
const mistake = await get(`/api/v1/search?q=${encodeURIComponent('雪 lable:Ana')}`, 400);
is(mistake.position, { begin: 2, end: 8, instead: '雪 label:Ana' }, 'a mistake in a query: its place in characters, and a correction');
like(mistake.detail, /did you mean label:/, 'and a sentence');
like((await get('/api/v1/search?q=in:nowhere', 400)).detail, /no photo is in a folder named nowhere/, 'a folder that is not there');
await get('/api/v1/search?q=like:/etc/passwd', 400);
const explained = await get(`/api/v1/query/explain?q=${encodeURIComponent(`dog id:${id} -crowd`)}`);
is([explained.photos, explained.read_as, explained.tree.parts.map((part) => part.photos)], [1, `dog id:${id} -crowd`, [null, 1, null]], 'how a query is read, with the photos of each criterion');
is(
    explained.tree.parts.map((part) => [part.kind, part.criterion, part.begin, part.without]),
    [['caption', null, 0, `id:${id} -crowd`], ['criterion', 'id', 4, 'dog -crowd'], ['not', null, 8 + `${id}`.length, `dog id:${id}`]],
    'what each part of a query is, and what is left without it',
);
is(explained.sort, null, 'a query without an order of its own');
is((await get('/api/v1/query/explain?q=sort:-date%20%E9%9B%AA')).sort, { text: 'sort:-date', begin: 0, end: 10, without: '雪' }, 'the order that a query says');
const { criteria } = await get('/api/v1/query/criteria');
is(criteria.find(({ word }) => word === 'weekday').values.length, 7, 'the criteria that there are, with the words that some have as values');
ok(criteria.find(({ word }) => word === 'is').values.includes('landscape') && criteria.find(({ word }) => word === 'label').values.length === 0, 'criteria with any value list none');
is((await get('/api/v1/query/explain?q=(', 400)).position.begin, 1, 'an explanation of a mistake is its place');
await get('/api/v1/query/explain', 400);

// ---- places: an index run names those of rows that another program changed, of which the first has names ----
is(await get('/api/v1/places'), { countries: [], photos: 0, unnamed: 0, named: true }, 'no photo has a place yet');
is((await get('/api/v1/map')).clusters, [], 'nor is one on the map');
// Lisbon twice, Porto, both sides of the 180th meridian at Taveuni (Fiji), and the North Pole.
const located = [[38.71, -9.14], [38.72, -9.13], [41.15, -8.61], [-16.8, 179.99], [-16.8, -179.99], [90, 0]];
const lisbon = `town = 'Lisbon', region = 'Lisbon', country = 'Portugal', country_code = 'PT', `;
const statements = located.map(([latitude, longitude], i) => `UPDATE ${gallery ? 'serve.image_gallery' : 'photo'} SET ${i ? '' : lisbon}latitude = ${latitude}, longitude = ${longitude} WHERE id = ${ids[i]};`);
if (gallery) execFileSync('psql', ['-XAtqc', statements.join(''), '-v', 'ON_ERROR_STOP=1']);
else execFileSync('sqlite3', ['-bail', server.gallery, `${statements.join('')} UPDATE gallery SET change = change + 1;`]);

// ---- the examples of docs/query.md, on the gallery that is here ----
const named = await Promise.all(['Ana', 'Anna Maria'].map((name) =>
    server.call('POST', '/api/v1/labels', { body: { photo: ids[5], name } })));
const folders = server.folder.split('/').slice(-2);
const examples = execFileSync('python3', ['tests/cli/query_examples.py', 'docs/query.md'], { encoding: 'utf8' })
    .trimEnd().split('\n').map((line) => line.split('\t'));
ok(examples.length > 50, `docs/query.md has ${examples.length} examples`);
const inner = (part) => [part, ...part.parts.flatMap(inner)];
for (const [index, [kind, written, sentence]] of examples.entries()) {
    const text = written.replace('trips/lisbon', folders.join('/')).replace('trips', folders[1]);
    const q = encodeURIComponent(text);
    const reply = await get(`/api/v1/search?limit=3&q=${q}`, kind === '-' ? 400 : 200);
    if (kind === '-')
        ok(reply.detail.includes(sentence), `${written}: ${sentence}`) || console.log(`# ${reply.detail}`);
    const words = await get(`/api/v1/query/explain?q=${q}`, kind === '-' ? 400 : 200);
    for (const rest of kind === '-' ? [] : [words.sort, ...inner(words.tree)].map((part) => part?.without).filter(Boolean))
        await get(`/api/v1/query/explain?q=${encodeURIComponent(rest)}`);
    /* Starting the program for each takes longer than all the rest. */
    if (kind === '-' || (index % 4 && !process.env.KEEPSAKE_TEST_LONG))
        continue;
    const { stdout } = run(server.home, ['--gallery', server.gallery, '--json', 'search', '--explain', '--', text]);
    is(JSON.parse(stdout), words, `${written}: the command reads it in the same way`);
}
for (const { json } of named)
    await server.call('DELETE', `/api/v1/labels/${json.id}`);

await get('/api/v1/search', 400);
await get('/api/v1/search?q=', 400);
await get('/api/v1/search?q=x&like=1', 400);
await get('/api/v1/search?like=999999', 404);
await get(`/api/v1/search?like=/etc/passwd`, 400);
await get('/api/v1/search?q=x&limit=501', 400);
await get('/api/v1/search?q=x&folder=relative', 400);
await call('POST', '/api/v1/search', 422, { headers: { 'Content-Type': 'image/png' }, body: Buffer.from('no picture') });
await call('POST', '/api/v1/search', 415, { headers: { 'Content-Type': 'text/plain' }, body: Buffer.from('x') });
await call('POST', '/api/v1/search', 400, { headers: { 'Content-Type': 'image/png' }, body: Buffer.alloc(0) });

// ---- labels ----
const label = await call('POST', '/api/v1/labels', 201, { body: { photo: id, name: 'Mia' } });
is([label.photo, label.name, label.box], [id, 'Mia', null], 'a label');
const box = { x: 0.25, y: 0.5, width: 0.25, height: 0.125 };
const boxed = await call('POST', '/api/v1/labels', 201, { body: { photo: id, name: 'Räuber 狗', box } });
is(boxed.box, box, 'with a box');
is((await call('POST', '/api/v1/labels', 201, { body: { photo: id, name: 'Mia' } })).id, label.id, 'the same again');
is((await get(`/api/v1/labels?photo=${id}`)).labels.length, 2, 'two of the photo');
is((await get('/api/v1/labels?name=mia')).labels.map((l) => l.id), [label.id], 'by name, in any case');
is((await get(`/api/v1/photos/${id}`)).labels.length, 2, 'facts have them');
is((await get('/api/v1/search?q=Mia&limit=1')).results[0].id, id, 'a search for the name finds the photo first');
is((await get('/api/v1/search?q=Mia&limit=1')).results[0].names, 'Mia', 'and says why');
is((await get('/api/v1/photos?label=Mia')).photos.map((p) => p.id), [id], 'the filter by label');
await call('PATCH', `/api/v1/labels/${label.id}`, 204, { body: { name: 'Mila' } });
is((await get('/api/v1/labels?name=Mila')).labels.map((l) => l.id), [label.id], 'another name');
await call('DELETE', `/api/v1/labels/${boxed.id}`, 204);
await call('DELETE', `/api/v1/labels/${boxed.id}`, 404);
await call('PATCH', '/api/v1/labels/999999', 404, { body: { name: 'x' } });
await call('POST', '/api/v1/labels', 404, { body: { photo: 999999, name: 'x' } });
for (const bad of [{}, { photo: id }, { photo: 'x', name: 'y' }, { photo: id, name: '' }, { photo: id, name: 'x', more: 1 },
    { photo: id, name: 'x'.repeat(201) }, { photo: id, name: 'x', box: { x: 0, y: 0, width: 2, height: 1 } },
    { photo: id, name: 'x', box: { x: 0 } }, { photo: id, name: 'x', box: 3 }, []])
    await call('POST', '/api/v1/labels', 400, { body: bad });
await call('POST', '/api/v1/labels', 400, { headers: { 'Content-Type': 'application/json' }, body: Buffer.from('{') });
await call('POST', '/api/v1/labels', 415, { headers: { 'Content-Type': 'text/plain' }, body: Buffer.from('{}') });

// ---- albums ----
const inAlbum = async (album, rest = '') => (await get(`/api/v1/albums/${album.id}/photos?count=500${rest}`)).results.map((p) => p.id).sort((a, b) => a - b);
const add = (name, query) => call('POST', '/api/v1/albums', 201, { body: { name, ...(query !== undefined && { query }) } });
is((await get('/api/v1/albums')).albums, [], 'no album at first');
const unnamed = await call('POST', '/api/v1/albums', 400, { body: { name: ' ', query: 'is:landscape' } });
is([unnamed.detail, unnamed.position], ['the name is empty: say who or what it is', undefined], 'an empty name is no mistake of the query');
const numbers = await add('Zahlen 数', `id:${ids.slice(0, 5).join(',')}`);
is([numbers.name, numbers.photos, numbers.graded, numbers.put_in, numbers.problem], ['Zahlen 数', 5, false, 0, null], 'an album of a query');
const sorted = (list) => [...list].sort((a, b) => a - b);
is(await inAlbum(numbers), sorted(ids.slice(0, 5)), 'has the photos of its query');
await call('PUT', `/api/v1/albums/${numbers.id}/photos/${ids[9]}`, 204);
await call('DELETE', `/api/v1/albums/${numbers.id}/photos/${ids[0]}`, 204);
is(await inAlbum(numbers), sorted([...ids.slice(1, 5), ids[9]]), 'a photo put in and one left out by hand');
is((await get(`/api/v1/albums/${numbers.id}/photos?count=2`)).next_cursor, '2', 'an album has pages');
is((await get(`/api/v1/albums/${numbers.id}/photos?count=3&cursor=2`)).results.length, 3, 'and a last page');
is(await inAlbum(numbers, '&label=Mila'), [id], 'a filter restricts the photos of an album');
is((await get(`/api/v1/search?q=${encodeURIComponent(`album:"zahlen 数" -id:${ids[9]}`)}`)).results.map((p) => p.id).sort(), sorted(ids.slice(1, 5)).sort(), 'album: in a query');
is((await get(`/api/v1/query/explain?q=${encodeURIComponent('-album:"zahlen 数"')}`)).photos, 25, 'album: excludes exactly, and is explained');
is((await get('/api/v1/values?criterion=album&prefix=zah')).values.map((v) => v.value), ['Zahlen 数'], 'the value of album: is completed');
await call('POST', `/api/v1/albums/${numbers.id}/photos`, 204, { body: { put_in: [ids[20], ids[21]], by_query: [ids[0]] } });
is([(await get(`/api/v1/albums/${numbers.id}`)).photos, (await get('/api/v1/albums')).albums[0].put_in], [8, 3], 'several at a time');
const chosen = await add('chosen');
await call('PUT', `/api/v1/albums/${chosen.id}/photos/${id}`, 204);
is([await inAlbum(chosen), (await get(`/api/v1/albums/${chosen.id}`)).query], [[id], null], 'an album without a query');
const shown = await add('seen', 'a red car');
is([shown.photos, shown.graded], [null, true], 'an album of what photos show is not counted in passing');
const counted = (await get(`/api/v1/albums/${shown.id}`)).photos;
const graded = (await get('/api/v1/search?q=a%20red%20car&count=500')).results.filter((p) => p.strength !== 'none').map((p) => p.id);
is([counted, await inAlbum(shown)], [graded.length, sorted(graded)], 'it has the photos that match its query at least weakly');
const both = await add('both', 'album:seen OR album:chosen');
is(await inAlbum(both), sorted(new Set([...graded, id])), 'an album of albums');
is((await get('/api/v1/search?q=album:seen&count=500')).results.length, graded.length, 'album: with such an album is a criterion');
is((await get('/api/v1/search?q=a%20dog%20-album:seen&count=500')).results.length, 30 - graded.length, 'and so is -album:');
const loop = await call('PATCH', `/api/v1/albums/${shown.id}`, 400, { body: { query: 'album:both' } });
like(loop.detail, /^the album seen would contain itself/, 'an album of itself through another is refused');
is((await call('PATCH', `/api/v1/albums/${shown.id}`, 400, { body: { query: 'dog album:seen' } })).position, { begin: 10, end: 14, instead: null }, 'and directly, with the place');
like((await call('POST', '/api/v1/albums', 400, { body: { name: 'x', query: 'rating:many' } })).detail, /rating/, 'a wrong query is refused when it is saved');
like((await call('POST', '/api/v1/albums', 400, { body: { name: 'x', query: 'album:sen' } })).detail, /there is no album sen: did you mean album:seen/, 'and so is one that names no album');
like((await call('POST', '/api/v1/albums', 400, { body: { name: 'SEEN' } })).detail, /already/, 'no two albums have equal names');
await call('PATCH', `/api/v1/albums/${chosen.id}`, 204, { body: { name: 'Gewählte', query: 'label:Mila' } });
await call('PATCH', `/api/v1/labels/${label.id}`, 204, { body: { name: 'Milo' } });
const lacking = await get(`/api/v1/albums/${chosen.id}`);
is([lacking.name, lacking.photos], ['Gewählte', 1], 'another name and query; what was put in by hand stays');
like(lacking.problem, /no photo has the label Mila/, 'a name that the gallery no longer has is a problem, not an error');
await call('PATCH', `/api/v1/labels/${label.id}`, 204, { body: { name: 'Mila' } });
for (const [method, path, code] of [['GET', '/9999', 404], ['GET', '/9999/photos', 404], ['DELETE', '/9999', 404], ['PUT', `/9999/photos/${id}`, 404], ['PUT', `/${shown.id}/photos/999999`, 404], ['PUT', `/${shown.id}/photos/0`, 404]])
    await call(method, `/api/v1/albums${path}`, code);
for (const bad of [{}, { name: '' }, { name: 3 }, { name: 'x', query: 3 }, { name: 'x', more: 1 }, { name: 'x'.repeat(201) }])
    await call('POST', '/api/v1/albums', 400, { body: bad });
await call('PATCH', `/api/v1/albums/${shown.id}`, 400, { body: {} });
await call('POST', `/api/v1/albums/${shown.id}/photos`, 400, { body: { put_in: ['1'] } });
await call('DELETE', `/api/v1/albums/${shown.id}`, 204);
is(await inAlbum(both), [id], 'an album that others name can be removed: they lack its photos');
is((await get(`/api/v1/albums/${both.id}`)).query, 'album:seen OR album:Gewählte', 'an album that was renamed is named so in the queries of others');

// ---- rules ----
await call('POST', '/api/v1/never-send', 201, { body: { kind: 'folder', value: server.folder } });
await call('POST', '/api/v1/never-send', 201, { body: { kind: 'label', value: 'Mila' } });
is((await get('/api/v1/never-send')).rules.length, 2, 'two rules');
ok((await get(`/api/v1/photos/${id}`)).never_send?.length > 0, 'facts say what keeps the photo here');
const value = encodeURIComponent(server.folder);
await call('DELETE', `/api/v1/never-send?kind=folder&value=${value}`, 204);
await call('DELETE', `/api/v1/never-send?kind=folder&value=${value}`, 404);
await call('DELETE', '/api/v1/never-send?kind=label&value=Mila', 204);
await call('DELETE', '/api/v1/never-send?kind=label', 400);
for (const bad of [{}, { kind: 'person', value: 'x' }, { kind: 'folder', value: 'relative' }, { kind: 'label', value: '' }])
    await call('POST', '/api/v1/never-send', 400, { body: bad });

// ---- the rest ----
is((await get('/api/v1/ledger')).entries, [], 'nothing was sent');
await get('/api/v1/ledger?since=-1', 400);
is((await get('/api/v1/failures')).failures, [], 'nothing failed');
is(await get('/healthz'), { status: 'ok' }, 'healthy');
is(await get('/api/v1/session'), { required: true, signed_in: true }, 'the token is a sign-in');
await call('POST', '/api/v1/session', 204, { body: { password: TOKEN } });
await call('DELETE', '/api/v1/session', 204);
const setup = await get('/api/v1/ask');
is([setup.available, setup.provider], [false, 'anthropic'], 'nobody answers without a key');
like(setup.why_not, /ANTHROPIC_API_KEY/, 'and it says how one is set');
await call('DELETE', `/api/v1/ask/${'0'.repeat(32)}`, 404);
await call('POST', `/api/v1/ask/${'0'.repeat(32)}/send`, 404, { body: {} });
for (const bad of [{}, { question: '' }, { question: 3 }, { question: 'x', k: 0 }, { question: 'x', k: 101 }, { question: 'x', more: 1 }])
    await call('POST', '/api/v1/ask/prepare', 400, { body: bad });
await call('POST', '/api/v1/ask', 400, { body: { question: 'x', photos: ['a'] } });
const prepared = await call('POST', '/api/v1/ask/prepare', 201, { body: { question: 'What is the dog doing?', k: 2 } });
ok(prepared.outbox.photos.length <= 2, 'a question is prepared without a key');
if (prepared.outbox.photos.length > 0)
    is((await call('POST', `/api/v1/ask/${prepared.conversation}/send`, 409, { body: {} })).code, 'no_key', 'a missing key has a code of its own');
await call('DELETE', `/api/v1/ask/${prepared.conversation}`, 204);

// ---- index ----
const watch = server.stream('GET', '/api/v1/index/events');
await until(() => watch.events.length > 0);
is((await get('/api/v1/index')).running, false, 'no run yet');
await call('DELETE', '/api/v1/index', 409);
is((await call('POST', '/api/v1/index', 202)).running, true, 'a run starts');
let state;
await until(async () => !(state = await get('/api/v1/index')).running);
is([state.running, state.report?.unchanged], [false, 30], 'and ends: nothing changed');
await until(() => watch.events.at(-1)?.data.report?.unchanged === 30);
watch.stop();
is(watch.events.type, 'text/event-stream', 'its events are a stream');
for (const { name, data } of watch.events.slice(0, 3))
    contract.checkEvent(name === 'note' ? 'IndexNote' : 'Index', data, `an event '${name}' as described`);
is(watch.events[0]?.data.running, false, 'the state at first');
is(watch.events.at(-1)?.data.report?.unchanged, 30, 'and at last');
contract.check('GET', '/api/v1/index/events', { status: 200, type: watch.events.type, bytes: '' });

// ---- places ----
const places = await get('/api/v1/places');
is([places.photos, places.unnamed], [6, 3], 'photos with a place, and those without a town nearby');
is(places.countries.map((c) => [c.country, c.code, c.chinese, c.photos]), [['Portugal', 'PT', '葡萄牙', 3]], 'the countries');
const towns = places.countries[0].towns;
is(towns.map((t) => [t.town, t.region, t.photos, t.cover]), [['Lisbon', 'Lisbon', 2, Math.max(ids[0], ids[1])], ['Porto', 'Porto', 1, ids[2]]], 'their towns, the most photos first');
ok(Math.abs(towns[0].latitude - 38.715) < 1e-9 && Math.abs(towns[0].longitude + 9.135) < 1e-9, 'the mean of their photos');
const placed = await get(`/api/v1/photos/${ids[0]}`);
is([placed.place.town, placed.place.region, placed.place.country, placed.place.country_code], ['Lisbon', 'Lisbon', 'Portugal', 'PT'], 'a photo says where it was taken');
is((await get(`/api/v1/photos/${ids[5]}`)).place.town, null, 'there is no town at the pole');
is(await valuesOf('criterion=place&prefix=LIS'), [{ value: 'Lisbon', photos: 2 }], 'towns and regions complete place:');
is(await valuesOf('criterion=country&prefix=po'), [{ value: 'Portugal', photos: 3 }], 'and countries country:');
const idsOf = async (q) => (await get(`/api/v1/search?limit=50&q=${encodeURIComponent(q)}`)).results.map((r) => r.id).sort((a, b) => a - b);
const ascending = (...some) => some.sort((a, b) => a - b);
for (const q of ['place:lisbon', 'place:LÍSBON', 'country:pt -place:porto', 'near:"lisbon",5km', '"lisbon"'])
    is(await idsOf(q), ascending(ids[0], ids[1]), `${q} finds what was taken in Lisbon`);
for (const q of ['country:portugal', 'country:葡萄牙', 'place:lisbon,porto', 'near:"Porto, Portugal",400km'])
    is(await idsOf(q), ascending(ids[0], ids[1], ids[2]), `${q} finds what was taken in Portugal`);
is(await idsOf('has:place -country:PT'), ascending(ids[3], ids[4], ids[5]), 'photos at places without a name');
like((await get(`/api/v1/query/explain?q=${encodeURIComponent('near:"porto",20km')}`)).tree.words, /^at most 20 km from Porto, Portugal \(41\.149\d+, -8\.61\d+\), the largest of \d places of this name/, 'an explanation says which Porto is meant');
like((await get('/api/v1/search?q=place:oslo', 400)).detail, /no photo was taken in oslo/, 'a town where no photo was taken');
like((await get('/api/v1/search?q=near:nowhereatall,5km', 400)).detail, /there is no place named nowhereatall/, 'a place that is not');
const whole = await get('/api/v1/map?zoom=0');
is(whole.clusters.map((c) => c.photos).sort(), [1, 1, 1, 3], 'a map in cells of 90 degrees');
is((await get('/api/v1/map?bbox=-9.2,38,-9,39&zoom=8')).clusters.reduce((n, c) => n + c.photos, 0), 2, 'a part of the map');
is((await get('/api/v1/map?bbox=170,-20,-170,-10')).clusters.map((c) => c.cover).sort((a, b) => a - b), [ids[3], ids[4]].sort((a, b) => a - b), 'across the 180th meridian');
for (const bad of ['bbox=1,2,3', 'bbox=0,10,5,-10', 'bbox=a,b,c,d', 'bbox=0,0,500,1', 'bbox=nan,0,1,1', 'zoom=21'])
    await get(`/api/v1/map?${bad}`, 400);

// ---- metrics ----
const metrics = await server.get('/metrics');
contract.check('GET', '/metrics', metrics);
like(metrics.body, /^keepsake_photos 30$/m, 'metrics count the photos');
like(metrics.body, /^keepsake_requests_total\{method="GET",route="\/api\/v1\/photos\/\{id\}",status="2xx"\} [1-9]/m, 'and requests');
like(metrics.body, /keepsake_request_seconds_bucket\{method="GET",route="\/api\/v1\/search",le="\+Inf"\} [1-9]/, 'and times');
ok(metrics.body.split('\n').every((line) => /^(#.*|[a-z_]+(\{[^}]*(\{[a-z]+\}[^}]*)*\})? [-+0-9.eE]+|[a-z_]+(\{.*\})? (NaN|\+Inf))?$/.test(line)), 'in the text format');

// ---- copies ----
const originals = await Promise.all([ids[3], ids[7]].map(async (number) => (await get(`/api/v1/photos/${number}`)).path));
mkdirSync(join(server.folder, 'aa'));
for (const name of ['zz1.jpg', 'zz2.jpg', 'zz3.jpg', 'aa/1.jpg'])
    cpSync(originals[name === 'zz3.jpg' ? 1 : 0], join(server.folder, name));
await call('POST', '/api/v1/index', 202);
await until(async () => !(state = await get('/api/v1/index')).running);
is(state.report.copied + state.report.added, 4, 'four copies are indexed');
async function collect(query) {
    const all = [];
    for (let cursor = '0', pages = 0; cursor !== null && pages < 40; pages++) {
        const page = await get(`/api/v1/search?${query}&cursor=${cursor}`);
        ok(page.next_cursor === null || page.results.length === 7, 'a page is full unless it is the last one');
        all.push(...page.results);
        cursor = page.next_cursor;
    }
    return all;
}
const numbersOf = (list) => list.map((p) => p.id).sort((a, b) => a - b);
const [smallest] = originals;
for (const query of ['q=a%20dog', 'q=a%20dog&order=strength', 'q=name:*.jpg', 'q=name:*.jpg%20sort:date', 'q=name:*.jpg%20sort:random', 'q=a%20dog%20%2B%20a%20cat']) {
    const shown = await collect(`${query}&count=7`);
    is([shown.length, new Set(numbersOf(shown)).size], [30, 30], `identical content counts once in all pages of ${query}`);
    const one = shown.find((p) => p.path === smallest);
    is([one?.copies.count, one?.copies.photos.map((p) => basename(p.path))], [3, ['1.jpg', 'zz1.jpg', 'zz2.jpg']], 'the smallest path stands for all');
    is(shown.filter((p) => p.copies.count).length, 2, 'and no other photo has copies');
    is((await collect(`${query}&count=7&copies=all`)).length, 34, 'copies=all gives all of them');
}
is((await get('/api/v1/search?q=name:zz2.jpg')).results.map((p) => [basename(p.path), p.copies.count]), [['zz2.jpg', 3]], 'the only copy that a criterion admits is shown');
is((await get('/api/v1/search?q=a%20dog%20name:zz*')).results.map((p) => basename(p.path)).sort(), ['zz1.jpg', 'zz3.jpg'], 'and the first one of several');
await get('/api/v1/search?q=dog&copies=two', 400);

// What needs a provider, or time, is checked in ask.mjs and index.mjs.
const elsewhere = new Set(['ask', 'send_question', 'stop_index']);
for (const path of Object.values(document.paths))
    for (const operation of Object.values(path).filter((o) => o.operationId && !elsewhere.has(o.operationId)))
        ok([...(contract.answered.get(operation.operationId) ?? [])].some((s) => s < 300), `${operation.operationId} was answered`);

// ---- rows that other programs insert into a database, told by it ----
is(server.errors, '', 'all that without a word of complaint');
if (gallery) await fillRows();
is(await server.stop(), 0, 'and the server ends well');

async function fillRows() {
    const sql = (statement) => execFileSync('psql', ['-XAtqc', statement, '-v', 'ON_ERROR_STOP=1'], { encoding: 'utf8' }).trim();
    const elsewhere = join(server.home, 'elsewhere');
    const { path: picture } = (await get('/api/v1/photos?limit=1')).photos[0];
    const find = async (path) => (await server.get('/api/v1/search?q=dog&limit=100&copies=all')).json.results.find((r) => r.path === path);
    const insert = (path) => sql(`INSERT INTO serve.image_gallery (path) VALUES ('${path}')`);
    mkdirSync(elsewhere);
    const [first, second, broken] = ['first', 'second', 'broken'].map((name) => join(elsewhere, `${name}.jpg`));
    cpSync(picture, first);
    cpSync(picture, second);
    writeFileSync(broken, 'no picture');
    const before = (await get('/api/v1/photos?limit=50')).photos.length;
    insert(first);
    await until(() => find(first));
    ok(true, 'a row that another program inserts without a vector is filled, and found');
    is((await get(`/api/v1/photos/${(await find(first)).id}`)).path, first, 'it is a photo as others');
    is((await get('/api/v1/photos?limit=50')).photos.length, before + 1, 'the list shows it');
    sql(`UPDATE serve.image_gallery SET path = '${join(elsewhere, 'other.jpg')}' WHERE path = '${first}'`);
    ok(await find(join(elsewhere, 'other.jpg')), 'a path that another program changes is seen at once');
    sql(`DELETE FROM serve.image_gallery WHERE path = '${join(elsewhere, 'other.jpg')}'`);
    is((await get('/api/v1/photos?limit=50')).photos.length, before, 'and so is a row that it deletes');
    sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'keepsake'");
    insert(second);
    await until(() => find(second));
    ok(true, 'also after its connection was cut');
    insert(broken);
    await until(() => /1 of the rows without a vector could not be filled/.test(server.errors));
    is((await get('/api/v1/failures')).failures.map((f) => f.path), [broken], 'a file that cannot be read is a failure');
}
doneTesting();
