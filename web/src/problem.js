// SPDX-License-Identifier: MIT
// The message of a view that could not load its content, with the possible actions.
import { h } from './dom.js';
import { t } from './i18n.js';
import { go, hasFilters, NO_FILTERS, route } from './route.js';

const button = (key, act) => h('button', { class: 'button', type: 'button', onclick: act }, t(key));

export const clearFilters = () =>
    button('filters.clear_all', () => go({ ...NO_FILTERS, month: undefined }));

// again(): loads again. The server may have refused a filter of the address.
export function problem(error, { again }) {
    const filtered = error.status >= 400 && error.status < 500 && hasFilters(route());
    return h(
        'div',
        {},
        h('p', { role: 'alert' }, error.message),
        filtered ? clearFilters() : button('error.again', again),
    );
}
