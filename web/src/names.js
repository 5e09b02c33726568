// SPDX-License-Identifier: MIT
// Everybody and everything the owner has named, with how many photos each has.
import { listLabels } from './api.js';
import { fill, h } from './dom.js';
import { formatCount } from './format.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { go } from './route.js';

export function namesSection() {
    const list = h('ul', { class: 'names' });
    listLabels().then(
        ({ labels }) => {
            const photos = new Map();
            for (const { name, photo } of labels) {
                if (!photos.has(name)) photos.set(name, new Set());
                if (photo) photos.get(name).add(photo);
            }
            const chip = ([name, ids]) =>
                h(
                    'li',
                    {},
                    h(
                        'button',
                        {
                            class: 'chip',
                            onclick: () => go({ view: undefined, label: name, month: undefined }),
                        },
                        icon('label'),
                        name,
                        h('span', { class: 'quiet' }, formatCount(ids.size)),
                    ),
                );
            fill(
                list,
                photos.size ? [...photos].map(chip) : h('li', { class: 'quiet' }, t('names.none')),
            );
        },
        (error) => fill(list, h('li', { class: 'problem' }, error.message)),
    );
    return h('section', { class: 'panel' }, h('h2', {}, t('names.title')), list);
}
