// SPDX-License-Identifier: MIT
// Index runs, questions and searches in rounds, for KEEPSAKE_SOAK_S seconds (make check-long: 20 minutes), some rounds
// where it is not set: no request fails, each round ends with the photos it began with, and memory, descriptors and
// the gallery's log stay as they are after the first rounds.
import { copyFileSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import { diag, doneTesting, is, ok } from '../tap.mjs';
import { start as startStandIn } from '../llm/start.mjs';
import { run, serve } from '../server/lib.mjs';

const PHOTOS = 20;
const FEWEST_ROUNDS = 8;
const seconds = Number(process.env.KEEPSAKE_SOAK_S ?? 0);
const MB = 1 << 20;

const standIn = await startStandIn();
const server = await serve({
    photos: PHOTOS, folders: true,
    env: { ANTHROPIC_BASE_URL: standIn.url('plain'), ANTHROPIC_API_KEY: 'sk-ant-stand-in' },
});
const { photos } = (await server.get('/api/v1/photos?limit=100')).json;
const ids = new Set(photos.map((p) => p.id)); // others come and go
const picture = readFileSync(photos[0].path);
let requests = 0;
// Idle connections are left before the server ends them, which it does after a minute: a request on one that is just
// being ended has no reply.
const agent = new http.Agent({ keepAlive: true, timeout: 20e3 });

// What the server said when a request has no reply at all.
async function explain(error, what) {
    const ended = await Promise.race([server.exited, new Promise((done) => setTimeout(done, 1000, 'it goes on'))]);
    ok(false, `${what}: ${error.message}; the server: ${ended}`);
    diag(server.errors);
    return { status: 0, body: '' };
}
async function call(good, method, path, body) {
    const headers = Buffer.isBuffer(body) ? { 'Content-Type': 'image/jpeg' } : {};
    const reply = await server.call(method, path, { body, headers, agent }).catch((error) => explain(error, `${method} ${path}`));
    requests += 1;
    if (reply.status === good) return reply.json ?? reply.body;
    ok(false, `${method} ${path} answers ${reply.status}`);
    diag(reply.body);
    return {};
}
const idle = async () => { while ((await call(200, 'GET', '/api/v1/index')).running); };

async function search() {
    for (const q of ['a+dog', 'children+who+play', 'a+red+car', 'snow']) {
        const { results } = await call(200, 'GET', `/api/v1/search?q=${q}&limit=10`);
        const stay = results.filter(({ id }) => ids.has(id)).slice(0, 3);
        for (const { id } of stay) await call(200, 'GET', `/api/v1/photos/${id}/thumbnail?size=large`);
    }
    await call(200, 'POST', '/api/v1/search?limit=3', picture);
    await call(200, 'GET', '/api/v1/photos/months');
    await call(200, 'GET', '/');
}
async function ask() {
    const { conversation } = await call(201, 'POST', '/api/v1/ask/prepare', { question: 'What is the dog doing?', k: 2 });
    const stream = server.stream('POST', `/api/v1/ask/${conversation}/send`, { body: {} });
    await stream.ended;
    if (stream.events.at(-1)?.name !== 'answer') ok(false, 'a question without an answer');
    await call(204, 'DELETE', `/api/v1/ask/${conversation}`);
}
async function label(round) {
    const { id } = await call(201, 'POST', '/api/v1/labels', { photo: photos[round % PHOTOS].id, name: `Anna ${round}` });
    await call(200, 'GET', '/api/v1/search?q=Anna');
    await call(204, 'DELETE', `/api/v1/labels/${id}`);
}

// A copy, a new photo (a picture with other bytes at its end) and one that is broken: they come and go.
function change(round, come) {
    const [copy, fresh, broken] = ['copy.jpg', 'new.jpg', 'broken.jpg'].map((name) => join(server.folder, name));
    if (!come) return [copy, fresh, broken].forEach((path) => rmSync(path));
    copyFileSync(photos[round % PHOTOS].path, copy);
    writeFileSync(fresh, Buffer.concat([picture, Buffer.from(`round ${round}`)]));
    writeFileSync(broken, `no picture ${round}`);
}
async function index(round) {
    for (const come of [true, false]) {
        change(round, come);
        const watching = server.stream('GET', '/api/v1/index/events');
        await call(202, 'POST', '/api/v1/index');
        await idle();
        watching.stop();
        await watching.ended.catch(() => {}); // a run that is over before its stream has begun
        if (run(server.home, ['-q', '--gallery', server.gallery, 'index', server.folder]).status % 3) ok(false, 'an index run beside it failed');
    }
}

const number = (metrics, name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)[1]);
const samples = [];
async function sample() {
    const metrics = await call(200, 'GET', '/metrics');
    const log = statSync(`${server.gallery}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    samples.push({ memory: number(metrics, 'process_resident_memory_bytes'), files: number(metrics, 'process_open_fds'), log });
}

// Each of the server's threads opens the gallery at the first request that it gets: let all have one.
await Promise.all(Array.from({ length: 64 }, search));
const until = Date.now() + seconds * 1000;
for (let round = 0; round < FEWEST_ROUNDS || Date.now() < until; round++) {
    await Promise.all([search(), search(), ask(), label(round), index(round)]);
    if ((await call(200, 'GET', '/api/v1/status')).photos !== PHOTOS) ok(false, `round ${round} left another number of photos`);
    await sample();
}

// The second quarter of the rounds is what they settle at, the last what they come to.
const quarter = Math.floor(samples.length / 4);
const median = (list, key) => list.map((s) => s[key]).sort((a, b) => a - b)[Math.floor(list.length / 2)];
const settled = samples.slice(quarter, 2 * quarter);
const last = samples.slice(-quarter);
const grown = (key) => median(last, key) - median(settled, key);
diag(`${samples.length} rounds, ${requests} requests; memory ${samples.map((s) => Math.round(s.memory / MB)).filter((_, i) => i % Math.ceil(samples.length / 20) === 0).join(' ')} MB`);
diag(`files ${samples.at(0).files} to ${samples.at(-1).files}; log ${Math.max(...samples.map((s) => s.log)) / MB} MB at most`);
ok(true, `${requests} requests`);
// What malloc keeps for threads varies by some megabytes; a leak of 100 KB a round shows in twenty minutes.
ok(grown('memory') < 0.05 * median(settled, 'memory') + 24 * MB, `memory grew by ${(grown('memory') / MB).toFixed(1)} MB since the first rounds`);
ok(grown('files') < 5, `${grown('files')} more open files`);
ok(grown('log') < 8 * MB, `the log of the gallery grew by ${(grown('log') / MB).toFixed(1)} MB`);
is(await server.stop(), 0, 'the server ends well');
is(server.errors, '', 'without a complaint');
is(run(server.home, ['--gallery', server.gallery, 'doctor']).status, 0, 'and the gallery is sound');
standIn.stop();
doneTesting();
