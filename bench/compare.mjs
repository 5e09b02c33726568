// SPDX-License-Identifier: MIT
// Measures two builds in turns and says what differs beyond noise; run by bench/compare:
//   node compare.mjs BASE PRESENT PHOTOS ROUNDS      two trees that are built; photos with captions.tsv
// "Beyond noise" is a difference of medians that the Mann-Whitney test finds at a level of 1 %, which takes
// five rounds at least.
import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROWS = 31783; // the size of Flickr30k
const WARM_SEARCHES = 20;
const CONCURRENT = 64;
const LEVEL = 0.01;

const [base, present, photos, roundsText] = process.argv.slice(2);
const rounds = Math.max(5, Number(roundsText));
const work = mkdtempSync(join(tmpdir(), 'keepsake-compare-'));
const token = randomBytes(32).toString('hex');
const sentences = readFileSync(join(photos, 'captions.tsv'), 'utf8')
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t')[1])
    .filter(Boolean);
let nextSentence = 0;
const sentence = () => sentences[nextSentence++ % sentences.length];

const builds = [base, present].map((tree, i) => ({
    tree,
    program: join(tree, 'build/release/bin/keepsake'),
    folder: join(work, String(i)),
    grown: join(work, `grown-${i}.db`),
}));

function runProgram(build, gallery, ...words) {
    const env = { ...process.env, HOME: build.folder, KEEPSAKE_MODEL: 'mini', XDG_CACHE_HOME: build.folder };
    const begin = process.hrtime.bigint();
    execFileSync(build.program, ['-q', '--gallery', gallery, ...words], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    return Number(process.hrtime.bigint() - begin) / 1e9;
}

const freePort = () =>
    new Promise((done) => {
        const probe = createServer().listen(0, '127.0.0.1', () => {
            const { port } = probe.address();
            probe.close(() => done(String(port)));
        });
    });

async function startServer(build) {
    const env = { ...process.env, HOME: build.folder, KEEPSAKE_MODEL: 'mini', XDG_CACHE_HOME: build.folder, KEEPSAKE_TOKEN: token };
    build.server = spawn(build.program, ['-q', '--gallery', build.grown, 'serve', '--port', await freePort()], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    for await (const piece of build.server.stdout) {
        text += piece;
        build.url = text.match(/http:\/\/[^\s/]+/)?.[0];
        if (build.url) break;
    }
    if (!build.url) throw new Error(`${build.program} serve does not start: ${text}`);
    await askServer(build);
}

async function askServer(build) {
    const reply = await fetch(`${build.url}/api/v1/search?q=${encodeURIComponent(sentence())}`, {
        headers: { Authorization: `Bearer ${token}` },
    });
    if (!reply.ok) throw new Error(`search: HTTP ${reply.status}`);
    await reply.arrayBuffer();
}

const secondsOf = async (work) => {
    const begin = process.hrtime.bigint();
    await work();
    return Number(process.hrtime.bigint() - begin) / 1e9;
};

// name, unit, and the figure of one round; less is better, except where more is.
const figures = [
    {
        name: 'index of 300 photos',
        unit: 's',
        measure: (build, round) => runProgram(build, join(build.folder, `${round}.db`), 'index', join(photos, 'images')),
    },
    {
        name: 'index, nothing changed',
        unit: 's',
        measure: (build, round) => runProgram(build, join(build.folder, `${round}.db`), 'index', join(photos, 'images')),
    },
    { name: `search by a new process, ${ROWS} photos`, unit: 's', measure: (build) => runProgram(build, build.grown, 'search', sentence()) },
    {
        name: 'search by a server',
        unit: 's',
        measure: async (build) =>
            (await secondsOf(async () => {
                for (let i = 0; i < WARM_SEARCHES; i++) await askServer(build);
            })) / WARM_SEARCHES,
    },
    {
        name: `${CONCURRENT} searches at the same time`,
        unit: '/s',
        more: true,
        measure: async (build) =>
            CONCURRENT / (await secondsOf(() => Promise.all(Array.from({ length: CONCURRENT }, () => askServer(build))))),
    },
];

const median = (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    const half = sorted.length >> 1;
    return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};

// The two-sided level of the Mann-Whitney test, by the normal approximation with its correction for continuity.
function levelOf(a, b) {
    let u = 0;
    for (const x of a) for (const y of b) u += x > y ? 1 : x === y ? 0.5 : 0;
    const mean = (a.length * b.length) / 2;
    const deviation = Math.sqrt((a.length * b.length * (a.length + b.length + 1)) / 12);
    const z = Math.max(0, Math.abs(u - mean) - 0.5) / deviation;
    // Abramowitz and Stegun 7.1.26, for erfc; its error is below 2e-7.
    const t = 1 / (1 + (0.3275911 * z) / Math.SQRT2);
    const series = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
    return series.reduce((sum, factor) => (sum + factor) * t, 0) * Math.exp((-z * z) / 2);
}

function printLine({ name, unit, more, values }) {
    const [before, after] = values.map(median);
    const change = (100 * (after - before)) / before;
    const better = more ? after > before : after < before;
    const verdict = levelOf(...values) >= LEVEL ? 'the same within noise' : better ? 'better' : 'WORSE';
    console.log(
        `  ${name.padEnd(42)} ${before.toPrecision(3)} -> ${after.toPrecision(3)} ${unit.padEnd(3)} ` +
            `${change >= 0 ? '+' : ''}${change.toFixed(1)} %  ${verdict}`,
    );
}

async function main() {
    for (const build of builds) {
        mkdirSync(build.folder);
        runProgram(build, build.grown, 'index', join(photos, 'images'));
        execFileSync(join(build.tree, 'build/release/bench/bench_grow'), [build.grown, String(ROWS)], { stdio: ['ignore', 'ignore', 'inherit'] });
        await startServer(build);
    }
    for (const figure of figures) figure.values = [[], []];
    for (let round = 0; round < rounds; round++)
        for (const figure of figures)
            for (const which of round % 2 ? [1, 0] : [0, 1]) // neither is always the second
                figure.values[which].push(await figure.measure(builds[which], round));
    figures.forEach(printLine);
}

try {
    await main();
} finally {
    for (const build of builds) build.server?.kill();
    rmSync(work, { recursive: true, force: true });
}
