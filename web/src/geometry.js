// SPDX-License-Identifier: MIT
// Where everything is in the long scroll: sections below each other, each a heading and its blocks. Heights of
// blocks that are not loaded are guessed and put right when they arrive.
import { GAP, guessHeight, layOut } from './layout.js';

export const HEADING = 52;

// Browsers lay out elements up to some 17 million px; a gallery that would be higher gets smaller rows.
export const HIGHEST = 12e6;

export class Geometry {
    constructor(source, width, { headings = true } = {}) {
        this.source = source;
        this.width = width;
        this.heading = headings ? HEADING : 0;
        this.scale = Math.min(1, Math.sqrt(HIGHEST / guessHeight(source.length, width)));
        this.sections = source.sections.map((section) => ({
            top: 0,
            blocks: section.blocks.map((block) => ({
                top: 0,
                height: guessHeight(block.count, width, this.scale),
                boxes: null,
            })),
        }));
        source.sections.forEach((section, s) =>
            section.blocks.forEach((block, b) => block.photos && this.#measure(s, b, block.photos)),
        );
        this.#stack();
    }

    #measure(s, b, photos) {
        const blocks = this.sections[s].blocks;
        const laid = layOut(photos, this.width, {
            last: b === blocks.length - 1,
            scale: this.scale,
        });
        blocks[b].boxes = laid.boxes;
        blocks[b].height = laid.height + (b === blocks.length - 1 ? 0 : GAP);
    }

    #stack() {
        let y = 0;
        for (const section of this.sections) {
            section.top = y;
            y += this.heading;
            for (const block of section.blocks) {
                block.top = y;
                y += block.height;
            }
            y += 12;
        }
        this.height = y;
    }

    // Takes a block that has arrived; returns how far the content below `y` has moved.
    arrived(s, b, y) {
        const block = this.sections[s].blocks[b];
        const before = block.height;
        const wasAbove = block.top + before <= y;
        this.#measure(s, b, this.source.sections[s].blocks[b].photos);
        if (block.height !== before) this.#stack();
        return wasAbove ? block.height - before : 0;
    }

    forgotten(s, b) {
        this.sections[s].blocks[b].boxes = null;
    }

    sectionAt(y) {
        let low = 0;
        let high = this.sections.length - 1;
        while (low < high) {
            const middle = (low + high + 1) >> 1;
            if (this.sections[middle].top <= y) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    // Calls each(s, b) for the blocks between two heights, and heading(s) for the headings.
    between(from, to, each, heading = (/** @type {number} */ _s) => {}) {
        for (
            let s = this.sectionAt(from);
            s < this.sections.length && this.sections[s].top < to;
            s++
        ) {
            heading(s);
            const { blocks } = this.sections[s];
            for (let b = 0; b < blocks.length; b++) {
                if (blocks[b].top < to && blocks[b].top + blocks[b].height > from) each(s, b);
            }
        }
    }

    // Of a photo whose block is laid out; else null.
    boxOf({ s, b, i }) {
        const block = this.sections[s].blocks[b];
        const box = block.boxes?.[i];
        return box
            ? { left: box.left, top: block.top + box.top, width: box.width, height: box.height }
            : null;
    }

    // The photo above (-1) or below (1): in the next row, nearest to the middle of this one. null at an edge of
    // the block; then the neighbouring block decides.
    vertical({ s, b, i }, direction, middle) {
        const { boxes } = this.sections[s].blocks[b];
        const from = i === null ? (direction > 0 ? -Infinity : Infinity) : boxes[i].top;
        const tops = boxes
            .map((box) => box.top)
            .filter((top) => (direction > 0 ? top > from + 1 : top < from - 1));
        if (!tops.length) return null;
        const row = direction > 0 ? Math.min(...tops) : Math.max(...tops);
        /** @type {{at: number, distance: number} | null} */
        let best = null;
        boxes.forEach((box, at) => {
            const distance = Math.abs(box.left + box.width / 2 - middle);
            if (Math.abs(box.top - row) < 1 && (best === null || distance < best.distance))
                best = { at, distance };
        });
        return { s, b, i: best.at };
    }
}
