// SPDX-License-Identifier: MIT
// Questions over HTTP say what goes as text, and the model's tools stop at what was agreed to.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { doneTesting, is, like, ok, diag } from '../tap.mjs';
import { Contract } from './contract.mjs';
import { copyPhotos, makeHome, run, serve } from './lib.mjs';

const greedy = spawn('node', ['tests/ask/greedy_server.mjs'], { stdio: ['pipe', 'pipe', 'inherit'] });
const modelPort = await new Promise((done) => greedy.stdout.once('data', (text) => done(Number(text))));
const calls = [
    [['search_photos', { query: 'a dog', count: 10 }]],
    [['search_photos', { query: 'people outside', count: 10 }]],
];
const script = Buffer.from(JSON.stringify(calls)).toString('base64url');
const got = async () => (await fetch(`http://127.0.0.1:${modelPort}/_log`)).json();

// Every photo has a date, a place and a camera: set in the gallery, as an index run would have read them.
const home = makeHome();
const folder = copyPhotos(home, 30);
const gallery = join(home, 'gallery.db');
is(run(home, ['-q', '--gallery', gallery, 'index', folder]).status, 0, 'telling: the gallery is indexed');
execFileSync('sqlite3', [gallery, "update photo set taken = '2019-07-04T18:30:00', latitude = -33.856784, longitude = 151.215297, make = 'NIKON CORPORATION', model = 'NIKON D90'"]);

const server = await serve({ home, gallery, env: { ANTHROPIC_BASE_URL: `http://127.0.0.1:${modelPort}/${script}`, ANTHROPIC_API_KEY: 'sk-ant-stand-in' } });
const contract = new Contract((await server.get('/api/v1/openapi.json')).json);
async function prepare(more, status = 201) {
    const reply = await server.post('/api/v1/ask/prepare', { question: 'What is the dog doing?', k: 2, include_weak: true, ...more });
    contract.check('POST', '/api/v1/ask/prepare', reply);
    if (!is(reply.status, status, `prepare answers ${status}`)) diag(reply.body);
    return reply.json;
}
async function send(prepared, body = {}) {
    const stream = server.stream('POST', `/api/v1/ask/${prepared.conversation}/send`, { body });
    return stream.ended;
}
const captions = (prepared) => prepared.outbox.photos.map((photo) => photo.caption.replace(/^Image \d+: \d+x\d+ pixels/, ''));

const rounded = await prepare({});
const one = await prepare({ photo: rounded.outbox.photos[1].photo.id, question: 'x' });
is(one.outbox.photos.map(({ photo }) => photo.id), [rounded.outbox.photos[1].photo.id], 'a question about one photo has that one');
await prepare({ photo: 999999 }, 400);
await prepare({ photo: 'x' }, 400);
is(rounded.outbox.facts, ['date', 'place', 'camera'], 'the outbox lists what goes as text');
is(captions(rounded)[0], '; taken 2019-07-04 18:30; at latitude -33.86, longitude 151.22; camera "NIKON D90"', 'the place is rounded');
is([rounded.outbox.more_photos, rounded.outbox.more_bytes], [10, 10000000], 'and what the model may add');
const exact = await prepare({ facts: 'exact' });
is(exact.outbox.facts, ['date', 'exact-place', 'camera'], 'exact is told');
like(captions(exact)[0], /latitude -33\.85678, longitude 151\.21530/, 'and is');
const none = await prepare({ facts: 'none' });
is([none.outbox.facts, captions(none)[0]], [[], ''], 'none: pictures only');
await prepare({ facts: 'some' }, 400);
await prepare({ include_weak: 'yes' }, 400);
await prepare({ more_photos_max: -1 }, 400);

await got();
const bounded = await prepare({ more_photos_max: 3 });
is(bounded.outbox.more_photos, 3, 'a bound of the question');
const events = await send(bounded);
is(events.at(-1).name, 'answer', 'a model that wants all gets an answer');
is((await got()).map((one) => one.images), [2, 5, 5], 'and three photos more');
const notes = events.filter((event) => event.name === 'note').map((event) => event.data.sentence);
ok(notes.some((note) => /the agreed number of photos for this question is reached/.test(note)), `the stream says so: ${notes}`);
await send(await prepare({ more_photos_max: 0 }));
is((await got()).map((one) => one.images), [2, 2, 2], 'none where none was agreed to');
await send(await prepare({ facts: 'none' }), { more_photos: false });
is((await got()).map((one) => one.images), [2, 2, 2], 'nor where the owner says so when sending');
const entries = (await server.get('/api/v1/ledger')).json.entries.filter((entry) => entry.event === 'sent');
is(entries.at(-1).facts, ['date', 'place', 'camera'], 'the ledger has it');
is(entries[0].facts, [], 'and that nothing went');
await server.post('/api/v1/never-send', { kind: 'folder', value: folder });
const kept = await prepare({ photo: rounded.outbox.photos[1].photo.id });
is([kept.outbox.photos.length, kept.outbox.withheld, kept.nothing_matches], [0, 1, true], 'a rule keeps a photo that is named, too');
like(kept.outbox.withheld_why, /the folder/, 'and is told');
await server.stop();
greedy.stdin.end();
doneTesting();
