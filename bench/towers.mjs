/* The measuring half of bench/towers: node bench/towers.mjs WORK_FOLDER ROUNDS */
import { spawn } from "node:child_process";
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
const pause = 200;

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
    const options = { intraOpNumThreads: threads, interOpNumThreads: 1, graphOptimizationLevel: "all" };
    const session = await ort.InferenceSession.create(`${work}/onnx/vision.onnx`, options);
    const pixels = (n) =>
        new ort.Tensor("float32", Float32Array.from({ length: n * 3 * 224 * 224 },
            (_, i) => (i * 2654435761 % 1000) / 500 - 1), [n, 3, 224, 224]);
    const inputs = Object.fromEntries(batches.map((n) => [n, pixels(n)]));
    return async (n) => {
        const seconds = [];
        for (let i = -1; i < runs[n]; i++) {
            const start = process.hrtime.bigint();
            await session.run({ pixels: inputs[n] });
            if (i >= 0) seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
        }
        return { seconds: median(seconds) };
    };
}

const keepsake = startKeepsake();
const runOrt = await startOrt();
const measured = new Map(); /* name -> answers, one each round */
async function measure(name, run) {
    if (!measured.has(name)) measured.set(name, []);
    measured.get(name).push(await run());
    await sleep(pause);
}

let bf16 = true;
try {
    bf16 = /avx512_bf16|amx_bf16/.test((await import("node:fs")).readFileSync("/proc/cpuinfo", "utf8"));
} catch { /* another system: try */ }
const precisions = bf16 ? ["f32", "bf16"] : ["f32"];
for (let round = 0; round < rounds; round++) {
    for (const precision of precisions)
        await measure(`peak ${precision}`, () => keepsake.ask(`peak ${precision} 2048 3`));
    for (const n of batches) {
        await measure(`ort ${n}`, () => runOrt(n));
        for (const precision of precisions)
            await measure(`${precision} ${n}`, () => keepsake.ask(`vision ${precision} ${n} ${runs[n]}`));
    }
    for (const precision of precisions)
        await measure(`text ${precision}`, () => keepsake.ask(`text ${precision} 5 9`));
}
keepsake.end();

const seconds = (name) => median(measured.get(name).map((answer) => answer.seconds));
const gflops = (name) => measured.get(name)[0].gflop / seconds(name);
const column = (value, width) => String(value).padStart(width);
console.log(`ViT-B/32 image tower, random weights; ${cpus()[0].model}, ${threads} threads; ` +
            `medians of ${rounds} interleaved rounds`);
console.log(`one photo: ${measured.get("f32 1")[0].gflop.toFixed(2)} GFLOP as computed by keepsake ` +
            "(8.82 with the whole last layer, as ONNX Runtime computes it)");
console.log("batch  engine               ms   photos/s  against ORT  GFLOP/s  of square product");
for (const n of batches) {
    const ortSeconds = seconds(`ort ${n}`);
    const row = (label, time, rest) =>
        console.log(`${column(n, 5)}  ${label.padEnd(15)}${column((1e3 * time).toFixed(2), 8)}` +
                    `${column((n / time).toFixed(1), 11)}${column((ortSeconds / time).toFixed(2), 13)}${rest}`);
    row("ONNX Runtime", ortSeconds, "");
    for (const precision of precisions) {
        const name = `${precision} ${n}`, share = gflops(name) / gflops(`peak ${precision}`);
        row(`keepsake ${precision}`, seconds(name),
            `${column(gflops(name).toFixed(0), 9)}${column((100 * share).toFixed(0) + " %", 19)}`);
    }
}
for (const precision of precisions)
    console.log(`${precision}: square product of 2048: ${gflops(`peak ${precision}`).toFixed(0)} GFLOP/s; ` +
                `a text of 5 words: ${(1e3 * seconds(`text ${precision}`)).toFixed(2)} ms`);
