// SPDX-License-Identifier: MIT
// The criteria of what is shown, as chips: filters of the address, and parts of the query. Each can be edited
// where it is written, and removed.
import { byId, fill, h } from './dom.js';
import { FILTERS, filterWords } from './filters.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { unitsBefore } from './query_text.js';
import { onReading, partsOf } from './reading.js';
import { go, route } from './route.js';

function chip(kind, said, { edit, remove }) {
    return h(
        'span',
        { class: `chip chip-parted ${kind}` },
        h('button', { class: 'chip-edit', type: 'button', 'aria-label': t('chips.edit', { part: said }), title: t('chips.edit', { part: said }), onclick: edit }, said),
        h('button', { class: 'chip-remove', type: 'button', 'aria-label': t('chips.remove', { part: said }), title: t('chips.remove', { part: said }), onclick: remove }, icon('close')),
    );
}

// onEditFilter(name); onEditText(from, to): places in the text of the field.
export function startChips({ onEditFilter, onEditText }) {
    let explained = null;

    const filterChip = (name) =>
        chip('chip-filter', filterWords(name, route()[name]), {
            edit: () => onEditFilter(name),
            remove: () => go({ [name]: undefined, month: undefined }),
        });
    const partChip = (part) =>
        chip('chip-query', part.text, {
            // What is behind the colon is what one changes.
            edit() {
                const { q } = route();
                const from = unitsBefore(q, part.begin);
                const to = unitsBefore(q, part.end);
                const colon = /^-?\p{L}+:/u.exec(q.slice(from, to))?.[0].length ?? 0;
                onEditText(from + colon, to);
            },
            remove: () => go({ q: part.without || undefined, photo: undefined, month: undefined }),
        });
    const draw = () => {
        const { q } = route();
        const parts = q && explained?.query === q ? partsOf(explained) : [];
        const filters = FILTERS.filter((name) => route()[name]);
        fill(byId('chips'), filters.map(filterChip), parts.map(partChip));
    };
    onReading((explanation) => {
        explained = explanation;
        draw();
    });
    return { follow: draw };
}
