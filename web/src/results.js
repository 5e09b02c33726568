// SPDX-License-Identifier: MIT
// The results of a search: matches first, then possible matches, each with its strength.
import { AboutSearch } from './about_search.js';
import { getPhoto, getStatus, thumbnail } from './api.js';
import { nameForm, saveAlbum } from './albums.js';
import { announce, say } from './announce.js';
import { fill, h } from './dom.js';
import { formatCount } from './format.js';
import { Found, groups, isMatch } from './found.js';
import { Grid } from './grid.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { emptyGallery } from './index_run.js';
import { pictureFor } from './picture.js';
import { clearFilters, insteadOf, problem } from './problem.js';
import { filtersOf, go, hasFilters, route } from './route.js';
import { sourceOf } from './source.js';

const KEPT = 20; // searches whose photos stay, for Back
const AHEAD = '1200px'; // below the window, from which on the next page is asked for

export class Results {
    constructor(onOpen) {
        this.head = h('div', { class: 'results-head' });
        this.about = new AboutSearch();
        this.hint = h('div', { class: 'results-head', hidden: true });
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
            h('div', { class: 'results-top' }, this.head, this.about.element),
            this.hint,
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
                    section.key === 'none'
                        ? t('results.none_note')
                        : section.whole && formatCount(section.count),
                ),
            ],
            // Results that are still shown while another search runs can also be opened.
            onOpen: (place) => onOpen(this.grid.source, this.grid.source.indexOf(place)),
        });
        this.kept = new Map(); // searches by their query
        this.end = new IntersectionObserver(
            (entries) => entries.at(-1).isIntersecting && !this.failed && this.#next(),
            { rootMargin: AHEAD },
        );
        this.end.observe(this.more);
    }

    // Runs the search of the address and cancels the older one. Earlier results are shown immediately.
    // y: where to scroll to; again: as the gallery is now, in the same place.
    /** @param {{y?: number, again?: boolean}} how */
    open({ y, again = false } = {}) {
        const { q, like, picture } = route();
        const key = JSON.stringify([q, like, picture, filtersOf(route())]);
        if (key === this.key && !again) {
            if (y !== undefined) scrollTo(0, y);
            return;
        }
        const place = again && key === this.key ? scrollY : (y ?? 0);
        this.key = key;
        this.running?.abort();
        this.running = new AbortController();
        clearTimeout(this.waiting);
        this.#suggest(null);
        const found = this.kept.get(key);
        this.about.follow(q);
        void this.#drawHead();
        if (found) {
            this.ready = Promise.resolve();
            this.#arrived(found, place);
        } else {
            this.ready = this.#search(key, place, this.running.signal);
        }
    }

    async #search(key, y, signal) {
        this.source = null; // the displayed results are of another search
        this.waiting = setTimeout(() => this.element.classList.add('stale'), 200);
        const found = new Found(route());
        try {
            const page = await found.more(signal);
            while (y > found.photos.length * 20 && !found.isWhole) await found.more(signal);
            if (signal.aborted) return;
            this.#keep(key, found);
            this.#arrived(found, y);
            this.#tell(page);
        } catch (error) {
            if (error.name === 'AbortError' || signal.aborted) return;
            this.#refused(error);
        }
    }

    #keep(key, found) {
        this.kept.set(key, found);
        if (this.kept.size > KEPT) this.kept.delete(this.kept.keys().next().value);
    }

    // The gallery has changed: earlier results may be out of date.
    forget() {
        this.kept.clear();
    }

    #arrived(found, y) {
        clearTimeout(this.waiting);
        this.element.classList.remove('stale');
        this.failed = null;
        this.found = found;
        this.#suggest(found.hint);
        this.#draw();
        scrollTo(0, y);
    }

    // A word was searched for as a word, and may have been meant as a criterion.
    #suggest(hint) {
        this.hint.hidden = !hint;
        if (hint) fill(this.hint, insteadOf(hint.instead));
    }

    #refused(error) {
        clearTimeout(this.waiting);
        this.element.classList.remove('stale');
        this.failed = () => this.open({ again: true });
        this.found = null;
        this.source = sourceOf([]);
        this.grid.show(this.source);
        this.more.hidden = true;
        if (error.position) this.about.follow(null); // it could not be read
        this.#say(problem(error, { again: this.failed }));
    }

    // Retries failed loads.
    retry() {
        const { failed } = this;
        this.failed = null;
        if (failed) void failed();
        else this.grid.retry();
    }

    async #next() {
        const { found, running } = this;
        if (!found || found.isWhole || found.loading) return;
        found.loading = true;
        try {
            await found.more(running.signal);
            if (found !== this.found) return;
            this.#draw({ longer: true });
            this.end.unobserve(this.more); // so that it tells again whether the end is near
            this.end.observe(this.more);
        } catch (error) {
            if (error.name === 'AbortError' || found !== this.found) return;
            this.failed = () => this.#next();
            announce(error.message, { error: true });
        } finally {
            found.loading = false;
        }
    }

    #draw({ longer = false } = {}) {
        const { found } = this;
        const { matching } = found;
        this.source = sourceOf(groups(found.nearest ? found.photos : matching, found.isWhole));
        this.grid.show(this.source, { longer });
        this.more.hidden = found.isWhole;
        if (matching.length || found.nearest) this.#say();
        else this.#sayNothing();
    }

    #say(...words) {
        this.empty?.close();
        this.empty = null;
        fill(this.message, ...words);
        this.message.hidden = words.length === 0;
    }

    // Photos that are no nearer than chance are kept back until one asks for them.
    #sayNothing() {
        const { found } = this;
        if (found.photos.length)
            return this.#say(
                h('p', { class: 'message-title' }, t('results.nothing')),
                h('p', { class: 'quiet' }, t(found.isUnread ? 'results.unread' : 'results.nothing_hint')),
                h(
                    'button',
                    { class: 'button', onclick: () => this.#showNearest() },
                    t('results.nearest'),
                ),
                hasFilters(route()) && clearFilters(),
            );
        if (hasFilters(route()))
            return this.#say(h('p', {}, t('photos.none_filtered')), clearFilters());
        void this.#sayEmpty(found);
    }

    // Nothing meets the criteria of the query, or there are no photos yet.
    async #sayEmpty(found) {
        const { photos } = await getStatus().catch(() => ({ photos: 0 }));
        if (found !== this.found) return;
        if (photos) return this.#say(h('p', { class: 'message-title' }, t('results.nothing')));
        const empty = emptyGallery();
        this.#say(empty.element);
        this.empty = empty;
    }

    #showNearest() {
        this.found.nearest = true;
        this.#draw();
        this.grid.enter();
    }

    #tell(page) {
        const count = page.results.filter(isMatch).length;
        say(count ? t('results.said', { count }) : t('results.nothing'));
        if (page.truncated) announce(t('results.truncated'));
        if (page.partly_unread) announce(t('results.partly_unread'));
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
                        h('span', {}, t('results.ask', { question: q })),
                    ),
                !q.startsWith('album:') && this.#saveButton(q),
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

    // Saves the search as an album.
    #saveButton(query) {
        const button = h('button', { class: 'chip', type: 'button' }, icon('album'), t('albums.save'));
        button.addEventListener('click', () =>
            nameForm(button, { label: t('albums.name'), onSave: (name) => saveAlbum(name, query) }),
        );
        return button;
    }

    show() {
        this.element.hidden = false;
        this.grid.retry();
    }

    hide() {
        this.running?.abort();
        clearTimeout(this.waiting);
        this.key = null;
        this.element.hidden = true;
    }
}
