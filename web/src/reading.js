// SPDX-License-Identifier: MIT
// How the server reads the query of the address: its parts with their places, and how many photos each
// criterion lets through.
import { explainQuery } from './api.js';

/** @typedef {import('../../build/lint/api').components['schemas']['Explanation']} Explanation */
/** @typedef {import('../../build/lint/api').components['schemas']['ExplainedPart']} Part */

const KEPT = 20; // explanations, for Back
const listeners = new Set();
const kept = new Map(); // by query
let asking = null;
let current = null; // the query that is being read, or was

// listener(explanation): null for a query that is none, and while there is no query.
export function onReading(listener) {
    listeners.add(listener);
}

const tell = (explanation) => listeners.forEach((listener) => listener(explanation));

async function read(q, signal) {
    try {
        const explanation = await explainQuery(q, signal);
        if (signal.aborted) return;
        kept.set(q, explanation);
        if (kept.size > KEPT) kept.delete(kept.keys().next().value);
        tell(explanation);
    } catch (error) {
        if (error.name === 'AbortError' || signal.aborted) return;
        current = null; // the next step asks again
        tell(null); // the search itself says what is wrong
    }
}

export function readQuery(q, { again = false } = {}) {
    if (q === current && !again) return;
    asking?.abort();
    asking = new AbortController();
    current = q;
    if (again) kept.clear();
    if (!q || kept.has(q)) tell(kept.get(q) ?? null);
    else void read(q, asking.signal);
}

// Whether criteria alone decide about a part. (The root counts the photos that a search can find, whatever it is.)
export const isExact = ({ kind, parts }) =>
    kind === 'criterion' || kind === 'written' || (parts.length > 0 && parts.every(isExact));

/**
 * The parts of a query that are no words for the picture, each of which can be removed by itself.
 * @param {Explanation} explanation
 */
export function partsOf({ tree, sort }) {
    const parts = tree.kind === 'all' ? tree.parts : [tree];
    const isShown = (part) => part.kind === 'like' || part.kind === 'not' || isExact(part);
    const shown = parts.filter((part) => isShown(part) && part.without !== null);
    return sort ? [...shown, { ...sort, kind: 'sort', photos: null }] : shown;
}
