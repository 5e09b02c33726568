// SPDX-License-Identifier: MIT
// The rail at the right: years along the whole gallery; dragging it, or its arrow keys, jumps through time.
import { fill, h } from './dom.js';
import { formatMonth } from './format.js';
import { t } from './i18n.js';

const YEAR_GAP = 22; // px that two years need between them

export class Scrubber {
    constructor(grid) {
        this.grid = grid;
        this.bubble = h('span', { class: 'scrubber-bubble', 'aria-hidden': 'true' });
        this.thumb = h('div', { class: 'scrubber-thumb' }, this.bubble);
        this.years = h('div', { class: 'scrubber-years', 'aria-hidden': 'true' });
        this.element = h(
            'div',
            {
                class: 'scrubber',
                role: 'slider',
                tabindex: '0',
                'aria-orientation': 'vertical',
                'aria-label': t('scrubber.label'),
                hidden: true,
            },
            this.years,
            this.thumb,
        );
        this.element.addEventListener('pointerdown', (event) => this.#drag(event));
        this.element.addEventListener('keydown', (event) => this.#key(event));
        addEventListener('resize', () => this.#drawYears());
    }

    show(source) {
        this.source = source;
        this.element.hidden = source.length < 60;
        this.element.setAttribute('aria-valuemin', '0');
        this.element.setAttribute('aria-valuemax', String(Math.max(0, source.sections.length - 1)));
        this.share = undefined;
        this.#drawYears();
        this.moved();
    }

    get travel() {
        return Math.max(1, (this.grid.geometry?.height ?? 1) - innerHeight + 90);
    }

    #drawYears() {
        if (!this.source || !this.grid.geometry) return;
        const marks = [];
        let lastYear = null;
        let lastTop = -Infinity;
        const rail = this.element.clientHeight;
        this.source.sections.forEach((section, s) => {
            const year = section.key.slice(0, 4);
            const top = (this.grid.geometry.sections[s].top / this.grid.geometry.height) * rail;
            if (
                year === lastYear ||
                section.key === 'undated' ||
                top - lastTop < YEAR_GAP ||
                top > rail - 12
            )
                return;
            marks.push(h('span', { style: { top: `${top}px` } }, year));
            lastYear = year;
            lastTop = top;
        });
        fill(this.years, marks);
    }

    // The page has been scrolled.
    moved() {
        if (!this.source?.length || !this.grid.geometry) return;
        const share = Math.min(1, Math.max(0, this.grid.top / this.travel));
        const s = this.grid.geometry.sectionAt(this.grid.top + 80);
        const section = this.source.sections[s];
        const name = formatMonth(section.key, true);
        this.thumb.style.top = `${share * 100}%`;
        this.bubble.textContent =
            this.source.sections.length > 1 ? name : `${Math.round(share * 100)} %`;
        this.element.setAttribute('aria-valuenow', String(s));
        this.element.setAttribute(
            'aria-valuetext',
            t('scrubber.value', { month: section.title, count: section.count }),
        );
        if (share === this.share) return;
        if (this.share !== undefined) this.element.classList.add('moving');
        this.share = share;
        clearTimeout(this.resting);
        this.resting = setTimeout(() => this.element.classList.remove('moving'), 1200);
    }

    #drag(down) {
        if (down.button) return;
        down.preventDefault();
        this.element.focus({ preventScroll: true, focusVisible: false });
        this.element.setPointerCapture(down.pointerId);
        this.element.classList.add('dragging');
        const jump = (event) => {
            const { top, height } = this.element.getBoundingClientRect();
            const share = Math.min(1, Math.max(0, (event.clientY - top) / height));
            const start = this.grid.root.getBoundingClientRect().top + scrollY;
            scrollTo(0, start + share * this.travel - (share < 0.002 ? start : 0));
            this.moved();
        };
        jump(down);
        const stop = () => {
            this.element.classList.remove('dragging');
            this.element.removeEventListener('pointermove', jump);
        };
        this.element.addEventListener('pointermove', jump);
        this.element.addEventListener('lostpointercapture', stop, { once: true });
    }

    #key(event) {
        const last = this.source.sections.length - 1;
        if (last < 0) return;
        const here = this.grid.geometry.sectionAt(this.grid.top + 80);
        const to = {
            ArrowUp: here - 1,
            ArrowLeft: here - 1,
            ArrowDown: here + 1,
            ArrowRight: here + 1,
            PageUp: this.#year(here, -1),
            PageDown: this.#year(here, 1),
            Home: 0,
            End: last,
        }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        const s = Math.max(0, Math.min(last, to));
        if (event.key === 'End' && last === 0) scrollTo(0, document.documentElement.scrollHeight);
        else if (s === 0 && to <= 0) scrollTo(0, 0);
        else this.grid.scrollToSection(s);
    }

    // The first section of the next or of the last year.
    #year(from, direction) {
        const year = this.source.sections[from].key.slice(0, 4);
        let s = from;
        while (this.source.sections[s]?.key.slice(0, 4) === year) s += direction;
        const found = this.source.sections[s]?.key.slice(0, 4);
        while (direction < 0 && s > 0 && this.source.sections[s - 1].key.slice(0, 4) === found) s--;
        return s;
    }
}
