// SPDX-License-Identifier: MIT
// Draws the part of a source that is in view. Tiles exist for about three screens, in reading order;
// everything else is only a height.
import { announce } from './announce.js';
import { h } from './dom.js';
import { Geometry } from './geometry.js';
import { GridKeys } from './grid_keys.js';
import { makeTile } from './tile.js';

const SETTLE = 90; // ms that a place must stay in view before its photos are asked for
const BAR = 76; // px at the top that the search bar covers

export class Grid {
    // makeHeading(section) -> its heading; onOpen(place): a photo was chosen;
    // onView({s, y}): drawn again, section s is at the top, y px of the grid are above the window.
    constructor(root, { headings = true, makeHeading, onOpen, onView = (_view) => {} }) {
        this.root = root;
        this.headings = headings;
        this.makeHeading = makeHeading;
        this.onOpen = onOpen;
        this.onView = onView;
        this.drawn = new Map(); // key -> {element, place of a photo}
        this.frame = 0;
        this.keys = new GridKeys(this);
        root.classList.add('grid');
        root.addEventListener('click', (event) => this.#click(event));
        new ResizeObserver(() => this.#resized()).observe(root);
        addEventListener('scroll', () => this.schedule(), { passive: true });
    }

    // `longer`: the same photos and more below them: tiles, cursor and focus stay.
    show(source, { longer = false } = {}) {
        this.source = source;
        if (!longer) this.keys.reset();
        source.onLoad = (s, b) => this.#arrived(s, b);
        source.onForget = (s, b) => this.geometry?.forgotten(s, b);
        this.#lay(longer ? (key) => key.startsWith('t') : undefined);
    }

    #lay(stays = (_key) => false) {
        this.width = this.root.clientWidth || this.width; // hidden: as it was, so that geometry and source agree
        if (!this.source || !this.width) return;
        this.geometry = new Geometry(this.source, this.width, { headings: this.headings });
        for (const [key, { element }] of this.drawn) {
            if (stays(key)) continue;
            element.remove();
            this.drawn.delete(key);
        }
        this.draw();
    }

    // The server answers again: loads the blocks and pictures in view that did not come.
    retry() {
        this.complained = 0;
        for (const [key, { element }] of this.drawn) {
            if (!element.classList.contains('tile-lost')) continue;
            element.remove();
            this.drawn.delete(key);
        }
        this.schedule();
    }

    // Another width: everything is laid out again, and the photo at the top stays there.
    #resized() {
        const covered = document.documentElement.classList.contains('viewing'); // no scroll bar for a while
        if (covered || !this.root.clientWidth || this.root.clientWidth === this.width) return;
        const anchor = this.#anchor();
        this.#lay();
        if (anchor) this.scrollTo(anchor);
    }

