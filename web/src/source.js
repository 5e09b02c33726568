// SPDX-License-Identifier: MIT
// The photos of a view in order, in sections (months, strengths), loaded a block at a time and forgotten
// again when there are many: a gallery of any size takes the same memory.

export const BLOCK = 120; // photos per request

export class Source {
    // sections: [{key, title, note?, count}]; fetchBlock(section, offset, limit, signal) -> [photo].
    // keep: blocks that stay loaded.
    constructor(sections, fetchBlock, { keep = 60 } = {}) {
        let first = 0;
        this.sections = sections.map((section) => {
            const made = { ...section, first, blocks: [] };
            for (let at = 0; at < section.count; at += BLOCK) {
                made.blocks.push({
                    offset: at,
                    count: Math.min(BLOCK, section.count - at),
                    photos: null,
                    loading: null,
                    used: 0,
                });
            }
            first += section.count;
            return made;
        });
        this.length = first;
        this.fetchBlock = fetchBlock;
        this.keep = keep;
        this.clock = 0;
        this.loaded = new Set();
        this.onLoad = (_s, _b) => {}; // (s, b): a block has arrived
        this.onForget = (_s, _b) => {}; // (s, b)
    }

    block(s, b) {
        const block = this.sections[s]?.blocks[b];
        if (block) block.used = ++this.clock;
        return block;
    }

    // Resolves with the block's photos. Concurrent calls share one request; `idly`: abandon() may end it.
    load(s, b, { idly = false } = {}) {
        const block = this.block(s, b);
        if (block.photos) return Promise.resolve(block.photos);
        block.loading ??= this.#request(s, b, block);
        block.loading.needed ||= !idly;
        return block.loading.promise;
    }

    #request(s, b, block) {
        const controller = new AbortController();
        const loading = { controller, needed: false };
        loading.promise = this.#fetch(s, b, block, controller.signal).finally(() => {
            if (block.loading === loading) block.loading = null;
        });
        loading.promise.catch(() => {}); // callers that wait have their own
        return loading;
    }

    async #fetch(s, b, block, signal) {
        block.photos = await this.fetchBlock(this.sections[s], block.offset, block.count, signal);
        block.place = [s, b];
        this.loaded.add(block);
        this.onLoad(s, b);
        this.#forgetOld();
        return block.photos;
    }

    // Cancels idle requests that are no longer needed.
    abandon(isWanted) {
        this.sections.forEach((section, s) =>
            section.blocks.forEach((block, b) => {
                if (!block.loading || block.loading.needed || isWanted(s, b)) return;
                block.loading.controller.abort();
                block.loading = null;
            }),
        );
    }

    #forgetOld() {
        if (this.loaded.size <= this.keep) return;
        const oldest = [...this.loaded]
            .sort((a, b) => a.used - b.used)
            .slice(0, this.loaded.size - this.keep);
        for (const block of oldest) {
            block.photos = null;
            this.loaded.delete(block);
            this.onForget(...block.place);
        }
    }

    // ---- photos by their place in the whole list ----

    locate(index) {
        if (index < 0 || index >= this.length) return null;
        let low = 0;
        let high = this.sections.length - 1;
        while (low < high) {
            const middle = (low + high + 1) >> 1;
            if (this.sections[middle].first <= index) low = middle;
            else high = middle - 1;
        }
        const within = index - this.sections[low].first;
        return { s: low, b: Math.floor(within / BLOCK), i: within % BLOCK };
    }

    indexOf({ s, b, i }) {
        return this.sections[s].first + b * BLOCK + i;
    }

    // The photo, or undefined while its block is not loaded.
    at(index) {
        const place = this.locate(index);
        return place ? this.block(place.s, place.b).photos?.[place.i] : undefined;
    }

    async get(index) {
        const place = this.locate(index);
        return place ? (await this.load(place.s, place.b))[place.i] : undefined;
    }

    // Loads a section from its start until the photo is there, at most so many blocks; -1.
    async seek(id, s, blocks = 16) {
        for (let b = 0; b < Math.min(blocks, this.sections[s].blocks.length); b++) {
            await this.load(s, b);
            const index = this.find(id);
            if (index >= 0) return index;
        }
        return -1;
    }

    // Among the blocks that are loaded; -1.
    find(id) {
        for (const block of this.loaded) {
            const i = block.photos.findIndex((photo) => photo.id === id);
            if (i >= 0) return this.indexOf({ s: block.place[0], b: block.place[1], i });
        }
        return -1;
    }
}

// A source of photos that are all here.
export function sourceOf(sections) {
    const source = new Source(
        sections.map(({ photos, ...section }) => ({ ...section, count: photos.length })),
        () => Promise.reject(new Error('not reached')),
        { keep: Infinity },
    );
    source.sections.forEach((section, s) =>
        section.blocks.forEach((block, b) => {
            block.photos = sections[s].photos.slice(block.offset, block.offset + block.count);
            block.place = [s, b];
            source.loaded.add(block);
        }),
    );
    return source;
}
