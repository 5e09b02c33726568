// SPDX-License-Identifier: MIT
// The filters of every list and search: dates, folder, label.
import { announce } from './announce.js';
import { listLabels } from './api.js';
import { byId, fill, h } from './dom.js';
import { describePhoto } from './format.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { go, hasFilters, route } from './route.js';

export const FILTERS = ['from', 'until', 'label', 'folder'];
const DAY = /^\d{4}(-\d\d(-\d\d)?)?$/;

export function startFilters() {
    const form = byId('filters');
    const toggle = byId('open-filters');

    const setOpen = (open) => {
        form.hidden = !open;
        toggle.setAttribute('aria-expanded', String(open));
        if (!open) return;
        for (const name of FILTERS) form.elements[name].value = route()[name] ?? '';
        form.elements.from.focus();
        void suggestLabels();
    };
    toggle.addEventListener('click', () => setOpen(form.hidden));
    form.addEventListener('keydown', (event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        setOpen(false);
        toggle.focus();
    });
    form.addEventListener('submit', (event) => {
        event.preventDefault();
        const change = Object.fromEntries(
            FILTERS.map((name) => [name, form.elements[name].value.trim() || undefined]),
        );
        if ([change.from, change.until].some((day) => day && !DAY.test(day)))
            return announce(t('filters.bad_day'), { error: true });
        if (change.folder && !change.folder.startsWith('/'))
            return announce(t('filters.bad_folder'), { error: true });
        setOpen(false);
        toggle.focus();
        go({ ...change, month: undefined, view: undefined });
    });
    form.addEventListener('reset', (event) => {
        event.preventDefault();
        setOpen(false);
        go({
            from: undefined,
            until: undefined,
            label: undefined,
            folder: undefined,
            month: undefined,
        });
    });

    return {
        follow(state) {
            toggle.classList.toggle('active', hasFilters(state));
        },
        // Opens the form at one of them.
        edit(name) {
            setOpen(true);
            form.elements[name].focus();
            form.elements[name].select();
        },
    };
}

// "from 2019"
export const filterWords = (name, value) => t(`filters.chip.${name}`, { value });

export function filterChip(name, value) {
    const said = filterWords(name, value);
    const remove = () => go({ [name]: undefined, month: undefined });
    return h(
        'button',
        { class: 'chip', 'aria-label': t('filters.remove', { filter: said }), onclick: remove },
        said,
        icon('close'),
    );
}

async function suggestLabels() {
    try {
        const { labels } = await listLabels();
        const names = [...new Set(labels.map((label) => label.name))];
        fill(
            byId('label-names'),
            names.map((name) => h('option', { value: name })),
        );
    } catch {
        // The field works without suggestions.
    }
}

// For questions about one photo.
export function aboutChip(photo, remove) {
    const said = t('ask.about', { photo: describePhoto(photo) });
    return h(
        'button',
        { class: 'chip', 'aria-label': t('filters.remove', { filter: said }), onclick: remove },
        said,
        icon('close'),
    );
}
