// SPDX-License-Identifier: MIT
// Sends a reply in pieces of a chosen size, and ends it well or badly.
import { once } from 'node:events';
import { hold, partsOf } from './holds.mjs';

const MANY_BYTES = 1 << 20; // beyond this, pieces are 64 KiB at least
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

function* cut(pieces, size) {
    const whole = Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
    const step =
        size > 0 ? (whole.length > MANY_BYTES ? Math.max(size, 65536) : size) : whole.length || 1;
    for (let at = 0; at < whole.length; at += step) yield whole.subarray(at, at + step);
}

async function write(response, bytes) {
    if (response.write(bytes)) return;
    const over = new AbortController();
    const events = ['drain', 'close'].map((name) => once(response, name, { signal: over.signal }));
    await Promise.race(events).finally(() => over.abort());
}

// Closes after everything written so far has left, without the end that HTTP wants.
export const cutOff = (response) => response.socket?.end();

async function writePieces(response, pieces, size) {
    for (const bytes of cut(pieces, size)) {
        if (response.destroyed || response.socket?.destroyed) return;
        await write(response, bytes);
        await nextTurn();
    }
}

// pieces: strings or Buffers. route.options: chunk (bytes), hold (holds.mjs). entry: of the log.
export async function sendPieces(response, pieces, finish, { segment, options }, entry) {
    const chunk = Number(options.chunk ?? 0);
    const parts = partsOf(pieces, options);
    response.socket?.setNoDelay(true);
    response.flushHeaders();
    for (const [index, part] of parts.entries()) {
        if (index > 0) await hold(response, segment, entry);
        await writePieces(response, part, chunk);
    }
    if (response.destroyed) return;
    if (finish === 'cut') cutOff(response);
    else if (finish !== 'hang') response.end();
}
