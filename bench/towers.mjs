// SPDX-License-Identifier: MIT
/* The measuring half of bench/towers: node bench/towers.mjs WORK_FOLDER ROUNDS */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const [work, rounds] = [resolve(process.argv[2]), Number(process.argv[3])];
const ort = createRequire(`${work}/ort/`)("onnxruntime-node");
const threads = cpus().length;
const batches = [1, 16];
const runs = { 1: 9, 16: 3 };
/* Both libraries' threads wait actively for a while after work: give the next one free cores. */
const pauseMs = 200;
const bf16 = /avx512_bf16|amx_bf16/.test(readFileSync("/proc/cpuinfo", "utf8"));
const precisions = bf16 ? ["f32", "bf16"] : ["f32"];

const median = (values) => values.slice().sort((a, b) => a - b)[Math.floor(values.length / 2)];

function startKeepsake() {
    const child = spawn("build/release/bench/bench_towers", [`${work}/b32`],
                        { stdio: ["pipe", "pipe", "inherit"] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return {
        async ask(request) {
            child.stdin.write(request + "\n");
            const { value, done } = await lines.next();
            if (done) throw new Error(`bench_towers ended at: ${request}`);
            return JSON.parse(value);
        },
        end: () => child.stdin.end(),
    };
}

async function startOrt() {
    const session = await ort.InferenceSession.create(`${work}/onnx/vision.onnx`, {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        graphOptimizationLevel: "all",
    });
    const value = (_, i) => (i * 2654435761 % 1000) / 500 - 1;
    const pixels = (n) =>
        new ort.Tensor("float32", Float32Array.from({ length: n * 3 * 224 * 224 }, value),
                       [n, 3, 224, 224]);
    const inputs = Object.fromEntries(batches.map((n) => [n, pixels(n)]));
    return async (n) => {
        const seconds = [];
        for (let i = -1; i < runs[n]; i++) {
            const start = process.hrtime.bigint();
            await session.run({ pixels: inputs[n] });
            if (i >= 0) seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
        }
        return { median: median(seconds), best: Math.min(...seconds) };
    };
}

const measured = new Map(); /* name -> answers, one each round */

async function measure(name, run) {
    if (!measured.has(name)) measured.set(name, []);
    measured.get(name).push(await run());
    await sleep(pauseMs);
}

const keepsake = startKeepsake();
const runOrt = await startOrt();
for (let round = 0; round < rounds; round++) {
    for (const type of precisions)
        await measure(`peak ${type}`, () => keepsake.ask(`peak ${type} 2048 3`));
    for (const n of batches) {
        await measure(`ort ${n}`, () => runOrt(n));
        for (const type of precisions)
            await measure(`${type} ${n}`, () => keepsake.ask(`vision ${type} ${n} ${runs[n]}`));
    }
    for (const type of precisions)
        await measure(`text ${type}`, () => keepsake.ask(`text ${type} 5 9`));
}
keepsake.end();

/* kind "median": of the rounds' medians; "best": of all runs. */
function seconds(name, kind) {
    const values = measured.get(name).map((answer) => answer[kind]);
    return kind === "best" ? Math.min(...values) : median(values);
}
const gflop = (name) => measured.get(name)[0].gflop;
const rate = (name, kind) => gflop(name) / seconds(name, kind);

function printTable(kind) {
    const row = (...cells) =>
        console.log(cells.map((cell, i) => i === 1 ? cell.padEnd(14) : cell.padStart(12)).join(""));
    console.log(kind === "best" ? "\nbest of all runs" : `\nmedians of ${rounds} rounds`);
    row("batch ", "engine", "ms", "photos/s", "against ORT", "GFLOP/s", "of the peak");
    for (const n of batches) {
        const ort = seconds(`ort ${n}`, kind);
        const start = (name, time) => [`${n} `, name, (1e3 * time).toFixed(2),
                                       (n / time).toFixed(1), (ort / time).toFixed(2)];
        row(...start("ONNX Runtime", ort));
        for (const type of precisions) {
            const name = `${type} ${n}`;
            const share = rate(name, kind) / rate(`peak ${type}`, kind);
            row(...start(`keepsake ${type}`, seconds(name, kind)), rate(name, kind).toFixed(0),
                `${(100 * share).toFixed(0)} %`);
        }
    }
    for (const type of precisions)
        console.log(`${type}: peak (a square product of 2048) ` +
                    `${rate(`peak ${type}`, kind).toFixed(0)} GFLOP/s; ` +
                    `a text of 5 words ${(1e3 * seconds(`text ${type}`, kind)).toFixed(2)} ms`);
}

console.log(`ViT-B/32 image tower, random weights; ${cpus()[0].model}, ${threads} threads; ` +
            "engines take turns");
console.log(`a photo: ${gflop("f32 1").toFixed(2)} GFLOP as keepsake computes it; ` +
            "8.82 with the whole last layer, as ONNX Runtime does");
printTable("median");
printTable("best");
