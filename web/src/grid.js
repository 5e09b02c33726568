// Draws the part of a source that is in view, and lets the keyboard walk through all of it.
// Tiles exist for about three screens; everything else is only a height.
import { h } from './dom.js';
import { Geometry } from './geometry.js';
import { makeTile } from './tile.js';

const SETTLE = 90; // ms that a place must stay in view before its photos are asked for

export class Grid {
    // onOpen(place): a photo was chosen; onView({s, y}): the section at the top of the window has changed.
    constructor(root, { headings = true, makeHeading, onOpen, onView = () => {} }) {
        Object.assign(this, { root, headings, makeHeading, onOpen, onView });
        this.drawn = new Map();
        this.cursor = null;
        this.frame = 0;
        root.classList.add('grid');
        root.addEventListener('click', (event) => this.#click(event));
        root.addEventListener('keydown', (event) => this.#key(event));
        root.addEventListener('focusin', (event) => this.#focused(event));
        this.observer = new ResizeObserver(() => this.#resized());
        this.observer.observe(root);
        this.onScroll = () => this.schedule();
        addEventListener('scroll', this.onScroll, { passive: true });
    }

    close() {
        this.observer.disconnect();
        removeEventListener('scroll', this.onScroll);
        cancelAnimationFrame(this.frame);
        clearTimeout(this.settling);
    }

    show(source) {
        this.source = source;
        this.cursor = source.length ? source.locate(0) : null;
        source.onLoad = (s, b) => this.#arrived(s, b);
        source.onForget = (s, b) => this.geometry?.forgotten(s, b);
        this.#lay();
    }

    #lay() {
        this.width = this.root.clientWidth;
        if (!this.source || !this.width) return;
        this.geometry = new Geometry(this.source, this.width, { headings: this.headings });
        for (const { element } of this.drawn.values()) element.remove();
        this.drawn.clear();
        this.draw();
    }

    // Another width: everything is laid anew, and what was at the top stays there.
    #resized() {
        const covered = document.documentElement.classList.contains('viewing'); // no scroll bar for a while
        if (covered || !this.root.clientWidth || this.root.clientWidth === this.width) return;
        const anchor = this.#anchor();
        this.#lay();
        if (anchor) this.scrollTo(anchor);
    }

    #anchor() {
        if (!this.geometry || this.top <= 0) return null;
        let anchor = null;
        this.geometry.between(
            this.top,
            this.top + innerHeight,
            (s, b) => {
                const block = this.geometry.sections[s].blocks[b];
                anchor ??= {
                    s,
                    b,
                    i: Math.max(0, block.boxes?.findIndex((box) => block.top + box.top >= this.top) ?? 0),
                };
            },
            () => {},
        );
        return anchor;
    }

    get top() {
        return -this.root.getBoundingClientRect().top;
    }

    #arrived(s, b) {
        const moved = this.geometry.arrived(s, b, this.top);
        if (moved) scrollBy(0, moved);
        this.schedule();
    }

    schedule() {
        this.frame ||= requestAnimationFrame(() => {
            this.frame = 0;
            this.draw();
        });
    }

    // ---- drawing ----

    draw() {
        if (!this.geometry || !this.root.isConnected || !this.root.clientWidth) return;
        this.root.style.height = `${this.geometry.height}px`;
        const from = this.top - innerHeight;
        const to = this.top + innerHeight * 2;
        const wanted = new Set();
        const blocks = new Set();
        this.geometry.between(
            from,
            to,
            (s, b) => this.#drawBlock(s, b, from, to, wanted, blocks),
            (s) => {
                if (this.headings) this.#drawHeading(s, wanted);
            },
        );
        for (const [key, { element }] of this.drawn) {
            if (wanted.has(key) || element.contains(document.activeElement)) continue;
            element.remove();
            this.drawn.delete(key);
        }
        this.#ask(blocks);
        this.#tabStop();
        this.onView({ s: this.geometry.sectionAt(this.top + 80), y: this.top });
    }

