// SPDX-License-Identifier: MIT
// The searches that were made in this browser: kept here only, the newest first, and forgotten at sign-out.
const KEY = `searches ${location.pathname}`; // each gallery of a host has its own
const KEPT = 50;
const LONGEST = 300; // characters

function read() {
    try {
        const list = JSON.parse(localStorage.getItem(KEY) ?? '[]');
        return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : [];
    } catch {
        return [];
    }
}

function write(list) {
    try {
        if (list.length) localStorage.setItem(KEY, JSON.stringify(list.slice(0, KEPT)));
        else localStorage.removeItem(KEY);
    } catch {
        // A browser that keeps nothing has no history.
    }
}

export const searches = () => read();

// `instead`: the shorter text of the same typing, which it replaces.
export function remember(query, instead) {
    if (query.length > LONGEST) return;
    write([query, ...read().filter((one) => one !== query && one !== instead)]);
}

export const forget = (query) => write(read().filter((one) => one !== query));
export const forgetAll = () => write([]);