    #anchor() {
        let anchor = null;
        if (!this.geometry || this.top <= 0) return anchor;
        this.geometry.between(this.top, this.top + innerHeight, (s, b) => {
            const { top, boxes } = this.geometry.sections[s].blocks[b];
            anchor ??= {
                s,
                b,
                i: Math.max(0, boxes?.findIndex((box) => top + box.top >= this.top) ?? 0),
            };
        });
        return anchor;
    }

    // How much of the grid is above the window, px.
    get top() {
        return -this.root.getBoundingClientRect().top;
    }

    #arrived(s, b) {
        const moved = this.geometry.arrived(s, b, this.top + BAR);
        this.root.style.height = `${this.geometry.height}px`; // first: nothing scrolls beyond the end
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
        const wanted = new Set(); // keys, from top to bottom
        const blocks = new Set();
        this.geometry.between(
            from,
            to,
            (s, b) => {
                blocks.add(`${s}/${b}`);
                this.#drawBlock(s, b, from, to, wanted);
            },
            (s) => this.headings && this.#drawHeading(s, wanted),
        );
        this.#arrange(wanted);
        this.#ask(blocks);
        this.keys.mark();
        this.onView({ s: this.geometry.sectionAt(this.top + BAR), y: this.top });
    }

    #put(key, wanted, { left = 0, top, width = this.width, height }, make, place) {
        wanted.add(key);
        if (!this.drawn.has(key)) this.drawn.set(key, { element: make(), place });
        Object.assign(this.drawn.get(key).element.style, {
            transform: `translate(${left}px, ${top}px)`,
            width: `${width}px`,
            height: `${height}px`,
        });
    }

    #drawHeading(s, wanted) {
        const where = { top: this.geometry.sections[s].top, height: this.geometry.heading };
        const make = () =>
            h('div', { class: 'grid-heading' }, this.makeHeading(this.source.sections[s]));
        this.#put(`h${s}`, wanted, where, make);
    }

    #drawBlock(s, b, from, to, wanted) {
        const { photos } = this.source.block(s, b);
        const block = this.geometry.sections[s].blocks[b];
        if (!photos) {
            const where = { top: block.top, height: block.height - 4 };
            this.#put(`b${s}/${b}`, wanted, where, () => h('div', { class: 'grid-waiting' }));
            return;
        }
        if (!block.boxes) this.geometry.arrived(s, b, 0);
        block.boxes.forEach((box, i) => {
            const top = block.top + box.top;
            if (top > to || top + box.height < from) return;
            const place = { s, b, i };
            this.#put(
                `t${photos[i].id}/${s}`,
                wanted,
                { ...box, top },
                () => makeTile(photos[i]),
                place,
            );
        });
    }

    // Removes tiles out of view, except the focused one, and inserts new ones in reading order.
    #arrange(wanted) {
        for (const [key, { element }] of this.drawn) {
            if (wanted.has(key) || element.contains(document.activeElement)) continue;
            element.remove();
            this.drawn.delete(key);
        }
        let next = this.root.firstChild;
        for (const key of wanted) {
            const { element } = this.drawn.get(key);
            if (element === next) next = next.nextSibling;
            else if (!element.isConnected) this.root.insertBefore(element, next);
            else next = element.nextSibling;
        }
    }

    // Blocks in view are asked for once scrolling pauses on them; others still under way are given up.
    #ask(blocks) {
        clearTimeout(this.settling);
        const ask = () => {
            this.source.abandon((s, b) => blocks.has(`${s}/${b}`));
            for (const key of blocks) {
                const [s, b] = key.split('/').map(Number);
                this.source.load(s, b, { idly: true }).catch((error) => this.#failed(error));
            }
        };
        this.settling = setTimeout(ask, this.source.loaded.size ? SETTLE : 0);
    }

    #failed(error) {
        if (error.name === 'AbortError' || Date.now() - (this.complained ?? 0) < 10000) return;
        this.complained = Date.now();
        announce(error.message, { error: true });
    }

    // ---- places ----

    placeOf(element) {
        for (const drawn of this.drawn.values()) {
            if (drawn.place && drawn.element.contains(element)) return drawn.place;
        }
        return null;
    }

    linkOf(place) {
        const index = this.source.indexOf(place);
        for (const drawn of this.drawn.values()) {
            if (drawn.place && this.source.indexOf(drawn.place) === index)
                return drawn.element.firstChild;
        }
        return null;
    }

    #click(event) {
        const other = event.metaKey || event.ctrlKey || event.button; // a new tab, say
        if (event.defaultPrevented || other || !event.target.closest('.tile-link')) return;
        event.preventDefault();
        this.onOpen(this.placeOf(event.target));
    }

    focus(place) {
        return this.keys.focus(place);
    }

    // The focus comes from elsewhere: to where it was last, else to the first photo.
    enter() {
        if (this.source?.length) void this.focus(this.keys.cursor ?? this.source.locate(0));
    }

    // The photo's row goes to the top; `nearest`: no further than needed to see it.
    scrollTo(place, { nearest = false } = {}) {
        const block = this.geometry.sections[place.s].blocks[place.b];
        const box = this.geometry.boxOf(place) ?? { top: block.top, height: 0 };
        const start = this.root.getBoundingClientRect().top + scrollY;
        const above = start + box.top - BAR - this.geometry.heading;
        const below = start + box.top + box.height + 24 - innerHeight;
        if (!nearest || scrollY > above) scrollTo(0, above);
        else if (scrollY < below) scrollTo(0, below);
    }

    scrollToSection(s) {
        const section = this.geometry?.sections[s];
        if (!section) return; // there are no photos
        const start = this.root.getBoundingClientRect().top + scrollY;
        scrollTo(0, start + section.top - BAR + 12);
        this.schedule();
    }
}
