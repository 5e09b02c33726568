// SPDX-License-Identifier: MIT
// serve with a decoder that has faults (tests/cage_hook.h): a picture that breaks it costs its own
// request; the server and everybody else go on.
import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { doneTesting, is, like, ok } from '../tap.mjs';
import { until } from '../wait.mjs';
import { copyPhotos, makeHome, run, serve } from './lib.mjs';

const home = makeHome();
const folder = copyPhotos(home, 6);
const gallery = join(home, 'gallery.db');
const names = readdirSync(folder).sort();
const fault = (word, bytes) => Buffer.concat([bytes, Buffer.from(`\nKEEPSAKE-TEST ${word}\n`)]);
const good = readFileSync(join(folder, names[0]));
appendFileSync(join(folder, names[1]), '\nKEEPSAKE-TEST crash\n');
is(run(home, ['-q', '--gallery', gallery, 'index', folder]).status, 0, 'a sound decoder takes all of them');
for (const name of readdirSync(home)) if (name.includes('.thumbs')) rmSync(join(home, name));

const server = await serve({ home, program: process.env.KEEPSAKE_FAULTY });
const upload = (bytes) => server.call('POST', '/api/v1/search?limit=3', { body: bytes, headers: { 'Content-Type': 'image/jpeg' } });

const reply = await upload(fault('crash', good));
is(reply.status, 422, 'an upload that crashes its decoder: refused');
like(reply.body, /the decoder crashed on it: signal 11/, 'with the reason');
is((await upload(good)).json.results.length, 3, 'the next upload is answered');

// 16 at once, every other one broken.
const words = ['crash', 'abort', 'exit', 'lie'];
const replies = await Promise.all(Array.from({ length: 16 }, (_, i) => upload(i % 2 ? good : fault(words[i / 2 % 4], good))));
is(replies.map((r) => r.status).join(' '), Array(8).fill('422 200').join(' '), '16 uploads at once: each has its own answer');

const { photos } = (await server.get('/api/v1/photos?limit=10')).json;
const broken = photos.find((photo) => photo.path.endsWith(names[1]));
const sound = photos.find((photo) => photo.path.endsWith(names[2]));
const thumbnail = (photo) => server.get(`/api/v1/photos/${photo.id}/thumbnail?size=small`);
like((await thumbnail(broken)).body, /the decoder crashed on it: signal 11/, 'a thumbnail made anew: the reason');
is((await thumbnail(sound)).type, 'image/jpeg', 'and the next one is made');

is(await server.stop(), 0, 'it stops as ever');

// Nobody is left behind when the server is killed in the middle of a decode.
const killed = await serve({ home, program: process.env.KEEPSAKE_FAULTY });
const lost = killed.call('POST', '/api/v1/search', { body: fault('sleep', good), headers: { 'Content-Type': 'image/jpeg' } }).catch(() => null);
const children = () => spawnSync('ps', ['-o', 'pid=', '--ppid', String(killed.child.pid)], { encoding: 'utf8' }).stdout.trim().split(/\s+/).filter(Boolean);
let workers = [];
await until(() => (workers = children()).length > 0);
killed.child.kill('SIGKILL');
await killed.exited;
await lost;
const lives = (pid) => /^[^Z]/.test(spawnSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' }).stdout.trim());
ok(await until(() => !workers.some(lives)), 'a killed server takes its workers with it');

doneTesting();
