// SPDX-License-Identifier: MIT
// Files that could not be read, each with its reason.
import { listFailures } from './api.js';
import { fill, h } from './dom.js';
import { sentence } from './format.js';
import { t } from './i18n.js';

export function failuresSection() {
    const list = h('ul', { class: 'failures' });
    const body = h('div', {}, list);
    const section = h('section', { class: 'panel' }, h('h2', {}, t('failures.title')), body);

    async function load(cursor) {
        try {
            const page = await listFailures(cursor);
            list.append(
                ...page.failures.map(({ path, reason }) =>
                    h('li', {}, h('code', {}, path), h('span', {}, sentence(reason))),
                ),
            );
            const more =
                page.next_cursor &&
                h(
                    'button',
                    { class: 'button', onclick: () => load(page.next_cursor) },
                    t('failures.more'),
                );
            fill(
                body,
                list.children.length ? list : h('p', { class: 'quiet' }, t('failures.none')),
                more,
            );
        } catch (error) {
            fill(body, h('p', { class: 'problem' }, error.message));
        }
    }
    void load();
    return section;
}
