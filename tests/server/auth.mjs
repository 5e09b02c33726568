// SPDX-License-Identifier: MIT
// Passwords, tokens, sessions, and what needs them.
import { spawn, spawnSync } from 'node:child_process';
import {
    chmodSync, chownSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, symlinkSync,
    writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { doneTesting, is, like, ok, skip } from '../tap.mjs';
import { until } from '../wait.mjs';
import { copyPhotos, environment, freePort, makeHome, program, run, serve } from './lib.mjs';

const PASSWORD = 'correct horse battery';
const TOKEN = '0123456789abcdef0123456789abcdef';
const home = makeHome();
const gallery = join(home, 'gallery.db');
run(home, ['-q', '--gallery', gallery, 'index', copyPhotos(home, 2)]);
const start = (args, more) => run(home, ['--gallery', gallery, 'serve', '--port', '9', ...args], more);

// ---- what needs a secret ----
const open = start(['--bind', '0.0.0.0']);
is(open.status, 1, 'all addresses without a secret: refused');
like(open.stderr, /0\.0\.0\.0 is reachable from other machines.*--set-password/, 'with the way out');
like(start(['--bind', '192.0.2.1']).stderr, /is reachable from other machines/, 'any other address, too');
like(start(['--host-name', 'photos.example']).stderr, /a server with a host name is reachable.*--set-password/, 'and a name');
like(start(['--bind', 'localhost']).stderr, /invalid address|is reachable from other machines/, 'a name is no address');

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
like(start([]).stderr, /serve\.password: other users can read it; run chmod 600/, 'a hash that others can read is refused');
chmodSync(file, 0o600);
writeFileSync(file, 'noise\n');
like(start([]).stderr, /contains no password hash.*--set-password/, 'noise is no hash');
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
const server = await serve({ home, secrets: false, args: ['--token-file', tokenFile] });
is(server.address, `http://127.0.0.1:${server.port}/`, 'a token that was given is not printed');
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
like(cookie, /^keepsake_session_\d+=[0-9a-f]{64}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/, 'the cookie: HttpOnly, SameSite=Strict');
const withCookie = (value) => ({ headers: { Cookie: value } });
const session = cookie.split(';')[0];
is((await server.get('/api/v1/status', withCookie(session))).status, 200, 'it opens');
is((await server.get('/api/v1/status', withCookie(`a=b; ${session}; c=d`))).status, 200, 'among others');
is((await server.get('/api/v1/status', withCookie(`${session.slice(0, -1)}`))).status, 401, 'not when it is cut');
is((await server.get('/api/v1/status', withCookie(session.replace(/.$/, 'x')))).status, 401, 'not another');
is((await server.get('/api/v1/status', withCookie(`keepsake_session_${server.port}=${'a'.repeat(5000)}`))).status, 401, 'not an endless one');
like((await signIn(PASSWORD, { headers: { Origin: `https://127.0.0.1:${server.port}` } })).headers['set-cookie'][0], /; Secure$/, 'over TLS: only over TLS');
is((await signIn(TOKEN)).status, 204, 'the token signs in, too');
const other = (await signIn(PASSWORD)).headers['set-cookie'][0].split(';')[0];
ok(other !== session, 'each session has a name of its own');
const left = await server.call('DELETE', '/api/v1/session', withCookie(session));
like(left.headers['set-cookie'][0], /^keepsake_session_\d+=; .*Max-Age=0/, 'signing out removes the cookie');
is(left.headers['clear-site-data'], '"cache"', 'and the pictures that the browser keeps');
is((await server.get('/api/v1/status', withCookie(session))).status, 401, 'and ends the session');
is((await server.get('/api/v1/status', withCookie(other))).status, 200, 'but no other');

// ---- guessing ----
const statuses = [];
for (let n = 0; n < 7; n++) statuses.push((await signIn(`guess number ${n}`)).status);
is(statuses, [403, 403, 403, 403, 403, 429, 429], 'five guesses are answered at once, further ones later');
const late = await signIn('another guess');
is([late.status, Number(late.headers['retry-after']) > 0], [429, true], 'with how long the next one takes');
is((await signIn(PASSWORD)).status, 204, 'the right password passes, however many wrong ones there were');
const crowd = await Promise.all(Array.from({ length: 30 }, (_, n) => signIn(`guess ${n} of a crowd`, { localAddress: '127.0.0.2' })));
const [tried, told] = [403, 429].map((status) => crowd.filter((reply) => reply.status === status).length);
ok(tried >= 1 && tried <= 6 && tried + told === 30, `of thirty at once from elsewhere ${tried} are tried, the others told to come again`);
let answered = 0;
const flood = Array.from({ length: 30 }, (_, n) => signIn(`guess ${n} of a flood`, { localAddress: '127.0.0.3' }).then(() => (answered += 1)));
await until(() => answered >= 26); // those that are left have their places: none pushes out the next one
const among = signIn(PASSWORD, { localAddress: '127.0.0.3' });
is((await signIn(TOKEN)).status, 204, 'the token signs in meanwhile');
is((await among).status, 204, 'and the right password, sent after them from the same place, is not lost among them');
await Promise.all(flood);
is((await server.get('/api/v1/status', bearer(TOKEN))).status, 200, 'and opens');

const line = readFileSync(`/proc/${server.child.pid}/cmdline`, 'utf8');
is(await server.stop(), 0, 'and the server ends well');
ok(![PASSWORD, TOKEN, session.split('=')[1]].some((s) => server.errors.includes(s)), 'no secret was printed');
ok(!line.includes(TOKEN), 'nor is one on the command line');

// ---- files of secrets ----
renameSync(tokenFile, `${tokenFile}.real`);
symlinkSync(`${tokenFile}.real`, tokenFile);
chmodSync(`${tokenFile}.real`, 0o644);
like(start(['--token-file', tokenFile]).stderr, /other users can read it/, 'what is behind a link is looked at');
chmodSync(`${tokenFile}.real`, 0o600);
if (process.getuid() === 0) {
    chownSync(`${tokenFile}.real`, 12345, 12345);
    like(start(['--token-file', tokenFile]).stderr, /belongs to another user/, "another user's file is refused");
} else skip('the file of another user', 'only root can make one');
is(spawnSync('mkfifo', ['-m', '600', join(home, 'pipe')]).status, 0, 'a pipe');
like(start(['--token-file', join(home, 'pipe')]).stderr, /is not a file/, 'does not hold the start up');

// ---- no secret was given: the server makes a token ----
rmSync(file);
const own = await serve({ home, secrets: false });
const made = join(home, 'data/keepsake/serve.token');
const ownToken = readFileSync(made, 'utf8').trim();
is(statSync(made).mode & 0o777, 0o600, 'kept for the owner only');
like(ownToken, /^[0-9a-f]{64}$/, '32 random bytes');
is(own.address, `http://127.0.0.1:${own.port}/?token=${ownToken}`, 'the address that is printed carries it');
is((await own.get('/api/v1/status')).status, 401, 'no program without it');
is((await own.get('/api/v1/photos/1/original')).status, 401, 'sees a photo');
is((await own.get('/api/v1/status', bearer(ownToken))).status, 200, 'scripts send it');
const arrival = await own.get(`/?token=${ownToken}&q=two%20dogs&label=M%C3%BCller`);
is([arrival.status, arrival.headers.location, arrival.body], [303, '/?q=two%20dogs&label=M%C3%BCller', ''], 'the address leads on to one without it');
is([arrival.headers['cache-control'], arrival.headers['referrer-policy']], ['no-store', 'no-referrer'], 'and nothing remembers it');
const ownCookie = arrival.headers['set-cookie'][0];
like(ownCookie, /^keepsake_session_\d+=[0-9a-f]{64}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/, 'with a session');
is((await own.get('/api/v1/status', withCookie(ownCookie.split(';')[0]))).status, 200, 'that opens');
const stray = await own.get('/?token=wrong&q=x');
is([stray.status, stray.headers.location, stray.headers['set-cookie']], [303, '/?q=x', undefined], 'a wrong one opens nothing');
is((await own.get(`/api/v1/status?token=${ownToken}`)).status, 401, 'it is good for the page alone');
is(await own.stop(), 0, 'it ends');
ok(!own.errors.includes(ownToken), 'and wrote the token nowhere else');
const next = await serve({ home, secrets: false });
is(next.address, `http://127.0.0.1:${next.port}/?token=${ownToken}`, 'the next start has the same');
await next.stop();
chmodSync(made, 0o644);
like(start([]).stderr, /serve\.token: other users can read it/, 'a token that others can read is refused');
rmSync(made);

// Where its output is kept, as in a file, the token is not.
const log = join(home, 'serve.log');
const logged = openSync(log, 'w');
const child = spawn(program, ['--gallery', gallery, 'serve', '--port', String(await freePort())], { env: environment(home), stdio: ['ignore', logged, 'pipe'] });
let said = '';
child.stderr.on('data', (text) => (said += text));
await until(() => said.includes('serve.token'));
like(readFileSync(log, 'utf8'), /^http:\/\/127\.0\.0\.1:\d+\/\n$/, 'not in a log');
like(said, /sign in with the token in .*serve\.token; programs also need it/, 'but where it is');
child.kill('SIGTERM');
await new Promise((done) => child.once('exit', done));

// ---- --no-auth ----
like(start(['--no-auth', '--bind', '0.0.0.0']).stderr, /cannot use --no-auth: other machines can reach this server/, 'not for others');
like(start(['--no-auth', '--trusted-proxy', '127.0.0.1']).stderr, /cannot use --no-auth: other machines can reach this server/, 'nor by a proxy');
const open_ = await serve({ home, secrets: false, args: ['--no-auth'], env: { ANTHROPIC_API_KEY: 'sk-ant-not-a-key' } });
like(open_.errors, /--no-auth: every user and program of this machine can see and search all photos/, 'says what it undoes');
is((await open_.get('/api/v1/photos/1/original')).status, 200, 'everybody sees photos');
is((await open_.post('/api/v1/labels', { photo: 1, name: 'x' })).status, 201, 'and names them');
const rule = { kind: 'label', value: 'Mia' };
for (const [name, reply] of [
    ['a rule', await open_.post('/api/v1/never-send', rule)],
    ['its end', await open_.call('DELETE', '/api/v1/never-send?kind=label&value=Mia')],
    ['a question', await open_.post('/api/v1/ask', { question: 'What is this?' })],
]) {
    is([reply.status, reply.json?.code], [403, 'owner_only'], `${name} needs the owner`);
    like(reply.json.detail, /Authorization: Bearer TOKEN/, 'and how');
}
const token2 = readFileSync(made, 'utf8').trim();
is((await open_.post('/api/v1/never-send', rule, bearer(token2))).status, 201, 'who has the token may');
is((await open_.call('DELETE', '/api/v1/never-send?kind=label&value=Mia', bearer(token2))).status, 204, 'both ways');
await open_.stop();

// ---- --open ----
const bin = join(home, 'bin');
mkdirSync(bin);
const seen = join(home, 'seen');
writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\ncat "$1" >${seen}.part; stat -c %a "$1" >>${seen}.part; echo "$@" >>${seen}.part; mv ${seen}.part ${seen}\n`, { mode: 0o755 });
const opening = await serve({ home, secrets: false, args: ['--open'], env: { PATH: `${bin}:${process.env.PATH}` } });
ok(await until(() => existsSync(seen)), 'the browser is started');
const shown = readFileSync(seen, 'utf8');
like(shown, new RegExp(`url=http://127\\.0\\.0\\.1:${opening.port}/\\?token=${token2}"`), 'with a file that leads to the address');
like(shown, /\n600\n/, 'which is for the owner only');
ok(!shown.slice(shown.indexOf('\n600\n')).includes(token2), 'the command line has no token');
const children = () => readFileSync(`/proc/${opening.child.pid}/task/${opening.child.pid}/children`, 'utf8');
ok(await until(() => children() === ''), 'and no process is left');
await opening.stop();
ok(!existsSync(shown.trim().split('\n').at(-1)), 'nor the file');
doneTesting();
