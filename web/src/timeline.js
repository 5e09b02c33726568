// SPDX-License-Identifier: MIT
// The gallery by date: grid, scrubber, and where one is in the address.
import { announce } from './announce.js';
import { mayPass } from './connection.js';
import { debounce, fill, h } from './dom.js';
import { formatCount } from './format.js';
import { Grid } from './grid.js';
import { t } from './i18n.js';
import { emptyGallery } from './index_run.js';
import { sectionOf } from './month_sections.js';
import { openMonths } from './months.js';
import { filtersOf, hasFilters, note, route } from './route.js';
import { clearFilters, problem } from './problem.js';
import { Scrubber } from './scrubber.js';
import { sourceOf } from './source.js';

export class Timeline {
    // onOpen(source, index)
    constructor(onOpen) {
        this.gridRoot = h('div', { class: 'photos' });
        this.message = h('div', { class: 'message', hidden: true });
        this.element = h('div', { class: 'view timeline' }, this.message, this.gridRoot);
        this.grid = new Grid(this.gridRoot, {
            makeHeading: (section) => [
                h('h2', {}, section.title),
                h('span', { class: 'quiet' }, formatCount(section.count)),
            ],
            onOpen: (place) => onOpen(this.source, this.source.indexOf(place)),
            onView: (view) => this.#viewed(view),
        });
        this.scrubber = new Scrubber(this.grid);
        this.element.append(this.scrubber.element);
        this.noteMonth = debounce(300, (month) => this.isShown() && note({ month }));
        this.scrolled = 0;
    }

    isShown = () => this.element.isConnected && !this.element.hidden;

    // Reads the months when the filters are other ones than before, or `again`. y: where to scroll to then.
    /** @param {{y?: number, again?: boolean}} how */
    open({ again = false, y } = {}) {
        const filters = filtersOf(route());
        const key = JSON.stringify(filters);
        if (key === this.key && !again) {
            if (y !== undefined) scrollTo(0, y);
            return;
        }
        const other = this.key !== undefined && key !== this.key;
        this.key = key;
        this.ready = this.#read(filters, y ?? (other ? 0 : undefined));
    }

    async #read(filters, y) {
        this.opening?.abort();
        this.opening = new AbortController();
        const { signal } = this.opening;
        try {
            const source = await openMonths(filters, signal);
            if (signal.aborted) return;
            this.failed = false;
            this.#show(source);
            this.#tellEmpty(filters);
            if (!this.isShown()) return;
            if (y !== undefined) scrollTo(0, y);
            else if (route().month) this.goToMonth(route().month);
        } catch (error) {
            if (error.name === 'AbortError') return;
            this.failed = true;
            this.#tellProblem(error);
        }
    }

    #show(source) {
        this.source = source;
        this.grid.show(source);
        this.scrubber.show(source);
    }

    // What was shown before is of other filters, or of before: it goes when the server says no.
    #tellProblem(error) {
        if (this.source?.length && mayPass(error)) return announce(error.message, { error: true });
        this.#show(sourceOf([]));
        this.#tell(problem(error, { again: () => this.retry() }));
    }

    // Retries failed loads.
    retry() {
        if (this.failed) this.open({ again: true });
        else this.grid.retry();
    }

    #tell(...words) {
        this.empty?.close();
        this.empty = null;
        fill(this.message, ...words);
        this.message.hidden = words.length === 0;
    }

    #tellEmpty(filters) {
        if (this.source.length) return this.#tell();
        if (hasFilters(filters)) return this.#tell(h('p', {}, t('photos.none_filtered')), clearFilters());
        const empty = emptyGallery();
        this.#tell(empty.element);
        this.empty = empty;
    }

    // Where a photo is in the gallery, when that is quickly found; -1.
    async find(photo) {
        await this.ready;
        const s = this.source
            ? sectionOf(this.source.sections, photo.taken?.slice(0, 7) ?? 'undated')
            : -1;
        return s < 0 ? -1 : this.source.seek(photo.id, s).catch(() => -1);
    }

    goToMonth(month) {
        const s = this.source ? sectionOf(this.source.sections, month) : -1;
        if (s < 0 || this.source.sections[s].key === this.atMonth) return; // it is there already
        this.grid.scrollToSection(s);
    }

    #viewed({ s, y }) {
        if (!this.isShown()) return;
        this.scrolled = scrollY;
        this.scrubber.moved();
        this.atMonth = y > 10 ? this.source.sections[s]?.key : undefined;
        this.noteMonth(this.atMonth);
    }

    show() {
        this.element.hidden = false;
        scrollTo(0, this.scrolled);
        this.retry(); // the server may have come back while another view was shown
    }

    hide() {
        this.noteMonth.cancel();
        this.element.hidden = true;
    }
}
