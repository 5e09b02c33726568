// SPDX-License-Identifier: MIT
// What a view says in the place of what it could not load, with the ways out.
import { h } from './dom.js';
import { t } from './i18n.js';
import { go, hasFilters, NO_FILTERS, route } from './route.js';

const button = (key, act) => h('button', { class: 'button', type: 'button', onclick: act }, t(key));

export const clearFilters = () =>
    button('filters.clear_all', () => go({ ...NO_FILTERS, month: undefined }));

// again(): loads anew. What the server calls wrong may be a filter of the address.
export function problem(error, { again }) {
    const filtered = error.status >= 400 && error.status < 500 && hasFilters(route());
    return h(
        'div',
        {},
        h('p', { role: 'alert' }, error.message),
        filtered ? clearFilters() : button('error.again', again),
    );
}
