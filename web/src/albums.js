// SPDX-License-Identifier: MIT
// The view of albums: saved searches, and photos that were put in by hand.
import { addAlbum, changeAlbum, listAlbumPhotos, listAlbums, removeAlbum } from './api.js';
import { announce } from './announce.js';
import { fill, h } from './dom.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { card } from './places.js';
import { problem } from './problem.js';
import { criterion } from './query_text.js';

export const albumQuery = (name) => criterion('album', name);

// Makes an album of a search; resolves to whether it was made.
export async function saveAlbum(name, query) {
    try {
        await addAlbum(query ? { name, query } : { name });
        announce(t('albums.made', { name }));
        return true;
    } catch (error) {
        announce(error.message, { error: true });
        return false;
    }
}

// A field for a name that takes the place of `button`, and a button that saves it.
export function nameForm(button, { value = '', label, onSave }) {
    const field = h('input', { class: 'field', type: 'text', maxlength: '200', autocomplete: 'off', 'aria-label': label, placeholder: label });
    field.value = value;
    const form = h('form', { class: 'name-form' }, field, h('button', { class: 'button primary' }, t('labels.save')));
    const end = () => {
        form.replaceWith(button);
        button.focus();
    };
    form.addEventListener('keydown', (event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        end();
    });
    form.addEventListener('submit', async (event) => {
        event.preventDefault();
        const name = field.value.trim();
        if (name && (await onSave(name)) && form.isConnected) end();
    });
    button.replaceWith(form);
    field.focus();
    field.select();
}

export class Albums {
    constructor() {
        this.list = h('ul', { class: 'cards' });
        this.message = h('div', { class: 'message', hidden: true });
        this.element = h('div', { class: 'view albums', hidden: true }, this.message, this.list);
    }

    /** @param {{y?: number}} how */
    open({ y = 0 } = {}) {
        this.ready = this.#read(y);
    }

    async #read(y) {
        try {
            const { albums } = await listAlbums();
            this.failed = false;
            fill(this.list, albums.map((album) => this.#card(album)));
            this.#say(...(albums.length ? [] : [h('p', { class: 'message-title' }, t('albums.none')), h('p', { class: 'quiet' }, t('albums.none_hint'))]));
            scrollTo(0, y);
        } catch (error) {
            this.failed = true;
            fill(this.list);
            this.#say(problem(error, { again: () => this.open() }));
        }
    }

    #card(album) {
        const row = h('li', {});
        void this.#fillCard(row, album);
        return row;
    }

    async #fillCard(row, album) {
        const draw = (cover) => fill(row, this.#picture(album, cover), this.#tools(album));
        draw(null);
        if (album.problem) return;
        const page = await listAlbumPhotos(album.id, { limit: 1 }).catch(() => ({ results: [] }));
        if (page.results.length && row.isConnected && !row.querySelector('form')) draw(page.results[0].id);
    }

    #picture({ name, query, photos, problem: wrong }, cover) {
        const count = photos === null ? null : t('places.photos', { count: photos });
        return card({ cover, name, note: wrong ?? query, count, query: albumQuery(name) });
    }

    #tools({ id, name }) {
        const tool = (key, picture, act) =>
            h('button', { class: 'icon-button small', type: 'button', 'aria-label': t(key, { name }), title: t(key, { name }), onclick: act }, icon(picture));
        const tools = h('span', { class: 'card-tools' });
        const rename = () =>
            nameForm(tools, { value: name, label: t('albums.name'), onSave: (next) => this.#change(changeAlbum(id, { name: next })) });
        fill(tools, tool('albums.rename', 'edit', rename), tool('albums.remove', 'trash', () => this.#askRemove(id, name, tools)));
        return tools;
    }

    // A second click removes it: its photos stay, but not what was put in and left out by hand.
    #askRemove(id, name, tools) {
        const keep = h('button', { class: 'button', type: 'button', onclick: () => (question.replaceWith(tools), tools.lastChild.focus()) }, t('albums.keep'));
        const question = h(
            'span',
            { class: 'card-question' },
            h('button', { class: 'button primary', type: 'button', onclick: () => this.#change(removeAlbum(id)) }, t('albums.remove', { name })),
            keep,
        );
        tools.replaceWith(question);
        keep.focus();
    }

    async #change(changing) {
        try {
            await changing;
            this.open({ y: scrollY });
            return true;
        } catch (error) {
            announce(error.message, { error: true });
            return false;
        }
    }

    #say(...words) {
        fill(this.message, ...words);
        this.message.hidden = words.length === 0;
    }

    retry() {
        if (this.failed) this.open();
    }

    show() {
        this.element.hidden = false;
    }

    hide() {
        this.element.hidden = true;
    }
}

