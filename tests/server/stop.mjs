// SPDX-License-Identifier: MIT
// Starting, and ending by a signal: what is in hand is finished.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { cpSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import net from 'node:net';
import { doneTesting, is, like, ok } from '../tap.mjs';
import { until } from '../wait.mjs';
import { connections, copyPhotos, freePort, makeHome, program, run, serve, unfinished, unreachable } from './lib.mjs';

const home = makeHome();
const gallery = join(home, 'gallery.db');
like(run(home, ['--gallery', gallery, 'serve']).stderr, /no gallery at .* yet: .keepsake index FOLDER/, 'without a gallery: how to make one');
like(run(home, ['serve', '/nowhere']).stderr, /nowhere/, 'a folder that is not there');
like(run(home, ['serve', '--port', '0']).stderr, /port/, 'no port 0');
run(home, ['-q', '--gallery', gallery, 'index', copyPhotos(home, 20)]);
like(run(home, ['--gallery', gallery, 'serve', '--bind', '127.nonsense']).stderr, /invalid address 127\.nonsense/, 'no such address');

const server = await serve({ home });
const taken = run(home, ['--gallery', gallery, 'serve', '--port', String(server.port)]);
is(taken.status, 1, 'a port that is taken: status 1');
like(taken.stderr, new RegExp(`port ${server.port} of 127.0.0.1 is in use: give another port with --port`), 'and a sentence');

// An upload that comes slowly, a download that goes slowly: both are finished.
const photo = (await server.get('/api/v1/photos?limit=1')).json.photos[0];
const bytes = readFileSync(photo.path);
const upload = await unfinished(server.port, '/api/v1/search?limit=1', bytes.length, bytes.subarray(0, 1000));
let reply = '';
upload.on('data', (part) => (reply += part));
server.child.kill('SIGTERM');
ok(await until(() => unreachable(server)), 'no new connections');
upload.write(bytes.subarray(1000));
is(await server.exited, 0, 'it ends');
like(reply, /^HTTP\/1\.1 200 /, 'after the upload was answered');
like(reply, /Connection: close/i, 'and its connection closed');

// A client that never ends its request holds it up no longer than the limit; a second signal, not at all.
const stuck = await serve({ home });
const silent = net.connect(stuck.port, '127.0.0.1');
silent.on('error', () => {});
silent.write('GET / HTTP/1.1\r\n');
await until(async () => (await connections(stuck)) >= 2);
is(await stuck.stop(), 0, 'an unfinished request does not hold it up');

const held = await serve({ home });
await unfinished(held.port, '/api/v1/search', 5000, 'abc');
held.child.kill('SIGINT');
await until(() => unreachable(held));
held.child.kill('SIGINT');
is(await held.exited, 130, 'a second Ctrl-C ends it at once');

// What was answered is in the one file, whichever thread closed it last.
for (let round = 1; round <= 4; round++) {
    const writing = await serve({ home });
    is((await writing.post('/api/v1/labels', { photo: photo.id, name: `Name ${round}` })).status, 201, 'a label is added before the stop');
    is((await writing.post('/api/v1/never-send', { kind: 'label', value: `Name ${round}` })).status, 201, 'a rule is added before the stop');
    await Promise.all(['dog', 'cat', 'sea', 'tree', 'snow', 'car'].map((q) => writing.get(`/api/v1/search?q=${q}`)));
    is(await writing.stop(), 0, 'stop: the server has ended');
    is(readdirSync(home).filter((name) => /^gallery\.db-(wal|shm)$/.test(name)), [], 'nothing lies beside the gallery');
    cpSync(gallery, join(home, 'alone.db'));
    const alone = run(home, ['--gallery', join(home, 'alone.db'), '--json', 'status']);
    const { labels, rules } = JSON.parse(alone.stdout);
    is({ labels, rules }, { labels: round, rules: round }, 'and it alone has them');
    rmSync(join(home, 'alone.db'));
}

// ---- what it prints ----
const port = String(await freePort());
// What a server prints until it is asked to end, which it is when its address came.
async function printed(...args) {
    const env = { ...process.env, HOME: home, XDG_DATA_HOME: join(home, 'data'), XDG_CONFIG_HOME: join(home, 'config'), KEEPSAKE_TOKEN: '' };
    const child = spawn(program, ['--gallery', gallery, ...args, '--port', port], { env });
    const text = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) child[name].on('data', (part) => (text[name] += part));
    child.stdout.once('data', () => child.kill('SIGTERM'));
    await new Promise((done) => child.once('close', done));
    return text;
}
const json = await printed('--json', 'serve');
const token = readFileSync(join(home, 'data/keepsake/serve.token'), 'utf8').trim();
const address = `http://127.0.0.1:${port}/`;
is(JSON.parse(json.stdout), { address, gallery, sign_in: `${address}?token=${token}` }, '--json: one object with the address');
const plain = await printed('serve', '--bind', '::1');
is(plain.stdout, `http://[::1]:${port}/?token=${token}\n`, 'else the address alone on stdout');
like(plain.stderr, /serving .*gallery\.db; stop with Ctrl-C\n[^]*stopping/, 'and remarks on stderr');
doneTesting();
