// SPDX-License-Identifier: MIT
// A folder that is given to the API is the one that the command line would take: links, spelling, and
// how many photos a rule covers.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { doneTesting, is, like, ok, diag } from '../tap.mjs';
import { Contract } from './contract.mjs';
import { copyPhotos, makeHome, program, run, serve } from './lib.mjs';

// home/photos/link -> home/real, where photos lie that are known through the link only; one of them
// has a copy beside it.
const home = makeHome();
const photos = copyPhotos(home, 8);
const gallery = join(home, 'gallery.db');
const names = readdirSync(photos).sort();
mkdirSync(join(home, 'real'));
for (const name of names.slice(0, 3)) renameSync(join(photos, name), join(home, 'real', name));
cpSync(join(home, 'real', names[0]), join(photos, 'copy.jpg'));
symlinkSync('../real', join(photos, 'link'));
symlinkSync('photos', join(home, 'pictures'));
is(run(home, ['-q', '--gallery', gallery, 'index', photos]).status, 0, 'rules: the gallery is indexed');

const server = await serve({ home, gallery });
const contract = new Contract((await server.get('/api/v1/openapi.json')).json);
async function call(method, path, status, body) {
    const reply = await server.call(method, path, { body });
    contract.check(method, path, reply);
    if (!is(reply.status, status, `${method} ${path.slice(0, 70)} answers ${status}`)) diag(reply.body);
    return reply.json;
}
const add = (value, kind = 'folder') => call('POST', '/api/v1/never-send', 201, { kind, value });
const remove = (value, status = 204) =>
    call('DELETE', `/api/v1/never-send?kind=folder&value=${encodeURIComponent(value)}`, status);
const rules = async () => (await call('GET', '/api/v1/never-send', 200)).rules.map((rule) => rule.value);
const cli = (...args) => execFileSync(program, ['--gallery', gallery, ...args, '--json'], {
    env: { ...process.env, HOME: home, XDG_CONFIG_HOME: join(home, 'config'), XDG_DATA_HOME: join(home, 'data') },
    stdio: ['ignore', 'pipe', 'ignore'],
}).toString().trim();
const held = async () => {
    const list = (await call('GET', '/api/v1/photos?limit=1000', 200)).photos;
    const all = await Promise.all(list.map((photo) => call('GET', `/api/v1/photos/${photo.id}`, 200)));
    return all.filter((photo) => photo.never_send).map((photo) => photo.path.slice(home.length + 1)).sort();
};

// ---- one folder, however it is spelt ----
const linked = [...names.slice(0, 3).map((name) => `photos/link/${name}`), 'photos/copy.jpg'].sort();
for (const value of ['real', 'real/', 'photos/../real', 'photos//link', 'pictures/link', 'pictures/link/.']) {
    const given = join(home, 'x').slice(0, -1) + value;
    const rule = await add(given);
    is([rule.covers, rule.warning], [4, null], `${value} covers the photos behind the link, and the copy`);
    is(await held(), linked, 'and each of them says so');
    is(cli('never-send', 'remove', rule.value).includes('removed'), true, 'the command line removes it');
    const same = JSON.parse(cli('never-send', given));
    is([same.folder, same.covers], [rule.value, 4], 'and makes the very same rule of it');
    await remove(given);
    is(await rules(), [], 'which goes as it came');
}
const whole = await add(join(home, 'pictures'));
is([whole.value, whole.covers], [photos, 9], 'a link to the whole gallery covers all');
is((await call('GET', '/api/v1/photos', 200)).photos.length, 9, 'of the photos there are');
await remove(photos);

// ---- what covers nothing is told ----
const nothing = await add(join(home, 'privat'));
is(nothing.covers, 0, 'a folder that is not there covers nothing');
like(nothing.warning, /no photo at or below .*privat: check the spelling/, 'and the answer says so');
await remove(join(home, 'privat'));
await remove(join(home, 'privat'), 404);
const label = await add('Nobody', 'label');
is([label.covers, /label Nobody/.test(label.warning)], [0, true], 'the same for a label');

// ---- a rule whose folder became a link, as an older program kept it ----
await add(join(home, 'later'));
symlinkSync('photos', join(home, 'later'));
is((await held()).length, 9, 'a rule that names a link covers what the link leads to');
await remove(join(home, 'later'));

// ---- folders of filters ----
for (const folder of [join(home, 'real'), join(photos, 'link'), join(home, 'pictures/link/'), `${photos}//./link`]) {
    const query = `folder=${encodeURIComponent(folder)}`;
    is((await call('GET', `/api/v1/photos?${query}`, 200)).photos.length, folder.endsWith('real') ? 0 : 3,
       `photos in ${folder.slice(home.length)}`);
}
const inPictures = `folder=${encodeURIComponent(join(home, 'pictures'))}`;
is((await call('GET', `/api/v1/search?q=dog&copies=all&${inPictures}`, 200)).results.length, 9, 'search in a linked folder');
is((await call('GET', `/api/v1/photos/months?${inPictures}`, 200)).photos, 9, 'its months');
const prepared = await call('POST', '/api/v1/ask/prepare', 201, { question: 'a dog', folder: join(home, 'pictures') });
ok(prepared.outbox.photos.length > 0, 'a question about it');

// ---- a rule that was damaged: nobody can tell what it covers, so that nothing leaves ----
await add(join(home, 'other'));
execFileSync('sqlite3', [gallery, `update rule set key = '${home}/othes', value = '${home}/othes'`]);
const refused = await server.post('/api/v1/ask/prepare', { question: 'a dog' });
ok(refused.status >= 400, `a question is not prepared: ${refused.status}`);
like(refused.json?.detail ?? '', /othes/, 'and the rule is named');
const [first] = (await call('GET', '/api/v1/photos?limit=1', 200)).photos;
like((await call('GET', `/api/v1/photos/${first.id}`, 200)).never_send ?? '', /damaged/, 'each photo is shown, and stays here');
await server.stop();
doneTesting();
