// SPDX-License-Identifier: MIT
// Test Anything Protocol for node scripts, as tap.h is for C programs.
import { readFileSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

let count = 0;
let failed = 0;
// A line stands alone: it begins with the name of the test's file and the title of its section or function, and a name such
// as "and says so" follows the name that it continues. tap.h and cli/lib.sh have the same list of words.
const file = basename(process.argv[1] ?? '').replace(/\.\w+$/, '');
let subject = '';
const main = process.argv[1] ? realpathSync(process.argv[1]) : '';
const sections = [];
if (main)
    for (const [index, text] of readFileSync(main, 'utf8').split('\n').entries()) {
        const title = /^\/\/ ---- (.+) ----$/.exec(text)?.[1];
        if (title) sections.push({ line: index + 1, title });
    }

// The name after the title of the section of the test's file that the current check is in or, where the file has no
// sections, after the name of its function: "async function wrongHosts" gives "wrong hosts".
function titled(name) {
    const frames = new Error().stack.split('\n').filter((each) => each.includes(`${main}:`));
    const line = Number(/:(\d+):\d+\)?$/.exec(frames.at(-1) ?? '')?.[1] ?? 0);
    const called = /at (?:async )?([a-z]\w*) \(/.exec(frames[0] ?? '')?.[1];
    const words = called?.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    const title = sections.findLast((each) => each.line < line)?.title ?? words;
    return title && !name.startsWith(title) ? `${title}: ${name}` : name;
}

function standing(name) {
    if (subject && /^(and|but|or|nor|so|then|which|who|says|also|still|again|it|its|they|their|likewise) |^\.\.\./.test(name)) return `${subject}: ${name}`;
    subject = name;
    return name;
}

export function diag(text) {
    for (const line of String(text).split('\n')) console.log(`# ${line}`);
}

export function ok(good, name) {
    count += 1;
    console.log(`${good ? '' : 'not '}ok ${count} - ${file}: ${titled(standing(name))}`);
    if (!good) failed += 1;
    return Boolean(good);
}

export function is(got, want, name) {
    if (ok(isDeepStrictEqual(got, want), name)) return true;
    diag(`got:  ${JSON.stringify(got)}`);
    diag(`want: ${JSON.stringify(want)}`);
    return false;
}

export function like(got, pattern, name) {
    if (ok(pattern.test(got), name)) return true;
    diag(`got: ${got}`);
    diag(`want a match of ${pattern}`);
    return false;
}

export const skip = (name, why) => console.log(`ok ${++count} - ${name} # SKIP ${why}`);

// The process's exit status is set; nothing is to follow.
export function doneTesting() {
    console.log(`1..${count}`);
    process.exitCode = failed > 0 ? 1 : 0;
}
