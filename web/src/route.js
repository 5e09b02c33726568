// SPDX-License-Identifier: MIT
// What the page shows is in its address: ?q=a dog&from=2019&photo=12&ask=1. This is the one place that
// reads and writes it; views listen and draw. Each step of the history has a key of its own, under which
// state outside the address is kept: the scroll position.

const KEYS = [
    'view',
    'q',
    'like',
    'picture',
    'folder',
    'from',
    'until',
    'label',
    'month',
    'photo',
    'ask',
];
const KEPT = 200; // steps whose place is remembered
const listeners = new Set();
const places = new Map(); // key of a step -> px it was scrolled to

/** @returns {State} */
function read() {
    const query = new URLSearchParams(location.search);
    return Object.fromEntries(
        KEYS.filter((key) => query.get(key)).map((key) => [key, query.get(key)]),
    );
}

const newKey = () => crypto.getRandomValues(new Uint32Array(2)).join('-');
const changed = (state, change) =>
    Object.fromEntries(Object.entries({ ...state, ...change }).filter(([, value]) => value));

/** @typedef {Record<string, string | undefined>} State of the page, by KEYS */

let current = read();
let leaving = false; // on the way back to the previous step; navigation in the meantime follows it
const waiting = [];

export const route = () => current;
/** @param {State} state */
export const filtersOf = ({ folder, from, until, label }) => ({ folder, from, until, label });
export const hasFilters = (state) => Object.values(filtersOf(state)).some(Boolean);
export const isSearch = (state) => Boolean(state.q || state.like || state.picture);
export const NO_FILTERS = { folder: undefined, from: undefined, until: undefined, label: undefined };

// What lies below an open photo and beside a panel: with another of these, other photos are shown.
/** @param {State} state */
export const groundOf = ({ view, q, like, picture, ...state }) =>
    JSON.stringify([view, q, like, picture, filtersOf(state)]);

export function address(state) {
    const query = new URLSearchParams();
    for (const key of KEYS) if (state[key]) query.set(key, state[key]);
    const text = query.toString();
    return text ? `?${text}` : location.pathname;
}

// Which step of the history this is; a change that replaces it keeps the key.
export const stepKey = () => history.state?.key;

function remember() {
    places.set(stepKey(), scrollY);
    if (places.size > KEPT) places.delete(places.keys().next().value);
}

// y: where this step was scrolled to when one left it; undefined for a new one.
function tell(before, y) {
    for (const listener of listeners) listener(current, before, y);
}

// `change` is merged into the current address; undefined removes. `replace`: no new step for Back.
export function go(change, { replace = false } = {}) {
    if (leaving) return void waiting.push([change, { replace }]);
    const before = current;
    const next = changed(before, change);
    if (address(next) === address(before)) return;
    if (!replace) remember();
    current = next;
    const { steps = 0, key, below } = history.state ?? {};
    const state = replace
        ? { steps, key, below }
        : { steps: steps + 1, key: newKey(), below: address({ ...before, month: undefined }) };
    history[replace ? 'replaceState' : 'pushState'](state, '', address(current));
    arrived = stepKey();
    tell(before);
}

// Notes where one is, without a step and without telling anybody.
export function note(change) {
    if (leaving) return;
    current = changed(current, change);
    history.replaceState(history.state, '', address(current));
}

// Back to the state before `change`, or, when the page was opened there or has gone on
// since, without it.
export function leave(change) {
    if (leaving) return;
    const { steps = 0, below } = history.state ?? {};
    if (steps > 0 && below === address(changed(current, { ...change, month: undefined }))) {
        leaving = true;
        history.back();
    } else {
        go(change, { replace: true });
    }
}

// listener(state, before, y)
export function onRoute(listener) {
    listeners.add(listener);
}

let arrived; // key of the step that is shown

function arrive() {
    if (!stepKey()) history.replaceState({ steps: 0, key: newKey() }, '', location.href);
    arrived = stepKey();
}

// Where this step was scrolled to when one left it; also before a reload.
export const placeOfStep = () => places.get(stepKey());

addEventListener('popstate', () => {
    const before = current;
    places.set(arrived, scrollY);
    current = read();
    arrive();
    leaving = false;
    tell(before, placeOfStep() ?? 0);
    for (const [change, options] of waiting.splice(0)) go(change, options);
});
history.scrollRestoration = 'manual';
arrive();

// A reload comes back to the same step.
const RELOADED = 'place before the reload';
addEventListener('pagehide', () =>
    sessionStorage.setItem(RELOADED, JSON.stringify([arrived, scrollY])),
);
const [reloaded, y] = JSON.parse(sessionStorage.getItem(RELOADED) ?? '[]');
if (reloaded === arrived) places.set(arrived, y);
