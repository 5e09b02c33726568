// SPDX-License-Identifier: MIT
// Everything at once: searches, pages, uploads, labels, rules, questions, streams and index runs, of the server
// and of other processes, and a stop in the middle of it. What each is answered is the other tests' matter: here
// none may fail, and a build with ThreadSanitizer sees all threads at work.
import { spawn } from 'node:child_process';
import { copyFileSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { diag, doneTesting, is, ok } from '../tap.mjs';
import { start as startStandIn } from '../llm/start.mjs';
import { environment, program, run, serve, unfinished } from './lib.mjs';

const PHOTOS = 12;
const standIn = await startStandIn();
const server = await serve({
    photos: PHOTOS, folders: true,
    env: { ANTHROPIC_BASE_URL: standIn.url('plain'), ANTHROPIC_API_KEY: 'sk-ant-stand-in' },
});
const { photos } = (await server.get('/api/v1/photos?limit=100')).json;
const ids = photos.map((p) => p.id);
const picture = readFileSync(photos[0].path);
const counts = {};

// What came back where nothing but `good` may.
async function expect(good, method, path, body) {
    const reply = await server.call(method, path, { body, headers: Buffer.isBuffer(body) ? { 'Content-Type': 'image/jpeg' } : {} });
    counts[reply.status] = (counts[reply.status] ?? 0) + 1;
    if (!good.includes(reply.status)) {
        ok(false, `${method} ${path} answers ${reply.status}`);
        diag(reply.body);
    }
    return reply.json;
}
const times = async (n, step) => { for (let i = 0; i < n; i++) await step(i); };
const idle = async () => { while ((await expect([200], 'GET', '/api/v1/index')).running); };

const search = (who) => times(8, async (i) => {
    await expect([200], 'GET', `/api/v1/search?q=${['a+dog', 'children+who+play', 'snow'][(i + who) % 3]}&limit=5`);
    await expect([200], 'GET', `/api/v1/photos/${ids[i % ids.length]}/similar?limit=3`);
});
const browse = () => times(10, async (i) => {
    await expect([200], 'GET', '/api/v1/photos?limit=7');
    await expect([200], 'GET', '/api/v1/photos/months');
    await expect([200], 'GET', `/api/v1/photos/${ids[i % ids.length]}/thumbnail`);
    await expect([200], 'GET', `/api/v1/photos/${ids[i % ids.length]}/original`);
});
const look = () => times(10, async () => {
    for (const path of ['/metrics', '/healthz', '/api/v1/status', '/api/v1/ledger?limit=3', '/api/v1/failures', '/'])
        await expect([200], 'GET', path);
});
const upload = () => times(4, async (i) => {
    await expect([200], 'POST', '/api/v1/search?limit=3', picture);
    const half = await unfinished(server.port, '/api/v1/search', picture.length, picture.subarray(0, 100 + i));
    half.destroy();
});
const label = () => times(4, async (i) => {
    const { id } = await expect([201], 'POST', '/api/v1/labels', { photo: ids[i], name: `Anna ${i}` });
    await expect([204], 'PATCH', `/api/v1/labels/${id}`, { name: `Ben ${i}` });
    await expect([200], 'GET', '/api/v1/labels');
    await expect([201], 'POST', '/api/v1/never-send', { kind: 'label', value: `Ben ${i}` });
    await expect([204], 'DELETE', `/api/v1/never-send?kind=label&value=Ben+${i}`);
    await expect([204], 'DELETE', `/api/v1/labels/${id}`);
});

// Questions: answered to the end, hung up on, ended while they are prepared, by two at once.
async function answer(c, hangUp) {
    const stream = server.stream('POST', `/api/v1/ask/${c}/send`, { body: {} }, () => hangUp && stream.stop());
    await stream.ended;
    counts.streams = (counts.streams ?? 0) + 1;
}
const ask = () => times(4, async (i) => {
    const reply = await expect([201], 'POST', '/api/v1/ask/prepare', { question: 'What is the dog doing?', k: 1 });
    const path = `/api/v1/ask/${reply.conversation}`;
    if (i % 2 === 0) await answer(reply.conversation, i === 2);
    await Promise.all([
        expect([201, 404, 409], 'POST', '/api/v1/ask/prepare', { question: 'And the other?', conversation: reply.conversation }),
        expect([204, 404], 'DELETE', path),
        expect([204, 404], 'DELETE', path),
    ]);
    await expect([204, 404], 'DELETE', path);
});

// Index runs, while files come and go; two are asked for at once.
const index = () => times(3, async (i) => {
    copyFileSync(photos[i].path, join(server.folder, `copy-${i}.jpg`));
    await Promise.all([0, 1].map(() => expect([202, 409], 'POST', '/api/v1/index')));
    if (i === 1) await expect([202, 409], 'DELETE', '/api/v1/index');
    await idle();
    rmSync(join(server.folder, `copy-${i}.jpg`));
});
const watch = () => times(3, async () => {
    const stream = server.stream('GET', '/api/v1/index/events', {}, () => stream.stop());
    await stream.ended;
});
function indexBeside() {
    const args = ['-q', '--gallery', server.gallery, 'index', server.folder];
    const child = spawn(program, args, { env: environment(server.home), stdio: ['ignore', 'ignore', 'inherit'] });
    return new Promise((done) => child.once('exit', (code, signal) => done(signal ?? code)));
}

const others = [indexBeside(), indexBeside(), indexBeside()];
await Promise.all([search(0), search(1), search(2), browse(), look(), upload(), label(), ask(), ask(), index(), watch(), watch()]);
ok(true, `${JSON.stringify(counts)}: none failed`);
is(await Promise.all(others), [0, 0, 0], 'three index runs of other processes beside the server\'s own');

// ---- a stop in the middle ----
const half = await unfinished(server.port, '/api/v1/search?limit=1', picture.length, picture.subarray(0, 1000));
const last = await expect([201], 'POST', '/api/v1/ask/prepare', { question: 'What is the dog doing?', k: 1 });
const watching = server.stream('GET', '/api/v1/index/events');
const stop = { once: () => { stop.once = () => {}; server.child.kill('SIGTERM'); } };
const answering = server.stream('POST', `/api/v1/ask/${last.conversation}/send`, { body: {} }, () => stop.once());
await expect([202, 503], 'POST', '/api/v1/index'); // the first word of the answer may have stopped it already
await Promise.all([answering.ended, watching.ended]);
half.write(picture.subarray(1000));
is(await server.exited, 0, 'the server ends well in the middle of it');
is(server.errors, '', 'and had nothing to complain of');

is(run(server.home, ['-q', '--gallery', server.gallery, 'index', server.folder]).status, 0, 'a last index run');
is(run(server.home, ['--gallery', server.gallery, 'doctor']).status, 0, 'leaves a sound gallery');
is(JSON.parse(run(server.home, ['--gallery', server.gallery, '--json', 'status']).stdout).photos, PHOTOS, 'with just the photos there are');
standIn.stop();
doneTesting();
