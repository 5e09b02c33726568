// SPDX-License-Identifier: MIT
// Replies that stop in the middle, so that a test can act there. With the option hold=N of a scenario each
// reply waits after its N-th event with text (0: before its first) until GET /_go?segment=...; with
// hold=N:M it waits there and after the M-th. Each /_go ends one wait of that segment, also one to come.
// A refusal that has the option waits before it is sent. In the log, "held" counts the waits of a reply that have begun, everything sent before being read.
import { readFileSync } from 'node:fs';

const goes = new Map(); // segment -> waits that may end at once
let waiting = []; // {segment, over}

const hex = (port) => port.toString(16).toUpperCase().padStart(4, '0');

// Whether nothing that was sent to this client, on this machine, waits in its kernel to be read.
export function isRead(response, { localPort, remotePort }) {
    if (response.writableLength > 0) return false;
    const ends = new RegExp(
        `: [0-9A-F]+:${hex(remotePort)} [0-9A-F]+:${hex(localPort)} .. [0-9A-F]+:([0-9A-F]+)`,
    );
    return ['tcp', 'tcp6'].every((name) => {
        const line = ends.exec(readFileSync(`/proc/net/${name}`, 'latin1'));
        return !line || Number.parseInt(line[1], 16) === 0;
    });
}

const hasText = (piece) => /"(text|content|partial_json|thinking)":"[^"]/.test(piece);

// The pieces of a reply in parts, after each of which but the last it is held.
export function partsOf(pieces, options) {
    const parts = [];
    let from = 0;
    for (const hold of options.hold?.split(':') ?? []) {
        let left = Number(hold);
        const last = pieces.findIndex((piece) => hasText(String(piece)) && (left -= 1) === 0);
        const to = Number(hold) === 0 ? 0 : last < 0 ? pieces.length : last + 1;
        parts.push(pieces.slice(from, to));
        from = to;
    }
    return [...parts, pieces.slice(from)];
}

// Until the test lets it go, or the client goes away.
export async function hold(response, segment, entry) {
    if (response.destroyed) return;
    const ends = { localPort: response.socket.localPort, remotePort: response.socket.remotePort };
    const watch = setInterval(() => {
        if (!isRead(response, ends)) return;
        entry.held = (entry.held ?? 0) + 1;
        clearInterval(watch);
    }, 5);
    await new Promise((over) => {
        response.once('close', () => {
            waiting = waiting.filter((wait) => wait.over !== over); // it waits no more
            over();
        });
        if (goes.get(segment) > 0) {
            goes.set(segment, goes.get(segment) - 1);
            over();
        } else waiting.push({ segment, over });
    });
    clearInterval(watch);
}

export function letGo(segment) {
    const next = waiting.findIndex((wait) => wait.segment === segment);
    if (next < 0) goes.set(segment, (goes.get(segment) ?? 0) + 1);
    else waiting.splice(next, 1)[0].over();
}
