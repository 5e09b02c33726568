// What a search found: matches first, then what perhaps matches, each with its strength.
import { getPhoto, search, searchByPicture, similar, thumbnail } from './api.js';
import { announce, say } from './announce.js';
import { fill, h } from './dom.js';
import { formatCount } from './format.js';
import { Grid } from './grid.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { pictureFor } from './picture.js';
import { filtersOf, go, route } from './route.js';
import { sourceOf } from './source.js';

const PAGE = 60;

const GROUPS = { strong: 'good', fair: 'good', weak: 'weak', none: 'none' };

// Those whose label was named first, then what matches, weakly matches, does not; each best first.
function groups(results) {
    const sections = ['named', 'good', 'weak', 'none'].map((key) => ({
        key,
        title: t(`results.group.${key}`),
        photos: results.filter((photo) => (photo.names ? 'named' : GROUPS[photo.strength]) === key),
    }));
    return sections.filter((section) => section.photos.length);
}

export class Results {
    constructor(onOpen) {
        this.head = h('div', { class: 'results-head' });
        this.message = h('div', { class: 'message', hidden: true });
        this.gridRoot = h('div', { class: 'photos' });
        this.more = h(
            'button',
            { class: 'button more', hidden: true, onclick: () => this.#next() },
            t('results.more'),
        );
        this.element = h(
            'div',
            { class: 'view results', hidden: true },
            this.head,
            this.message,
            this.gridRoot,
            this.more,
        );
        this.grid = new Grid(this.gridRoot, {
            makeHeading: (section) => [
                h('h2', {}, section.title),
                h(
                    'span',
                    { class: 'quiet' },
                    section.key === 'none' ? t('results.none_note') : formatCount(section.count),
                ),
            ],
            onOpen: (place) => onOpen(this.source, this.source.indexOf(place)),
        });
        this.shown = null;
    }

    // Searches for what the address says; the older search is given up.
    async open() {
        const { q, like, picture } = route();
        const filters = filtersOf(route());
        const key = JSON.stringify([q, like, picture, filters]);
        if (key === this.key) return;
        this.key = key;
        this.running?.abort();
        this.running = new AbortController();
        const { signal } = this.running;
        this.waiting = setTimeout(() => this.element.classList.add('stale'), 200);
        try {
            const query = { ...filters, limit: PAGE };
            this.ask = (cursor) =>
                like
                    ? similar(like, { ...query, cursor }, signal)
                    : picture
                      ? searchByPicture(pictureFor(picture), query, signal)
                      : search({ ...query, q, cursor }, signal);
            const page = await this.ask();
            if (signal.aborted) return;
            this.results = page.results;
            this.nearest = false;
            scrollTo(0, 0);
            this.#show(page);
            this.#tell(page);
        } catch (error) {
            if (error.name === 'AbortError') return;
            this.key = null;
            fill(this.message, h('p', {}, error.message)).hidden = false;
            this.results = [];
            this.#draw(null);
        } finally {
            if (this.key === key || !this.key) {
                clearTimeout(this.waiting);
                this.element.classList.remove('stale');
            }
        }
        this.#drawHead();
    }

    async #next() {
        try {
            const page = await this.ask(this.cursor);
            this.results = this.results.concat(page.results);
            this.#draw(page.next_cursor);
        } catch (error) {
            announce(error.message, { error: true });
        }
    }

    // Photos that are no nearer than chance are kept back until one asks for them.
    #show(page) {
        const matching = this.results.some((photo) => photo.strength !== 'none' || photo.names);
        this.message.hidden = matching || this.nearest;
        if (!this.message.hidden) {
            fill(
                this.message,
                h('p', { class: 'message-title' }, t('results.nothing')),
                h('p', { class: 'quiet' }, t('results.nothing_hint')),
                this.results.length > 0 &&
                    h(
                        'button',
                        { class: 'button', onclick: () => this.#showNearest(page) },
                        t('results.nearest'),
                    ),
            );
        }
        this.#draw(page.next_cursor);
    }

    #showNearest(page) {
        this.nearest = true;
        this.#show(page);
        this.grid.enter();
    }

    #draw(cursor) {
        const matching = this.results.filter((photo) => photo.strength !== 'none' || photo.names);
        const shown = this.nearest ? this.results : matching;
        this.source = sourceOf(groups(shown));
        this.grid.show(this.source);
        this.cursor = cursor;
        // Further pages hold only weaker ones.
        this.more.hidden = !cursor || (matching.length < this.results.length && !this.nearest);
    }

    #tell(page) {
        const count = page.results.filter(
            (photo) => photo.strength !== 'none' || photo.names,
        ).length;
        say(count ? t('results.said', { count }) : t('results.nothing'));
        if (page.truncated) announce(t('results.truncated'));
    }

    async #drawHead() {
        const { q, like, picture } = route();
        if (q) {
            fill(
                this.head,
                q.length > 2 &&
                    h(
                        'button',
                        {
                            class: 'chip chip-ask',
                            onclick: () => dispatchEvent(new CustomEvent('ask', { detail: q })),
                        },
                        icon('ask'),
                        t('results.ask', { question: q }),
                    ),
            );
            return;
        }
        const blob = picture && pictureFor(picture);
        const image = h('img', {
            alt: '',
            class: 'results-example',
            onload: () => blob && URL.revokeObjectURL(image.src),
        });
        if (blob) image.src = URL.createObjectURL(blob);
        if (like) image.src = thumbnail(await getPhoto(like).catch(() => ({ id: like })), 'small');
        fill(
            this.head,
            image,
            h('h1', {}, t(like ? 'results.like' : 'results.picture')),
            h(
                'button',
                {
                    class: 'icon-button',
                    'aria-label': t('results.end'),
                    title: t('results.end'),
                    onclick: () => go({ like: undefined, picture: undefined }),
                },
                icon('close'),
            ),
        );
    }

    show() {
        this.element.hidden = false;
        this.grid.schedule();
    }

    hide() {
        this.running?.abort();
        this.key = null;
        this.element.hidden = true;
    }
}