    #put(key, wanted, { left = 0, top, width = this.width, height }, make, place) {
        wanted.add(key);
        let drawn = this.drawn.get(key);
        if (!drawn) {
            drawn = { element: make(), place };
            this.drawn.set(key, drawn);
            this.root.append(drawn.element);
        }
        Object.assign(drawn.element.style, {
            transform: `translate(${left}px, ${top}px)`,
            width: `${width}px`,
            height: `${height}px`,
        });
    }

    #drawHeading(s, wanted) {
        const top = this.geometry.sections[s].top;
        this.#put(`h${s}`, wanted, { top, height: this.geometry.heading }, () =>
            h('div', { class: 'grid-heading' }, this.makeHeading(this.source.sections[s])),
        );
    }

    #drawBlock(s, b, from, to, wanted, blocks) {
        const { top, height, boxes } = this.geometry.sections[s].blocks[b];
        const { photos } = this.source.block(s, b);
        blocks.add(`${s}/${b}`);
        if (!photos || !boxes) {
            if (photos) this.geometry.arrived(s, b, this.top);
            this.#put(`b${s}/${b}`, wanted, { top, height: height - 4 }, () =>
                h('div', { class: 'grid-waiting' }),
            );
            return;
        }
        boxes.forEach((box, i) => {
            const y = top + box.top;
            if (y > to || y + box.height < from) return;
            this.#put(`t${photos[i].id}/${s}`, wanted, { ...box, top: y }, () => makeTile(photos[i]), {
                s,
                b,
                i,
            });
        });
    }

    // Blocks in view are asked for once scrolling pauses on them; others still under way are given up.
    #ask(blocks) {
        clearTimeout(this.settling);
        this.settling = setTimeout(
            () => {
                this.source.abandon((s, b) => blocks.has(`${s}/${b}`));
                for (const key of blocks) {
                    const [s, b] = key.split('/').map(Number);
                    this.source.load(s, b).catch(() => {});
                }
            },
            this.hasLoaded ? SETTLE : 0,
        );
        this.hasLoaded = true;
    }

    // ---- the keyboard: one stop for Tab, arrows from there ----

    #tabStop() {
        let stop = null;
        let first = null;
        for (const { element, place } of this.drawn.values()) {
            if (!place) continue;
            const link = element.firstChild;
            link.tabIndex = -1;
            if (this.cursor && this.source.indexOf(place) === this.source.indexOf(this.cursor)) stop = link;
            else if (!first && this.geometry.boxOf(place)?.top >= this.top) first = link;
        }
        (stop ?? first)?.setAttribute('tabindex', '0');
    }

    #placeOf(element) {
        for (const drawn of this.drawn.values())
            if (drawn.place && drawn.element.contains(element)) return drawn.place;
        return null;
    }

    #focused(event) {
        const place = this.#placeOf(event.target);
        if (place) {
            this.cursor = place;
            this.#tabStop();
        }
    }

    #click(event) {
        if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button)
            return;
        if (!event.target.closest('.tile-link')) return;
        event.preventDefault();
        this.onOpen(this.#placeOf(event.target));
    }

    #key(event) {
        if (event.altKey || event.ctrlKey || event.metaKey || !this.cursor || !event.target.closest('.tile'))
            return;
        const steps = { ArrowLeft: -1, ArrowRight: 1 };
        const last = this.source.length - 1;
        let next = null;
        if (event.key in steps)
            next = this.source.locate(this.source.indexOf(this.cursor) + steps[event.key]);
        else if (event.key === 'Home') next = this.source.locate(0);
        else if (event.key === 'End') next = this.source.locate(last);
        else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
            event.preventDefault();
            this.#moveVertically(event.key === 'ArrowDown' ? 1 : -1);
            return;
        } else if (event.key === 'm') event.target.closest('.tile').querySelector('.tile-like').click();
        if (!next) return;
        event.preventDefault();
        this.focus(next);
    }

    async #moveVertically(direction) {
        const box = this.geometry.boxOf(this.cursor);
        if (!box) return;
        const middle = box.left + box.width / 2;
        const here = this.geometry.vertical(this.cursor, direction, middle);
        if (here) return this.focus(here);
        const { s, b } = this.cursor;
        const edge =
            direction > 0
                ? this.source.sections[s].first +
                  this.source.sections[s].blocks[b].offset +
                  this.source.sections[s].blocks[b].count
                : this.source.sections[s].first + this.source.sections[s].blocks[b].offset - 1;
        const next = this.source.locate(edge);
        if (!next) return;
        await this.source.load(next.s, next.b);
        this.focus(this.geometry.vertical({ ...next, i: null }, direction, middle));
    }

    // Brings a photo into view and gives it the focus, loading its block first if need be.
    async focus(place, { only = false } = {}) {
        this.cursor = place;
        await this.source.load(place.s, place.b);
        if (this.cursor !== place) return;
        this.scrollTo(place, { only: !only });
        this.draw();
        const drawn = [...this.drawn.values()].find(
            (one) => one.place && this.source.indexOf(one.place) === this.source.indexOf(place),
        );
        drawn?.element.firstChild.focus({ preventScroll: true });
    }

    // only: no further than needed; else the photo's row goes to the top.
    scrollTo(place, { only = false } = {}) {
        const margin = 76; // the bar at the top
        const block = this.geometry.sections[place.s].blocks[place.b];
        const box = this.geometry.boxOf(place) ?? { top: block.top, height: 0 };
        const start = this.root.getBoundingClientRect().top + scrollY;
        const above = start + box.top - margin - (this.headings ? this.geometry.heading : 0);
        const below = start + box.top + box.height + 24 - innerHeight;
        if (!only) scrollTo(0, above);
        else if (scrollY > above) scrollTo(0, above);
        else if (scrollY < below) scrollTo(0, below);
    }

    scrollToSection(s) {
        scrollTo(0, this.root.getBoundingClientRect().top + scrollY + this.geometry.sections[s].top - 64);
        this.schedule();
    }
}
