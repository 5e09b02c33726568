// SPDX-License-Identifier: MIT
// The server, and a question that is sent, while one call of the file system after the other fails (shim.c):
// nothing that was acknowledged is lost, and nothing leaves that the ledger does not tell.
// KEEPSAKE_TEST_LONG=1 takes every call instead of some.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { png } from '../llm/pictures.mjs';
import { start } from '../llm/start.mjs';
import { makeHome, run, serve } from '../server/lib.mjs';
import { diag, doneTesting, is, ok } from '../tap.mjs';

const build = process.env.KEEPSAKE_BUILD ?? 'build/release';
const shim = path.resolve(`${build}/tests/faults/shim.so`);
const TRIED = process.env.KEEPSAKE_TEST_LONG ? Infinity : 6;

const home = makeHome();
const at = (name) => path.join(home, name);
const photo = at('photos/0.png');
const gallery = at('g.db');
const counted = at('count');
const environment = { KEEPSAKE_MODEL: 'mini', OMP_NUM_THREADS: '1', OMP_WAIT_POLICY: 'passive' };
// Only the gallery's files: a server opens others when it likes.
const faults = (call, isForEver) => ({
    ...environment,
    LD_PRELOAD: shim,
    FAULT_KIND: 'io',
    FAULT_AT: String(call),
    FAULT_BELOW: gallery,
    FAULT_COUNT: counted,
    ...(isForEver ? { FAULT_EVER: '1' } : {}),
});

function begin() {
    for (const ending of ['', '-wal', '-shm', '-journal', '.thumbs', '.thumbs-wal', '.thumbs-shm'])
        rmSync(gallery + ending, { force: true });
    copyFileSync(at('ready.db'), gallery);
}

const sql = (text) => spawnSync('sqlite3', ['-batch', gallery, text], { encoding: 'utf8' }).stdout.trim();
const doctor = () => run(home, ['--gallery', gallery, 'doctor'], environment);

function spread(calls) {
    const step = Math.max(1, calls / TRIED);
    const list = [];
    for (let call = 1; call <= calls; call += step) list.push(Math.round(call));
    return list;
}

// Labels a photo, searches and ends; what was acknowledged, and how it ended.
async function useServer(env) {
    begin();
    let server;
    try {
        server = await serve({ home, gallery, env });
    } catch (error) {
        return { refused: error.message, acknowledged: [] };
    }
    const acknowledged = [];
    const asked = async (name, call) => {
        const reply = await call.catch((error) => ({ status: error.message }));
        if (reply.status === 201) acknowledged.push(name);
    };
    const id = Number(sql('SELECT min(id) FROM photo'));
    await asked('label', server.post('/api/v1/labels', { photo: id, name: 'Mia' }));
    await asked('rule', server.post('/api/v1/never-send', { kind: 'folder', value: at('photos') }));
    await asked('search', server.get('/api/v1/search?q=dog'));
    await asked('photos', server.get('/api/v1/photos'));
    return { acknowledged, end: await server.stop(), errors: server.errors };
}

function judgeServer(done) {
    if (done.refused && !/keepsake: .{20}/.test(done.refused)) return `no sentence: ${done.refused}`;
    if (done.end !== undefined && done.end !== 0 && done.end !== 1) return `ended by ${done.end}: ${done.errors}`;
    if (done.acknowledged.includes('label') && sql("SELECT name FROM label WHERE name = 'Mia'") !== 'Mia')
        return 'an acknowledged label is gone';
    if (done.acknowledged.includes('rule') && sql('SELECT count(*) FROM rule') !== '1')
        return 'an acknowledged rule is gone';
    const found = doctor();
    return found.status === 0 ? undefined : `doctor afterwards: ${found.stdout}${found.stderr}`;
}

const standIn = await start();
const segment = 'plain';

async function askQuestion(env) {
    begin();
    await standIn.reset();
    const done = run(home, ['--gallery', gallery, 'ask', '--yes', '-q', '--include-weak', 'what is there?'], {
        ...env,
        ANTHROPIC_API_KEY: 'sk-ant-stand-in',
        ANTHROPIC_BASE_URL: standIn.url(segment),
    });
    const requests = (await standIn.log(segment)).length;
    return { ...done, requests };
}

function judgeQuestion(done) {
    if (done.signal) return `ended by ${done.signal}: ${done.stderr}`;
    if (done.status !== 0 && !/^keepsake: .{20}/m.test(done.stderr)) return `status ${done.status} without a sentence`;
    const told = Number(sql("SELECT count(*) FROM ledger WHERE event = 'sent'"));
    if (done.requests > told) return `${done.requests} requests left, the ledger tells ${told}`;
    const found = doctor();
    return found.status === 0 ? undefined : `doctor afterwards: ${found.stdout}${found.stderr}`;
}

async function failCalls(name, use, judge) {
    const undisturbed = await use(faults(0, false));
    const calls = existsSync(counted) ? Number(readFileSync(counted, 'utf8')) : 0;
    is(judge(undisturbed), undefined, `${name}: ends well when nothing fails`);
    ok(calls > 5, `${name}: makes ${calls} calls that can fail`);
    for (const isForEver of [false, true]) {
        let wrong = 0;
        const tried = spread(calls);
        for (const call of tried) {
            const complaint = judge(await use(faults(call, isForEver)));
            if (complaint) wrong += 1;
            if (complaint && wrong < 5) diag(`${name}, call ${call} of ${calls}, ${isForEver ? 'for ever' : 'once'}: ${complaint}`);
        }
        is(wrong, 0, `${name}: ${tried.length} of ${calls} calls fail ${isForEver ? 'for ever' : 'once'}`);
    }
    return undisturbed;
}

mkdirSync(at('photos'), { recursive: true });
writeFileSync(photo, png(40, 30));
writeFileSync(at('photos/1.png'), png(41, 30));
run(home, ['--gallery', gallery, 'index', '-q', at('photos')], environment);
copyFileSync(gallery, at('ready.db'));

const served = await failCalls('serve', useServer, judgeServer);
is(served.acknowledged, ['label', 'rule'], 'serve: a label and a rule are acknowledged');
const answered = await failCalls('ask', askQuestion, judgeQuestion);
if (!is([answered.status, answered.requests], [0, 1], 'ask: a question is sent')) diag(answered.stdout + answered.stderr);
await standIn.stop();
doneTesting();
