// SPDX-License-Identifier: MIT
// The keyboard in a grid: one stop for Tab, and arrows from there through all of the source, loading what
// they come to.

export class GridKeys {
    constructor(grid) {
        this.grid = grid;
        this.cursor = null;
        this.goal = null; // where up and down aim at, px from the left
        this.step = 0; // a later key makes an earlier one that still waits void
        grid.root.addEventListener('keydown', (event) => this.#key(event));
        grid.root.addEventListener('focusin', (event) => {
            this.cursor = grid.placeOf(event.target) ?? this.cursor;
            this.mark();
        });
    }

    reset() {
        this.cursor = null;
        this.step++;
    }

    // Gives one link the stop: where one was last, else the first in the window.
    mark() {
        const { grid } = this;
        const last = this.cursor && grid.linkOf(this.cursor);
        let stop = last;
        let first = Infinity;
        for (const { element, place } of grid.drawn.values()) {
            if (!place) continue;
            element.firstChild.tabIndex = -1;
            const index = grid.source.indexOf(place);
            const isInView = grid.geometry.boxOf(place)?.top >= grid.top;
            if (last || index > first || !isInView) continue;
            first = index;
            stop = element.firstChild;
        }
        if (stop) stop.tabIndex = 0;
    }

    #key(event) {
        if (event.altKey || event.ctrlKey || event.metaKey || !event.target.closest('.tile'))
            return;
        const { source } = this.grid;
        const here = source.indexOf(this.cursor);
        const to = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: source.length - 1 }[
            event.key
        ];
        const vertical = event.key === 'ArrowUp' || event.key === 'ArrowDown';
        if (!vertical) this.goal = null;
        if (to !== undefined) {
            const place = source.locate(to);
            if (place) void this.focus(place);
        } else if (vertical) {
            void this.#walk(event.key === 'ArrowDown' ? 1 : -1);
        } else if (event.key === 'm') {
            event.target.closest('.tile').querySelector('.tile-like').click();
        } else {
            return;
        }
        event.preventDefault();
    }

    // To the nearest photo of the row above or below, which may be in another block.
    async #walk(direction) {
        const { geometry, source } = this.grid;
        const { s, b } = this.cursor;
        const box = geometry.boxOf(this.cursor);
        if (!box) return;
        this.goal ??= box.left + box.width / 2;
        const same = geometry.vertical(this.cursor, direction, this.goal);
        if (same) return void this.focus(same);
        const block = source.sections[s].blocks[b];
        const first = source.sections[s].first + block.offset;
        const next = source.locate(direction > 0 ? first + block.count : first - 1);
        if (!next) return;
        const step = ++this.step;
        const isLoaded = await this.#load(next);
        if (isLoaded && step === this.step)
            void this.focus(geometry.vertical({ ...next, i: null }, direction, this.goal));
    }

    // False where the server does not answer: the grid says so, and asks again.
    async #load({ s, b }) {
        const { source } = this.grid;
        try {
            await source.load(s, b);
            return source === this.grid.source;
        } catch {
            return false;
        }
    }

    // Brings a photo into view and gives it the focus, loading its block first if need be.
    async focus(place) {
        const { grid } = this;
        const step = ++this.step;
        this.cursor = place;
        const isLoaded = await this.#load(place);
        if (!isLoaded || step !== this.step) return;
        grid.scrollTo(place, { nearest: true });
        grid.draw();
        grid.linkOf(place)?.focus({ preventScroll: true });
    }
}
