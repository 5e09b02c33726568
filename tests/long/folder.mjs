// SPDX-License-Identifier: MIT
// A folder of very many photos: KEEPSAKE_FOLDER_FILES of them (make check-long: a million), some thousand where it is
// not set. All are found, a second run finds nothing to do, and memory is bounded by what is said here.
import { linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { diag, doneTesting, is, ok } from '../tap.mjs';
import { environment, makeHome, program, run, serve } from '../server/lib.mjs';

const MB = 1 << 20;
const files = Number(process.env.KEEPSAKE_FOLDER_FILES ?? 3000);
const contents = Math.max(20, Math.ceil(files / 50000)); // ext4 allows 65,000 links to a file
// What a run or a server keeps of each file (measured: about 130 bytes); the rest is model, codecs and batches.
const BYTES_A_FILE = 400;
const allowed = 300 * MB + files * BYTES_A_FILE;

function crc(data) {
    let value = 0xffffffff;
    for (const byte of data) {
        value ^= byte;
        for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
    }
    return (value ^ 0xffffffff) >>> 0;
}
function chunk(type, data) {
    const body = Buffer.concat([Buffer.from(type), data]);
    const whole = Buffer.alloc(body.length + 8);
    whole.writeUInt32BE(data.length, 0);
    body.copy(whole, 4);
    whole.writeUInt32BE(crc(body), body.length + 4);
    return whole;
}
// A grey PNG of 32 x 32 that no other seed gives.
function png(seed) {
    const head = Buffer.from([0, 0, 0, 32, 0, 0, 0, 32, 8, 0, 0, 0, 0]);
    const rows = Buffer.from(Array.from({ length: 32 * 33 }, (_, i) => (i % 33 === 0 ? 0 : (i * (seed + 3) + seed * 7) & 255)));
    return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

const home = makeHome();
const folder = join(home, 'photos');
const gallery = join(home, 'gallery.db');
mkdirSync(folder);
const sources = Array.from({ length: contents }, (_, n) => join(home, `source-${n}.png`));
sources.forEach((path, n) => writeFileSync(path, png(n)));
for (let n = 0; n < files; n++) linkSync(sources[n % contents], join(folder, `photo-${String(n).padStart(7, '0')}.png`));

// The most memory a process had, as long as it can be asked.
function peakOf(pid) {
    try {
        return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
    } catch {
        return 0;
    }
}
function index(name) {
    const begin = Date.now();
    const child = spawn(program, ['-q', '--json', '--gallery', gallery, 'index', '--no-thumbnails', folder], { env: environment(home), stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    let peak = 0;
    const timer = setInterval(() => (peak = Math.max(peak, peakOf(child.pid))), 50);
    child.stdout.on('data', (part) => (text += part));
    return new Promise((done) => child.once('close', (code) => {
        clearInterval(timer);
        const took = (Date.now() - begin) / 1000;
        diag(`${name}: ${took.toFixed(1)} s, ${Math.round(files / took)} files/s, ${Math.round(peak / MB)} MB at most`);
        ok(peak < allowed, `${name}: memory within ${Math.round(allowed / MB)} MB`);
        done({ code, report: JSON.parse(text || '{}') });
    }));
}

const first = await index('a first run');
is([first.code, first.report.found], [0, files], `${files} files in one folder`);
is(first.report.added + first.report.copied, files, 'all are taken in');
ok(first.report.decoded <= 4 * contents, `each content is decoded once or, by threads at the same time, a few times: ${first.report.decoded}`);
const second = await index('a second run');
is([second.code, second.report.unchanged], [0, files], 'finds nothing to do');

const server = await serve({ home, gallery });
const timed = async (path) => {
    const begin = Date.now();
    const reply = await server.get(path);
    diag(`${path}: ${Date.now() - begin} ms`);
    return reply;
};
is((await timed('/api/v1/status')).json.photos, files, 'a server of them');
is((await timed('/api/v1/photos?limit=100')).json.photos.length, 100, 'lists a page');
is((await timed('/api/v1/search?q=a+dog&limit=20')).json.results.length, 20, 'searches them for the first time');
is((await timed('/api/v1/search?q=a+cat&limit=20')).json.results.length, 20, 'and again');
const peak = peakOf(server.child.pid);
ok(peak < allowed, `with ${Math.round(peak / MB)} MB at most`);
is(await server.stop(), 0, 'and ends well');
is(run(home, ['-q', '--gallery', gallery, 'doctor']).status, 0, 'the gallery is sound');
doneTesting();
