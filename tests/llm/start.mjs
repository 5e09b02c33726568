// SPDX-License-Identifier: MIT
// Starts the stand-in for a test.
//
//   const standIn = await start();
//   standIn.url('plain,chunk=1')          its base address for that scenario
//   await standIn.log('plain,chunk=1')    what was asked there
//   await standIn.letGo('plain,hold=1')   a reply that is held goes on
//   standIn.stop();
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('stand_in.mjs', import.meta.url));

export async function start() {
    const child = spawn(process.execPath, [PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [first] = await Promise.race([
        new Promise((resolve) => child.stdout.once('data', (data) => resolve([data]))),
        new Promise((_, reject) =>
            child.once('exit', () => reject(new Error('the stand-in ended'))),
        ),
    ]);
    const port = /^PORT (\d+)/.exec(first)[1];
    const root = `http://127.0.0.1:${port}`;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    return {
        root,
        url: (segment) => `${root}/${segment}`,
        async log(segment, query = '') {
            const reply = await fetch(
                `${root}/_log?segment=${encodeURIComponent(segment)}${query}`,
            );
            return reply.json();
        },
        letGo: (segment) => fetch(`${root}/_go?segment=${encodeURIComponent(segment)}`),
        reset: () => fetch(`${root}/_reset`),
        kill: (signal) => child.kill(signal),
        exited,
        stop() {
            child.stdin.end();
            return exited;
        },
    };
}
