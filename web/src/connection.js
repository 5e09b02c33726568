// SPDX-License-Identifier: MIT
// Whether the server answers. Failed loads are retried when it does. While it does not, a line at
// the bottom says so; the server is asked again after growing pauses, when the network is back, when one
// looks at the page again, and on request.
import { getSession } from './api.js';
import { byId, debounce, fill, h } from './dom.js';
import { t } from './i18n.js';

const FIRST = 1000; // ms until the first attempt
const LONGEST = 30000;

let away = false;
let wait = FIRST;
let timer = 0;
let backAt = -Infinity;

// Whether the same request may succeed a little later.
export const mayPass = ({ status }) => [0, 429, 502, 503, 504].includes(status);

function draw() {
    const line = byId('away');
    line.hidden = !away;
    if (!away) return;
    const again = h('button', { class: 'link', onclick: attempt }, t('error.again'));
    fill(line, h('span', {}, t('error.away')), again);
}

async function attempt() {
    clearTimeout(timer);
    if (!away) return;
    try {
        await getSession();
        away = false;
        backAt = Date.now();
        draw();
        dispatchEvent(new Event('reachable'));
    } catch {
        later();
    }
}

function later() {
    clearTimeout(timer);
    timer = setTimeout(attempt, wait);
    wait = Math.min(wait * 2, LONGEST);
}

function lost() {
    if (away) return;
    away = true;
    if (Date.now() - backAt > LONGEST) wait = FIRST; // else it has hardly been back
    draw();
    later();
}

// Pictures tell only that they did not come: whether their files are gone, or nobody answers, a request shows.
async function lookAgain() {
    if (away) return;
    await getSession().then(
        () => dispatchEvent(new Event('reachable')),
        () => {}, // it has told that nobody answers
    );
}

export function watchConnection() {
    addEventListener('picture-lost', debounce(FIRST / 2, lookAgain));
    addEventListener('unreachable', lost);
    addEventListener('online', attempt);
    document.addEventListener('visibilitychange', () => document.hidden || attempt());
}
