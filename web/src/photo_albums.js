// SPDX-License-Identifier: MIT
// The albums of a photo in the viewer: it is put into one, or left out of the one that is shown.
import { addAlbum, leaveOutOfAlbum, listAlbums, putInAlbum } from './api.js';
import { albumQuery } from './albums.js';
import { announce } from './announce.js';
import { fill, h } from './dom.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { route } from './route.js';

export class PhotoAlbums {
    constructor() {
        this.field = h('input', {
            type: 'text',
            class: 'field',
            maxlength: '200',
            autocomplete: 'off',
            list: 'album-names',
            placeholder: t('albums.name'),
            'aria-label': t('albums.name'),
        });
        this.names = h('datalist', { id: 'album-names' });
        this.out = h('div', {});
        this.element = h(
            'section',
            { class: 'labels photo-albums' },
            h('h2', {}, t('albums.put_in')),
            this.out,
            h('form', { class: 'label-form', onsubmit: (event) => void this.#put(event) }, this.field, h('button', { class: 'button' }, t('labels.add'))),
            this.names,
        );
        this.field.addEventListener('focus', () => void this.#learn());
        this.field.addEventListener('keydown', (event) => {
            if (event.key === 'Escape') this.field.blur();
        });
    }

    show({ id }) {
        this.photo = id;
        void this.#offerOut();
    }

    // The names are read again each time: other windows also make albums.
    async #learn() {
        this.albums = await listAlbums().then(
            (reply) => reply.albums,
            () => [],
        );
        fill(this.names, this.albums.map(({ name }) => h('option', { value: name })));
        return this.albums;
    }

    // Where an album is shown, its photos can be left out of it.
    async #offerOut() {
        const { q } = route();
        fill(this.out);
        if (!q?.startsWith('album:')) return;
        const { photo } = this;
        const album = (await this.#learn()).find(({ name }) => albumQuery(name) === q);
        if (!album || photo !== this.photo) return;
        const leave = async () => {
            if (await this.#change(leaveOutOfAlbum(album.id, photo), t('albums.left_out', { name: album.name }))) fill(this.out);
        };
        fill(this.out, h('button', { class: 'button', type: 'button', onclick: leave }, icon('trash'), t('albums.leave_out', { name: album.name })));
    }

    async #put(event) {
        event.preventDefault();
        const name = this.field.value.trim();
        if (!name) return;
        const { photo } = this;
        const putting = async () => {
            const album = (await this.#learn()).find((one) => one.name === name) ?? (await addAlbum({ name }));
            await putInAlbum(album.id, photo);
        };
        if (await this.#change(putting(), t('albums.was_put_in', { name }))) this.field.value = '';
    }

    async #change(changing, said) {
        try {
            await changing;
            announce(said);
            dispatchEvent(new Event('albums-changed'));
            return true;
        } catch (error) {
            announce(error.message, { error: true });
            return false;
        }
    }
}
