// SPDX-License-Identifier: MIT
// Turns that ended with pause_turn: the only turns of the assistant that may end a conversation.
import { isObject } from './shape.mjs';

const sorted = (key, value) =>
    isObject(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value;

// The same for the same blocks, whatever the order of their keys.
const comparable = (blocks) => JSON.stringify(blocks, sorted);

// The blocks as a client puts them together from the events of a stream.
function blocksOf(events) {
    const blocks = [];
    for (const { type, index, content_block, delta } of events) {
        if (type === 'content_block_start') blocks.push({ ...content_block });
        if (type !== 'content_block_delta') continue;
        for (const key of ['text', 'thinking', 'signature']) {
            if (delta[key] !== undefined) blocks[index][key] += delta[key];
        }
    }
    return blocks;
}

export class Pauses {
    #turns = new Set();

    clear() {
        this.#turns.clear();
    }

    has(blocks) {
        return this.#turns.has(comparable(blocks));
    }

    remember(blocks) {
        this.#turns.add(comparable(blocks));
    }

    rememberStream(events) {
        this.remember(blocksOf(events));
    }
}
