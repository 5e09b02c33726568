// SPDX-License-Identifier: MIT
// Waiting in node scripts: for an event, never for a time. CONTRIBUTING.md, "How a test waits".
import { diag } from './tap.mjs';

const PATIENCE_S = Number(process.env.KEEPSAKE_TEST_PATIENCE_S || 120); // a machine may be busy; a test that passes never waits as long
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

// Asks until what is asked holds; its value. After PATIENCE_S seconds: says so, and false.
export async function until(holds, what = holds) {
    for (const end = Date.now() + PATIENCE_S * 1e3; Date.now() < end; await pause(10)) {
        const value = await holds();
        if (value) return value;
    }
    diag(`waited ${PATIENCE_S} s in vain for: ${what}`);
    return false;
}
