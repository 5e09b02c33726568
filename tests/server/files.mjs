// SPDX-License-Identifier: MIT
// What is served is what was indexed: whatever is put at a photo's path meanwhile is answered with 410.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { doneTesting, is, like, ok, diag } from '../tap.mjs';
import { Contract } from './contract.mjs';
import { copyPhotos, makeHome, run, serve } from './lib.mjs';

const home = makeHome();
const folder = copyPhotos(home, 12);
const names = fs.readdirSync(folder).sort();
const gallery = join(home, 'gallery.db');
const sql = (text) => execFileSync('sqlite3', [gallery, text]).toString().trim();
fs.mkdirSync(join(folder, 'album'));
fs.mkdirSync(join(home, 'away'));
fs.renameSync(join(folder, names[0]), join(folder, 'album', names[0]));
fs.renameSync(join(folder, names[1]), join(home, 'away', names[1]));
fs.symlinkSync('../away', join(folder, 'linked'));
is(run(home, ['-q', '--gallery', gallery, 'index', folder]).status, 0, 'files: the gallery is indexed');
fs.rmSync(`${gallery}.thumbs`); // they are made anew, from what is there

const server = await serve({ home, gallery });
const contract = new Contract((await server.get('/api/v1/openapi.json')).json);
const ids = Object.fromEntries(sql('select path, id from photo').split('\n').map((row) => row.split('|')));
const idOf = (path) => ids[join(folder, path)];
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');

async function original(path, status, more = {}) {
    const where = `/api/v1/photos/${idOf(path)}/original`;
    const reply = await server.get(where, more);
    contract.check('GET', where, reply);
    return is(reply.status, status, `original: ${status}`) ? reply : (diag(reply.body.slice(0, 300)), reply);
}
async function served(path, file, what) {
    diag(what);
    is(hash((await original(path, 200)).bytes), hash(fs.readFileSync(file)), `${what}: its bytes`);
}
// Neither the file, nor part of it, nor a small picture made of it.
async function refused(path, what) {
    diag(what);
    const reply = await original(path, 410);
    ok(reply.json?.detail?.length > 20, `${what}: ${reply.json?.detail}`);
    await original(path, 410, { headers: { Range: 'bytes=0-9' } });
    const small = await server.get(`/api/v1/photos/${idOf(path)}/thumbnail`);
    is(small.status, 410, `${what}: no thumbnail is made of it`);
    return reply.json.detail;
}
const at = (name) => join(folder, name);
const put = (name, make) => {
    fs.rmSync(at(name), { recursive: true });
    make(at(name));
};

// ---- what was indexed ----
await served(names[2], at(names[2]), 'a photo');
await served(`linked/${names[1]}`, join(home, 'away', names[1]), 'a photo that was indexed through a link');
fs.utimesSync(at(names[2]), 1, 1);
await served(names[2], at(names[2]), 'a photo that was touched');

// ---- what is put there ----
const times = fs.statSync(at(names[3]));
put(names[3], (path) => fs.symlinkSync('/etc/passwd', path));
like(await refused(names[3], 'a link to a file of the system'), /keepsake index/, 'what helps is said');
put(names[3], (path) => fs.symlinkSync(at(names[2]), path));
await refused(names[3], 'a link to another photo');
put(names[3], (path) => fs.writeFileSync(path, '<html><script>alert(1)</script>'));
await refused(names[3], 'an HTML page');
put(names[3], (path) => {
    fs.writeFileSync(path, Buffer.alloc(times.size, 'x'));
    fs.utimesSync(path, times.atime, times.mtime);
});
await refused(names[3], 'other content of the same size and time');
put(names[3], (path) => execFileSync('mkfifo', [path]));
await refused(names[3], 'a pipe');
put(names[3], (path) => fs.symlinkSync('/dev/zero', path));
await refused(names[3], 'a link to a device');
put(names[3], (path) => fs.mkdirSync(path));
await refused(names[3], 'a folder');
fs.rmdirSync(at(names[3]));
await refused(names[3], 'nothing');
fs.appendFileSync(at(names[4]), 'edited');
await refused(names[4], 'an edited photo');
fs.copyFileSync(at(names[5]), at(names[4]));
await refused(names[4], 'another photo');

// ---- folders ----
fs.renameSync(at('album'), at('album.old'));
fs.mkdirSync(join(home, 'private'));
fs.writeFileSync(join(home, 'private', names[0]), 'a secret');
fs.symlinkSync(join(home, 'private'), at('album'));
await refused(`album/${names[0]}`, 'a folder that became a link to elsewhere');
fs.writeFileSync(join(home, 'away', names[1]), 'a secret');
await refused(`linked/${names[1]}`, 'other content behind the link that was indexed');

// ---- photos whose vector is damaged, which is made from the file then ----
const similar = (path) => server.get(`/api/v1/photos/${idOf(path)}/similar?limit=1`);
sql(`update vector set vector = zeroblob(8) where photo in (${idOf(names[4])}, ${idOf(names[7])})`);
is((await similar(names[7])).status, 200, 'photos like one whose file is that of the photo');
const unlike = await similar(names[4]);
is(unlike.status, 409, 'photos like one whose file is another by now');
like(unlike.json?.detail, /has changed since it was indexed/, 'and why');

// ---- a gallery of a stranger ----
const passwd = fs.readFileSync('/etc/passwd');
fs.writeFileSync(join(home, 'public.html'), '<html>known to all</html>');
const known = fs.readFileSync(join(home, 'public.html'));
sql(`update photo set path = '/etc/passwd', size = ${passwd.length} where id = ${idOf(names[6])}`);
await refused(names[6], "a stranger's gallery with a path of the system");
sql(`update photo set hash = zeroblob(32) where id = ${idOf(names[6])}`);
await refused(names[6], 'the same without a hash');
sql(`update photo set path = '${home}/public.html', size = ${known.length}, hash = x'${hash(known)}' where id = ${idOf(names[6])}`);
await refused(names[6], 'a file that is no picture, though its hash is right');
sql(`update photo set format = 'html' where id = ${idOf(names[6])}`);
await refused(names[6], 'whatever format the gallery claims');

// ---- the command line ----
const cli = (...args) => run(home, ['--gallery', gallery, ...args]);
const label = cli('label', at(names[4]), '10%,10%,20%,20%', 'Mia');
is(label.status, 1, 'a label for a photo that shows something else by now: status 1');
like(label.stderr, /no label was given: .* has changed since it was indexed/, 'and why');
is(cli('label', at(names[3]), 'Mia').status, 0, 'one for a photo that is away is taken');
is(cli('label', at(names[5]), 'Mia').status, 0, 'and one for a photo that is there');
await server.stop();
doneTesting();
