// SPDX-License-Identifier: MIT
// What is known of the photo in the viewer: date, place, camera, file, and the owner's labels.
import { getDocument, getPhoto } from './api.js';
import { announce } from './announce.js';
import { fill, h } from './dom.js';
import { factRows, factsIn } from './fact_rows.js';
import { formatBytes, formatCount, formatPlace, formatTaken } from './format.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { PhotoAlbums } from './photo_albums.js';
import { PhotoLabels } from './labels.js';
import { criterion } from './query_text.js';
import { criteria } from './suggest.js';
import { go } from './route.js';

// Where the facts come up from below; else they stand beside the photo, also in a low window. As in css/viewer.css.
const BELOW = '(max-width: 899px) and (min-height: 521px), (max-width: 899px) and (orientation: portrait)';

export const areBelow = () => matchMedia(BELOW).matches;

const row = (key, ...value) =>
    h('div', { class: 'fact' }, h('dt', {}, t(key)), h('dd', {}, ...value));

// "NIKON CORPORATION" and "NIKON D90" are one maker.
function cameraOf({ make, model }) {
    const maker = make?.split(/[ ,.]/)[0].toLowerCase();
    const isNamed = maker && model?.toLowerCase().split(' ')[0] === maker;
    return isNamed ? model : [make, model].filter(Boolean).join(' ');
}

export class FactsPanel {
    constructor({ boxes, onToggle, onFilter }) {
        this.onToggle = onToggle;
        this.onFilter = onFilter;
        this.others = undefined; // the facts that have no row of their own here, as the API's document has them
        this.list = h('dl', { class: 'facts' });
        this.labels = new PhotoLabels(boxes, { onFilter });
        this.albums = new PhotoAlbums();
        this.element = h(
            'section',
            {
                class: 'facts-panel pswp__hide-on-close',
                'aria-label': t('viewer.facts'),
                hidden: localStorage.getItem('facts') !== 'open' || areBelow() || innerWidth < 600,
            },
            this.labels.element,
            this.list,
            this.albums.element,
        );
        for (const name of ['pointerdown', 'wheel', 'click'])
            this.element.addEventListener(name, (event) => event.stopPropagation());
    }

    get isOpen() {
        return !this.element.hidden;
    }

    toggle() {
        this.element.hidden = this.isOpen;
        localStorage.setItem('facts', this.isOpen ? 'open' : 'closed');
        this.onToggle();
    }

    async show(photo) {
        this.asking?.abort();
        this.asking = new AbortController();
        try {
            const [facts] = await Promise.all([
                getPhoto(photo.id, this.asking.signal),
                this.#learnFacts(),
            ]);
            this.labels.show(facts);
            this.albums.show(facts);
            this.#fill(facts);
        } catch (error) {
            if (error.name !== 'AbortError') announce(error.message, { error: true });
        }
    }

    // Without them the panel shows the known facts; the next photo asks again.
    async #learnFacts() {
        this.others ??= await getDocument().then(factsIn, () => undefined);
        this.words ??= new Map((await criteria()).filter(({ fact }) => fact).map(({ fact, word }) => [fact, word]));
        if (this.words.size === 0) this.words = undefined;
    }

    // A fact that searches for the photos that have it.
    #link(text, query) {
        const search = () => {
            this.onFilter();
            go({ q: query, like: undefined, picture: undefined, view: undefined, photo: undefined, month: undefined });
        };
        return h('button', { class: 'link', type: 'button', title: t('facts.find', { query }), onclick: search }, text);
    }

    // A fact of the table: a link where a criterion compares it; each of a list by itself.
    #value(name, text, value) {
        const word = this.words?.get(name);
        if (!word) return text;
        if (!Array.isArray(value)) return this.#link(text, criterion(word, String(value)));
        return value.flatMap((one, i) => [i ? t('list.comma') : null, this.#link(one, criterion(word, one))]);
    }

    #fill(facts) {
        const { model, make, lens } = facts.camera;
        const body = cameraOf({ make, model });
        const day = facts.taken?.slice(0, 10);
        const { latitude, longitude } = facts.place ?? {};
        const pixels = facts.width && `${formatCount(facts.width)} × ${formatCount(facts.height)}`;
        const folder = () => {
            this.onFilter();
            go({ folder: facts.folder, photo: undefined, month: undefined });
        };
        fill(
            this.list,
            row('facts.taken', day ? this.#link(formatTaken(facts.taken), `date:${day}`) : formatTaken(null)),
            typeof latitude === 'number' &&
                row('facts.place', this.#link(formatPlace(latitude, longitude), `near:${latitude},${longitude},1km`)),
            (body || lens) &&
                row(
                    'facts.camera',
                    body && this.#link(body, criterion('camera', model ?? make)),
                    body && lens && ' · ',
                    lens && this.#link(lens, criterion('lens', lens)),
                ),
            row(
                'facts.file',
                facts.name,
                h('br'),
                h(
                    'span',
                    { class: 'quiet' },
                    [pixels, formatBytes(facts.bytes), facts.format.toUpperCase()]
                        .filter(Boolean)
                        .join(' · '),
                ),
            ),
            row(
                'facts.folder',
                h(
                    'button',
                    { class: 'link', title: t('facts.folder_only'), onclick: folder },
                    facts.folder,
                ),
            ),
            ...factRows(this.others ?? [], facts).map(([name, text, value]) => row(`fact_row.${name}`, this.#value(name, text, value))),
            facts.never_send && row('facts.never_send', icon('lock'), ` ${facts.never_send}`),
        );
    }
}
