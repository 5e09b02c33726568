// SPDX-License-Identifier: MIT
// An index run: started, watched and stopped over HTTP, while others search.
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { doneTesting, is, like, ok } from '../tap.mjs';
import { until } from '../wait.mjs';
import { Contract } from './contract.mjs';
import { copyPhotos, makeHome, run, serve, shared } from './lib.mjs';

function makeFresh() {
    const empty = makeHome();
    copyPhotos(empty, 5);
    return empty;
}

const home = makeHome();
const folder = copyPhotos(home, 20);
const gallery = join(home, 'gallery.db');
run(home, ['-q', '--gallery', gallery, 'index', folder]);
const server = await serve({ home, folders: true });
const contract = new Contract((await server.get('/api/v1/openapi.json')).json);

// Many new files: each picture several times, with other bytes at its end, and one that is broken.
const pictures = join(shared, 'photos/flickr8k-300/images');
mkdirSync(join(folder, 'new'));
for (const name of readdirSync(pictures)) cpSync(join(pictures, name), join(folder, 'new', name));
writeFileSync(join(folder, 'new', 'broken.jpg'), 'no picture');

const watch = server.stream('GET', '/api/v1/index/events');
const state = async () => (await server.get('/api/v1/index')).json;
const untilIdle = async () => {
    await until(async () => !(await state()).running);
    return state();
};

const started = contract.check('POST', '/api/v1/index', await server.post('/api/v1/index'));
is([started.status, started.json.running, started.json.folders], [202, true, [folder]], 'a run starts');
is((await server.post('/api/v1/index')).status, 409, 'only one at a time');
is((await server.get('/api/v1/status')).json.indexing, true, 'the status says so');
let found = 0;
for (let n = 0; n < 20; n++) found += (await server.get('/api/v1/search?q=a+dog&limit=5')).json?.results?.length === 5;
is(found, 20, 'meanwhile, searches are answered');
is((await server.get('/api/v1/photos?limit=5')).json.photos.length, 5, 'and photos are listed');
const stopping = contract.check('DELETE', '/api/v1/index', await server.call('DELETE', '/api/v1/index'));
ok([202, 409].includes(stopping.status), `it is asked to stop: ${stopping.status}`);
const stopped = await untilIdle();
is([stopped.running, stopped.problem], [false, null], 'and stops');
const some = (await server.get('/api/v1/status')).json.photos;
ok(some >= 20 && some <= 320, `what was finished stays: ${some} photos`);
ok(some === 320 || stopped.report.interrupted, 'its report says that it was interrupted');

is((await server.post('/api/v1/index')).status, 202, 'another run');
const done = await untilIdle();
is(done.report.failed + done.report.failed_before, 1, 'goes on to the end: one file failed');
is(done.report.interrupted, false, 'which was not interrupted');
is((await server.get('/api/v1/status')).json.photos, 320, 'all photos are there');
const { failures } = (await server.get('/api/v1/failures')).json;
is(failures.map((f) => f.path), [join(folder, 'new/broken.jpg')], 'the failure is listed');
like(failures[0].reason, /not|no /, 'with its reason');
const page = (await server.get('/api/v1/failures?limit=1')).json;
is(page.next_cursor, null, 'on one page');

const { events } = watch;
await until(() => events.at(-1)?.data.running === false && isDeepStrictEqual(events.at(-1).data.report, done.report));
watch.stop();
ok(events.length >= 4, `${events.length} events came`);
for (const { name, data } of events) contract.checkEvent(name === 'note' ? 'IndexNote' : 'Index', data, `event '${name}' as described`);
ok(events.some((e) => e.name === 'note' && /broken\.jpg/.test(e.data.path)), 'one about the broken file');
ok(events.some((e) => e.name === 'index' && e.data.running), 'some while it ran');
is(events.at(-1).data.running, false, 'the last when it had ended');

// ---- a watcher who goes away, and more watchers than there is room for ----
const crowd = Array.from({ length: 40 }, () => server.stream('GET', '/api/v1/index/events'));
await until(() => crowd.every((s) => s.events.status));
const statuses = crowd.map((s) => s.events.status).sort();
is([statuses[0], statuses.at(-1)], [200, 503], 'so many watch, and no more');
crowd.forEach((s) => s.stop());
is(await server.stop(), 0, 'the server ends well');

// ---- a run that goes on when the server is stopped ----
const again = await serve({ home, folders: true });
for (const name of readdirSync(pictures)) writeFileSync(join(folder, 'new', `b-${name}`), Buffer.concat([Buffer.from((await import('node:fs')).readFileSync(join(pictures, name))), Buffer.from('b')]));
await again.post('/api/v1/index');
await until(async () => (await again.get('/api/v1/index')).json.report?.decoded > 0);
is(await again.stop(), 0, 'a server that indexes ends well');
const after = JSON.parse(run(home, ['--gallery', gallery, '--json', 'status']).stdout);
ok(after.photos >= 320, `and keeps what is finished: ${after.photos} photos`);
like(run(home, ['--gallery', gallery, 'doctor']).stdout, /./, 'the gallery can be examined');
is(run(home, ['--gallery', gallery, 'doctor']).status, 0, 'and is sound');

// ---- a folder, and no gallery yet ----
const fresh = await serve({ home: makeFresh(), folders: true });
is((await fresh.get('/api/v1/status')).json.photos, 0, 'a server with a folder makes an empty gallery');
is((await fresh.get('/api/v1/search?q=dog')).json?.results, [], 'in which nothing is found');
await fresh.post('/api/v1/index');
await until(async () => !(await fresh.get('/api/v1/index')).json.running);
is((await fresh.get('/api/v1/status')).json.photos, 5, 'and fills it when asked');
is((await fresh.get('/api/v1/search?q=dog')).json?.results.length, 5, 'so that all are found');
is(await fresh.stop(), 0, 'it ends well');

// ---- without folders ----
const plain = await serve({ home });
const refused = await plain.post('/api/v1/index');
is(refused.status, 409, 'a server without folders indexes nothing');
like(refused.json.detail, /keepsake serve FOLDER/, 'and says how it gets some');
await plain.stop();
doneTesting();
