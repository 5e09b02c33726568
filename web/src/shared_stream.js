// SPDX-License-Identifier: MIT
// One stream of events for all tabs of a browser: it gives one host six connections (HTTP/1.1), so that a tab
// which kept one of its own would starve the others. The tab that has the lock reads the stream and tells the others;
// when it goes, the next one does.

// read() -> async iterator of events; called again, after a pause, when it ends.
// onEvent(event): in every tab, the last event also in one that comes later. False where the browser has no locks
// (a page without TLS that is not of this machine): the caller must ask by itself.
export function followTogether(name, read, onEvent) {
    if (!navigator.locks || !window.BroadcastChannel) return false;
    const channel = new BroadcastChannel(name);
    let leads = false;
    let last = null;
    channel.onmessage = ({ data }) => {
        if (data.event) onEvent(data.event);
        else if (leads && last) channel.postMessage({ event: last });
    };
    const tell = (event) => {
        last = event;
        channel.postMessage({ event });
        onEvent(event);
    };
    channel.postMessage({ hello: true });
    void navigator.locks.request(name, async () => {
        leads = true;
        await readForEver(read, tell);
    });
    return true;
}

const LONGEST = 60000; // ms between attempts

async function readForEver(read, tell) {
    for (let wait = 1000; ; wait = Math.min(wait * 2, LONGEST)) {
        try {
            for await (const event of read()) {
                wait = 1000;
                tell(event);
            }
        } catch {
            // The server is away or restarting: the next attempt tells.
        }
        await pause(wait);
    }
}

// Until the time is over, or the server is known to answer.
export const pause = (ms) =>
    new Promise((over) => {
        const done = () => {
            clearTimeout(timer);
            removeEventListener('reachable', done);
            over();
        };
        const timer = setTimeout(done, ms);
        addEventListener('reachable', done);
    });
