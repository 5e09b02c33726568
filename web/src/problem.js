// SPDX-License-Identifier: MIT
// The message of a view that could not load its content, with the possible actions.
import { h } from './dom.js';
import { mayPass } from './connection.js';
import { t } from './i18n.js';
import { go, hasFilters, NO_FILTERS, route } from './route.js';

const button = (key, act) => h('button', { class: 'button', type: 'button', onclick: act }, t(key));

export const clearFilters = () =>
    button('filters.clear_all', () => go({ ...NO_FILTERS, month: undefined }));

// A button that searches for other words.
export const insteadOf = (query) =>
    h('button', { class: 'chip', type: 'button', onclick: () => go({ q: query }) }, t('results.instead', { query }));

// The query of the address, with the part marked that could not be read.
function markedQuery({ begin, end }) {
    const characters = [...(route().q ?? '')];
    const part = (from, to) => characters.slice(from, to).join('');
    return h('p', { class: 'query-fault' }, part(0, begin), h('mark', {}, part(begin, end)), part(end));
}

function cure(error, again) {
    if (error.position) return error.position.instead && insteadOf(error.position.instead);
    const isRefused = error.status >= 400 && error.status < 500 && !mayPass(error);
    return isRefused && hasFilters(route()) ? clearFilters() : button('error.again', again);
}

// again(): loads again. The server may have refused a filter of the address, or its query.
export function problem(error, { again }) {
    return h(
        'div',
        {},
        h('p', { role: 'alert' }, error.message),
        error.position && markedQuery(error.position),
        cure(error, again),
    );
}
