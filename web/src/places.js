// SPDX-License-Identifier: MIT
// The view of places: the map, and countries with their towns.
import { listPlaces, thumbnail } from './api.js';
import { fill, h } from './dom.js';
import { formatCount } from './format.js';
import { language, t } from './i18n.js';
import { problem } from './problem.js';
import { criterion } from './query_text.js';
import { go } from './route.js';
import { WorldMap } from './world_map.js';

const FEW = 12; // towns of a country before one asks for all

// A picture of photos, with a name and their number, that searches for them.
export function card({ cover, name, note, count, query }) {
    return h(
        'button',
        { class: 'card', type: 'button', onclick: () => go({ view: undefined, q: query, month: undefined }) },
        cover ? h('img', { src: thumbnail({ id: cover }, 'small'), alt: '', loading: 'lazy', class: 'card-cover' }) : h('span', { class: 'card-cover' }),
        h('span', { class: 'card-name' }, name),
        h('span', { class: 'card-note' }, [note, count].filter(Boolean).join(' · ')),
    );
}

const photosIn = (count) => t('places.photos', { count });

const countryName = ({ country, chinese }) => (language === 'zh' && chinese) || country || t('places.elsewhere');

function townCard({ town, region, photos, cover }, { country }) {
    const parts = [town && criterion('place', town), country && criterion('country', country)];
    return h('li', {}, card({ cover, name: town ?? t('places.elsewhere'), note: region === town ? null : region, count: photosIn(photos), query: parts.filter(Boolean).join(' ') }));
}

function countrySection(place) {
    const { country, towns, photos } = place;
    const list = h('ul', { class: 'cards' }, towns.slice(0, FEW).map((town) => townCard(town, place)));
    const name = countryName(place);
    const all = h(
        'button',
        {
            class: 'button',
            type: 'button',
            onclick() {
                list.append(...towns.slice(FEW).map((town) => townCard(town, place)));
                all.remove();
                list.children[FEW].querySelector('button').focus();
            },
        },
        t('places.all', { count: towns.length }),
    );
    const title = country
        ? h('button', { class: 'link', onclick: () => go({ view: undefined, q: criterion('country', country), month: undefined }) }, name)
        : name;
    return h(
        'section',
        { class: 'country' },
        h('h2', {}, title, ' ', h('span', { class: 'quiet' }, formatCount(photos))),
        list,
        towns.length > FEW && all,
    );
}

export class Places {
    constructor() {
        this.map = new WorldMap();
        this.list = h('div', { class: 'countries' });
        this.message = h('div', { class: 'message', hidden: true });
        this.element = h('div', { class: 'view places', hidden: true }, this.message, this.map.element, this.list, h('p', { class: 'quiet credit' }, t('places.credit')));
    }

    // y: where it was scrolled to.
    /** @param {{y?: number}} how */
    open({ y = 0 } = {}) {
        this.ready = this.#read(y);
    }

    async #read(y) {
        this.asking?.abort();
        this.asking = new AbortController();
        const { signal } = this.asking;
        try {
            const places = await listPlaces(signal);
            if (signal.aborted) return;
            this.failed = false;
            this.#show(places);
            scrollTo(0, y);
        } catch (error) {
            if (error.name === 'AbortError' || signal.aborted) return;
            this.failed = true;
            this.#say(problem(error, { again: () => this.open() }));
        }
    }

    #show({ countries, photos, named }) {
        const isEmpty = photos === 0;
        this.map.element.hidden = isEmpty;
        this.element.querySelector('.credit').hidden = isEmpty;
        fill(this.list, isEmpty ? [] : countries.map(countrySection));
        if (isEmpty) this.#say(h('p', { class: 'message-title' }, t('places.none')), h('p', { class: 'quiet' }, t('places.none_hint')));
        else if (!named) this.#say(h('p', { class: 'quiet' }, t('places.unnamed')));
        else this.#say();
        if (!isEmpty) this.map.show();
    }

    #say(...words) {
        fill(this.message, ...words);
        this.message.hidden = words.length === 0;
    }

    retry() {
        if (this.failed) this.open();
        else this.map.retry();
    }

    show() {
        this.element.hidden = false;
    }

    hide() {
        this.asking?.abort();
        this.element.hidden = true;
    }
}
