// What the page shows is in its address: ?q=a dog&from=2019&photo=12&ask=1. This is the one place that
// reads and writes it; views listen and draw.

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
const listeners = new Set();

function read() {
    const query = new URLSearchParams(location.search);
    return Object.fromEntries(
        KEYS.filter((key) => query.get(key)).map((key) => [key, query.get(key)]),
    );
}

let current = read();

export const route = () => current;
export const filtersOf = ({ folder, from, until, label }) => ({ folder, from, until, label });
export const hasFilters = (state) => Object.values(filtersOf(state)).some(Boolean);
export const isSearch = (state) => Boolean(state.q || state.like || state.picture);

export function address(state) {
    const query = new URLSearchParams();
    for (const key of KEYS) if (state[key]) query.set(key, state[key]);
    const text = query.toString();
    return text ? `?${text}` : location.pathname;
}

function tell(before) {
    for (const listener of listeners) listener(current, before);
}

// `change` is laid over what is shown; undefined removes. `replace`: no new step for Back.
export function go(change, { replace = false } = {}) {
    const before = current;
    current = Object.fromEntries(
        Object.entries({ ...before, ...change }).filter(([, value]) => value),
    );
    if (address(current) === address(before)) return;
    history[replace ? 'replaceState' : 'pushState'](
        { steps: (history.state?.steps ?? 0) + (replace ? 0 : 1) },
        '',
        address(current),
    );
    tell(before);
}

// Notes where one is, without a step and without telling anybody.
export function note(change) {
    current = Object.fromEntries(
        Object.entries({ ...current, ...change }).filter(([, value]) => value),
    );
    history.replaceState(history.state, '', address(current));
}

// Back to what was there before `change` was gone to, or, when the page was opened there, without it.
export function leave(change) {
    if (history.state?.steps > 0) history.back();
    else go(change, { replace: true });
}

export function onRoute(listener) {
    listeners.add(listener);
}

addEventListener('popstate', () => {
    const before = current;
    current = read();
    tell(before);
});
history.scrollRestoration = 'manual';
