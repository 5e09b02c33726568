// SPDX-License-Identifier: MIT
// What the page's tests look at: galleries made by the program itself, served by it.
//
//   const home = makeHome();                          a folder of its own, removed at the end
//   const gallery = indexPhotos(home, photoFolder());  real photos
//   date(gallery); grow(gallery, 100000);             dates; further rows with the same pictures
//   const server = await serve(home, gallery);        {url, folder, stop(), fetch(path)}
//
// The server makes its token, as it does for everybody; pages are opened signed in, by the address that it
// printed. Where a test gives it a secret by its options, they are not.
import { execFileSync, spawn } from 'node:child_process';
import {
    copyFileSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    rmSync,
    writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const program = resolve(process.env.KEEPSAKE ?? 'build/release/bin/keepsake');
const shared = resolve(process.env.KEEPSAKE_SHARED ?? '../shared');

export function photoFolder() {
    const folder = join(shared, 'photos/flickr8k-300/images');
    if (existsSync(folder)) return folder;
    console.log(`1..0 # SKIP ${folder} is not there`);
    process.exit(0);
}

export function makeHome() {
    const home = mkdtempSync(join(tmpdir(), 'keepsake-web-'));
    process.on('exit', () => rmSync(home, { recursive: true, force: true }));
    return home;
}

// The environment of a program that knows nothing of this machine's user.
export const environment = (home, more = {}) => ({
    PATH: process.env.PATH,
    HOME: home,
    XDG_DATA_HOME: join(home, 'data'),
    XDG_CONFIG_HOME: join(home, 'config'),
    XDG_CACHE_HOME: join(home, 'cache'),
    LC_ALL: 'C.UTF-8',
    OMP_WAIT_POLICY: 'passive',
    ...more,
});

// A copy of the photos from the first to the last of so many, so that tests may add a broken one.
export function copyPhotos(home, from, last = Infinity, into = 'photos', first = 0) {
    const folder = join(home, into);
    mkdirSync(folder);
    for (const name of readdirSync(from).sort().slice(first, last))
        copyFileSync(join(from, name), join(folder, name));
    return folder;
}

export function addBroken(folder) {
    writeFileSync(join(folder, 'broken.jpg'), Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]));
}

export function indexPhotos(home, folder) {
    const gallery = join(home, 'gallery.db');
    indexInto(home, gallery, folder);
    return gallery;
}

export function indexInto(home, gallery, folder) {
    try {
        execFileSync(program, ['--gallery', gallery, '--quiet', 'index', folder], {
            env: environment(home),
            stdio: 'pipe',
        });
    } catch (error) {
        if (error.status !== 3) throw error; // 3: done, but some photos failed
    }
}

export function sql(gallery, text) {
    return execFileSync('sqlite3', ['-bail', gallery], { input: text, encoding: 'utf8' }).trim();
}

// Every photo gets a date, some 36 hours apart, except each tenth; the first also a place and a camera.
export function date(gallery) {
    sql(
        gallery,
        `
        UPDATE photo SET taken = CASE WHEN id % 10 = 0 THEN NULL
            ELSE strftime('%Y-%m-%dT%H:%M:%S', '2021-12-31 12:00:00', '-' || (id * 36) || ' hours') END;
        UPDATE photo SET latitude = 47.3769, longitude = -8.5417, make = 'FUJIFILM', model = 'X-T5', lens = 'XF 35mm'
            WHERE id = (SELECT id FROM photo WHERE taken IS NOT NULL ORDER BY taken DESC LIMIT 1);`,
    );
}

// Rows until there are `count` photos, over 20 years, with the pictures and vectors of those there are.
export function grow(gallery, count) {
    const columns = 'size, mtime_ns, hash, format, width, height';
    sql(
        gallery,
        `
        PRAGMA synchronous = OFF;
        BEGIN;
        CREATE TEMP TABLE first AS SELECT row_number() OVER (ORDER BY id) - 1 AS nth, * FROM photo;
        CREATE UNIQUE INDEX temp.first_nth ON first (nth);
        CREATE TEMP TABLE made AS
            WITH RECURSIVE n(i) AS (SELECT (SELECT max(id) + 1 FROM photo) UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
            SELECT i, i % (SELECT count(*) FROM first) AS nth FROM n;
        INSERT INTO photo (id, path, taken, ${columns})
            SELECT i, path || '.' || i || '.jpg', strftime('%Y-%m-%dT%H:%M:%S', '2024-06-01', '-' || (i * 105) || ' minutes'), ${columns}
            FROM made JOIN first USING (nth);
        INSERT INTO vector (photo, vector) SELECT i, v.vector FROM made JOIN first USING (nth) JOIN vector v ON v.photo = first.id;
        INSERT INTO code (photo, code) SELECT i, c.code FROM made JOIN first USING (nth) JOIN code c ON c.photo = first.id;
        UPDATE gallery SET change = change + 1, rewrite = change + 1;
        COMMIT;`,
    );
}

const children = new Set(); // a test that fails leaves no server
process.on('exit', () => children.forEach((child) => child.kill('SIGKILL')));

async function freePort() {
    const probe = createServer();
    await new Promise((listening) => probe.listen(0, '127.0.0.1', listening));
    const { port } = probe.address();
    await new Promise((closed) => probe.close(closed));
    return port;
}

const sessions = new Map(); // address of a server: "NAME=VALUE" of its cookie

async function signIn(url, address) {
    const reply = await fetch(address, { redirect: 'manual' });
    sessions.set(url, reply.headers.getSetCookie()[0].split(';')[0]);
}

// For a browser that shows pages of `url`.
export function cookiesOf(url) {
    const [name, value] = sessions.get(url)?.split('=') ?? [];
    return name ? [{ name, value, url, httpOnly: true, sameSite: 'Strict' }] : [];
}

// options: {env, args, folders, port}
export async function serve(home, gallery, { env = {}, args = [], folders = [], port } = {}) {
    port ??= await freePort();
    const child = spawn(
        program,
        ['--quiet', '--gallery', gallery, 'serve', '--port', String(port), ...args, ...folders],
        {
            env: environment(home, env),
            stdio: ['ignore', 'pipe', 'pipe'],
        },
    );
    let complaints = '';
    child.stderr.on('data', (data) => (complaints += data));
    const ended = new Promise((exited) => child.once('exit', exited));
    const printed = await Promise.race([
        new Promise((ready) => child.stdout.once('data', (text) => ready(String(text).trim()))),
        ended.then((status) => {
            throw new Error(`keepsake serve ended with ${status}: ${complaints}`);
        }),
    ]);
    const stop = () => {
        child.kill('SIGTERM');
        children.delete(child);
        return ended;
    };
    children.add(child);
    const url = `http://127.0.0.1:${port}/`;
    if (printed.includes('?token=')) await signIn(url, printed);
    return {
        url,
        port,
        printed,
        pid: child.pid,
        stop,
        complaints: () => complaints,
        fetch: (path) => fetch(url + path, { headers: { Cookie: sessions.get(url) ?? '' } }),
    };
}
