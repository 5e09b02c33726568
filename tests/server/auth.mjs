// Passwords, tokens, sessions, and what needs them.
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { doneTesting, is, like, ok } from '../tap.mjs';
import { copyPhotos, makeHome, run, serve } from './lib.mjs';

const PASSWORD = 'correct horse battery';
const TOKEN = '0123456789abcdef0123456789abcdef';
const home = makeHome();
const gallery = join(home, 'gallery.db');
run(home, ['-q', '--gallery', gallery, 'index', copyPhotos(home, 2)]);
const start = (args, more) => run(home, ['--gallery', gallery, 'serve', '--port', '9', ...args], more);

// ---- what needs a secret ----
const open = start(['--bind', '0.0.0.0']);
is(open.status, 1, 'all addresses without a secret: refused');
like(open.stderr, /0\.0\.0\.0 can be reached by others.*--set-password/, 'with the way out');
like(start(['--bind', '192.0.2.1']).stderr, /can be reached by others/, 'any other address, too');
like(start(['--host-name', 'photos.example']).stderr, /name of its own.*--set-password/, 'and a name');
like(start(['--bind', 'localhost']).stderr, /not an address|can be reached/, 'a name is no address');

// ---- setting it ----
const set = (password) => run(home, ['serve', '--set-password'], { input: `${password}\n` });
const file = join(home, 'config/keepsake/serve.password');
is(set('short').status, 1, 'a short password is refused');
like(set('short').stderr, /8 to 1000/, 'and it says what would do');
ok(!existsSync(file), 'nothing was written');
const done = set(PASSWORD);
is([done.status, done.stdout], [0, ''], 'a password is set');
const hash = readFileSync(file, 'utf8');
like(hash, /^\$argon2id\$v=19\$m=65536,t=2,p=1\$\S+\n$/, 'its Argon2id hash is kept');
is(statSync(file).mode & 0o777, 0o600, 'for the owner only');
ok(!(hash + done.stderr).includes(PASSWORD), 'and the password nowhere');
chmodSync(file, 0o644);
like(start([]).stderr, /others can read .*serve\.password: chmod 600/, 'a hash that others can read is refused');
chmodSync(file, 0o600);
writeFileSync(file, 'noise\n');
like(start([]).stderr, /holds no password.*--set-password/, 'noise is no hash');
writeFileSync(file, hash);

// ---- tokens ----
const tokenFile = join(home, 'token');
writeFileSync(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
like(start(['--token-file', join(home, 'none')]).stderr, /none/, 'a token file that is not there');
chmodSync(tokenFile, 0o640);
like(start(['--token-file', tokenFile]).stderr, /chmod 600/, 'one that others can read');
chmodSync(tokenFile, 0o600);
like(start([], { KEEPSAKE_TOKEN: 'short' }).stderr, /openssl rand -hex 32/, 'a short token');
like(start([], { KEEPSAKE_TOKEN: 'a b'.repeat(20) }).stderr, /characters other than/, 'one with blanks');

// ---- asking for it ----
const server = await serve({ home, args: ['--token-file', tokenFile] });
const guarded = ['/api/v1/status', '/api/v1/search?q=x', '/api/v1/photos/1/original', '/metrics', '/api/v1/openapi.json'];
for (const path of guarded) {
    const reply = await server.get(path);
    is([reply.status, reply.headers['www-authenticate'], reply.json?.code], [401, 'Bearer', 'sign_in'], `${path} wants a secret`);
}
is((await server.post('/api/v1/labels', { photo: 1, name: 'x' })).status, 401, 'so does writing');
is((await server.get('/healthz')).status, 200, 'health is open');
is((await server.get('/')).status, 200, 'so is the page, which has nothing of the gallery');
is((await server.get('/api/v1/session')).json, { required: true, signed_in: false }, 'and the question who one is');

const bearer = (token) => ({ headers: { Authorization: `Bearer ${token}` } });
is((await server.get('/api/v1/status', bearer(TOKEN))).status, 200, 'the token opens');
is((await server.get('/api/v1/session', bearer(TOKEN))).json.signed_in, true, 'and says so');
for (const bad of [`${TOKEN}0`, TOKEN.slice(1), TOKEN.toUpperCase(), '', PASSWORD, hash.trim()])
    is((await server.get('/api/v1/status', bearer(bad))).status, 401, `not '${bad.slice(0, 20)}'`);
is((await server.get('/api/v1/status', { headers: { Authorization: `Basic ${TOKEN}` } })).status, 401, 'not as Basic');
is((await server.get(`/api/v1/status?token=${TOKEN}`)).status, 401, 'not in an address');

// ---- sessions ----
const signIn = (password, more) => server.post('/api/v1/session', { password }, more);
const opened = await signIn(PASSWORD);
is(opened.status, 204, 'the password signs in');
const cookie = opened.headers['set-cookie'][0];
like(cookie, /^keepsake_session=[0-9a-f]{64}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/, 'the cookie: HttpOnly, SameSite=Strict');
const withCookie = (value) => ({ headers: { Cookie: value } });
const session = cookie.split(';')[0];
is((await server.get('/api/v1/status', withCookie(session))).status, 200, 'it opens');
is((await server.get('/api/v1/status', withCookie(`a=b; ${session}; c=d`))).status, 200, 'among others');
is((await server.get('/api/v1/status', withCookie(`${session.slice(0, -1)}`))).status, 401, 'not when it is cut');
is((await server.get('/api/v1/status', withCookie(session.replace(/.$/, 'x')))).status, 401, 'not another');
is((await server.get('/api/v1/status', withCookie(`keepsake_session=${'a'.repeat(5000)}`))).status, 401, 'not an endless one');
like((await signIn(PASSWORD, { headers: { Origin: `https://127.0.0.1:${server.port}` } })).headers['set-cookie'][0], /; Secure$/, 'over TLS: only over TLS');
is((await signIn(TOKEN)).status, 204, 'the token signs in, too');
const other = (await signIn(PASSWORD)).headers['set-cookie'][0].split(';')[0];
ok(other !== session, 'each session has a name of its own');
const left = await server.call('DELETE', '/api/v1/session', withCookie(session));
like(left.headers['set-cookie'][0], /^keepsake_session=; .*Max-Age=0/, 'signing out removes the cookie');
is((await server.get('/api/v1/status', withCookie(session))).status, 401, 'and ends the session');
is((await server.get('/api/v1/status', withCookie(other))).status, 200, 'but no other');

// ---- guessing ----
const statuses = [];
for (let n = 0; n < 7; n++) statuses.push((await signIn(`guess number ${n}`)).status);
is(statuses, [403, 403, 403, 403, 403, 429, 429], 'five guesses, then a pause');
const paused = await signIn(PASSWORD);
is(paused.status, 429, 'also for the right one');
ok(Number(paused.headers['retry-after']) > 0, 'with how long');
is((await server.get('/api/v1/status', bearer(TOKEN))).status, 200, 'the token still opens');

const line = readFileSync(`/proc/${server.child.pid}/cmdline`, 'utf8');
is(await server.stop(), 0, 'and the server ends well');
ok(![PASSWORD, TOKEN, session.split('=')[1]].some((s) => server.errors.includes(s)), 'no secret was printed');
ok(!line.includes(TOKEN), 'nor is one on the command line');
doneTesting();
