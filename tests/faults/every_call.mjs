// SPDX-License-Identifier: MIT
// Runs commands of keepsake while one call after the other fails (shim.c), and looks at what is left:
//     every_call.mjs memory|io|scan [COMMAND...]
// memory and io: a few calls of each command, and what the gallery, doctor and the next run say of it; scan: the
// signals that failing allocations end the program by. KEEPSAKE_TEST_LONG=1 takes every call instead of some.
import { spawnSync } from 'node:child_process';
import {
    copyFileSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    readdirSync,
    rmSync,
    writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { png } from '../llm/pictures.mjs';
import { diag, doneTesting, is, ok } from '../tap.mjs';

const kind = process.argv[2];
const only = process.argv.slice(3);
const build = process.env.KEEPSAKE_BUILD ?? 'build/release';
const keepsake = path.resolve(process.env.KEEPSAKE ?? `${build}/bin/keepsake`);
const shim = path.resolve(`${build}/tests/faults/shim.so`);
const isLong = Boolean(process.env.KEEPSAKE_TEST_LONG);
// Calls that are tried of a command: each starts the program three times, a scan forks once.
const TRIED = isLong ? { memory: 1500, io: Infinity, scan: Infinity } : { memory: 4, io: 6, scan: 120 };
const HANGS_AFTER_MS = 1800000;

const home = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const folder = mkdtempSync(path.join(home, 'keepsake-faults-'));
const counted = `${folder}-count`;
process.on('exit', () => {
    rmSync(folder, { recursive: true, force: true });
    rmSync(counted, { force: true });
});
const at = (name) => path.join(folder, name);
const photos = at('photos');
const clean = {
    PATH: process.env.PATH,
    HOME: folder,
    LANG: 'C.UTF-8',
    KEEPSAKE_MODEL: 'mini',
    OMP_NUM_THREADS: '1',
    OMP_WAIT_POLICY: 'passive', // else the program starts itself anew, without the shim
    // What one process of a scan caches, the following ones would not do again.
    ...(kind === 'scan' ? { XDG_CACHE_HOME: '/proc/none' } : {}),
};

function run(args, environment = {}) {
    return spawnSync(keepsake, ['--gallery', at('g.db'), ...args], {
        env: { ...clean, ...environment },
        cwd: folder,
        encoding: 'utf8',
        timeout: HANGS_AFTER_MS,
        maxBuffer: 1 << 26,
    });
}

const failing = (args, environment) =>
    run(args, {
        LD_PRELOAD: shim,
        FAULT_KIND: kind === 'scan' ? 'memory' : kind,
        FAULT_BELOW: folder,
        FAULT_COUNT: counted,
        ...environment,
    });

function countCalls(args) {
    failing(args, { FAULT_AT: '0' });
    return Number(readFileSync(counted, 'utf8'));
}

// What a gallery holds, as another program reads it; times and ids are left out.
function content(file) {
    if (!existsSync(file)) return 'no gallery';
    const sql = `SELECT path, size, hex(hash), width FROM photo ORDER BY path;
        SELECT path, reason FROM failure ORDER BY path;
        SELECT hex(hash), name, x FROM label ORDER BY 1, 2;
        SELECT kind, value FROM rule ORDER BY 1, 2;
        SELECT count(*) FROM vector;`;
    const got = spawnSync('sqlite3', ['-batch', file, sql], { encoding: 'utf8' });
    return got.status === 0 ? got.stdout : `unreadable: ${got.stderr}`;
}

const first = path.join(photos, '0.png');
// begins: with a gallery, or without; writes: the gallery; makes: a further file.
const commands = {
    index: { args: ['index', '-q', photos], writes: true, starts: 'threads' },
    reindex: { args: ['index', '-q', photos], begins: true, writes: true, starts: 'threads' },
    status: { args: ['status', '--failures'], begins: true },
    search: { args: ['search', 'a dog'], begins: true },
    label: { args: ['label', first, 'Mia'], begins: true, writes: true },
    rule: { args: ['never-send', photos], begins: true, writes: true },
    ask: { args: ['ask', '--dry-run', 'what is there?'], begins: true },
    forget: { args: ['forget', path.join(photos, '1.png')], begins: true, writes: true },
    export: { args: ['export', '--force', at('e.db')], begins: true, makes: 'e.db' },
    import: { args: ['import', at('ready.db')], writes: true },
};

function begin(command) {
    for (const name of readdirSync(folder)) if (/^[ge]\.db/.test(name)) rmSync(at(name));
    if (command.begins) copyFileSync(at('ready.db'), at('g.db'));
}

const outcome = (command) =>
    content(at('g.db')) + (command.makes ? content(at(command.makes)) : '');

// What is wrong with a run during which calls failed, or nothing.
function complain(command, got, want) {
    if (got.signal || got.error) return `ended by ${got.signal ?? got.error}: ${got.stderr}`;
    if (![0, 1, 3].includes(got.status)) return `exit status ${got.status}: ${got.stderr}`;
    if (got.status === 1 && !/^keepsake: .{20}/m.test(got.stderr)) return 'no sentence';
    if (got.status === 0 && command.writes && outcome(command) !== want)
        return `exit status 0, but it left ${outcome(command)}`;
    const doctor = existsSync(at('g.db')) ? run(['doctor']) : { status: 0 };
    if (doctor.status !== 0 && !/is empty|no gallery/.test(doctor.stderr))
        return `doctor afterwards: ${doctor.stdout}${doctor.stderr}`;
    if (command.writes && outcome(command) === want) return undefined;
    const again = run(command.args);
    if (again.status !== 0) return `again: exit status ${again.status}, ${again.stderr}`;
    return outcome(command) === want ? undefined : `again: it left ${outcome(command)}`;
}

function spread(calls) {
    const step = Math.max(1, calls / TRIED[kind]);
    const list = [];
    for (let call = 1; call <= calls; call += step) list.push(Math.round(call));
    return list;
}

function failSome(name, command, calls, want, isForEver) {
    let wrong = 0;
    const tried = spread(calls);
    const manner = isForEver ? 'for ever' : 'once';
    for (const call of tried) {
        begin(command);
        const got = failing(command.args, {
            FAULT_AT: String(call),
            ...(isForEver ? { FAULT_EVER: '1' } : {}),
        });
        const complaint = complain(command, got, want);
        if (complaint) wrong += 1;
        if (complaint && wrong < 5) diag(`${name}, call ${call} of ${calls}, ${manner}: ${complaint}`);
    }
    is(wrong, 0, `${name}: ${tried.length} of ${calls} calls fail ${manner}, and nothing is lost`);
}

function scan(name, command, calls) {
    begin(command);
    const got = failing(command.args, {
        FAULT_SCAN: String(Math.max(1, Math.floor(calls / TRIED.scan))),
        ...(command.begins ? { FAULT_FROM: at('ready.db'), FAULT_TO: at('g.db') } : {}),
    });
    const found = readFileSync(counted, 'utf8').trim().split('\n');
    const end = /^end (\d+)$/.exec(found.pop());
    // Once a fork has made the gallery that import makes, there is less to do.
    if (!ok(got.status === 0 && end && Number(end[1]) > calls / 3, `${name}: scanned to its end`))
        diag(`${got.status} ${got.signal} ${end} of ${calls}`);
    is(found, [], `${name}: no failing allocation of ${calls} ends it by a signal ("CALL SIGNAL")`);
}

function testCommand(name, command) {
    begin(command);
    const done = run(command.args);
    const want = outcome(command);
    if (!ok(done.status === 0, `${name}: ends well when nothing fails`)) {
        diag(done.stderr);
        return;
    }
    begin(command);
    const calls = countCalls(command.args);
    ok(calls > 5, `${name}: makes ${calls} calls that can fail`);
    if (kind === 'scan') scan(name, command, calls);
    else for (const isForEver of [false, true]) failSome(name, command, calls, want, isForEver);
}

mkdirSync(photos, { recursive: true });
for (let i = 0; i < 4; i += 1) writeFileSync(path.join(photos, `${i}.png`), png(40 + i, 30));
run(['index', '-q', photos]);
copyFileSync(at('g.db'), at('ready.db'));
for (const [name, command] of Object.entries(commands)) {
    if (only.length && !only.includes(name)) continue;
    if (kind === 'scan' && command.starts) continue; // a fork has one thread only
    testCommand(name, command);
}
doneTesting();
