// SPDX-License-Identifier: MIT
// Prompt caching by what it promises: a prefix that was sent with a breakpoint before, and is the
// same to the last key, is read and not paid for again. Order: tools, system, messages.
import { createHash } from 'node:crypto';

const LOOK_BACK = 20; // blocks before a breakpoint at which an older one is still found

export const textTokens = (text) => Math.ceil(Buffer.byteLength(text) / 4);

const withoutMark = (block) => {
    const { cache_control: _, ...rest } = block;
    return JSON.stringify(rest);
};

// [{text, marked, tokens}] in the order in which the model reads them.
function unitsOf(body, tokensOfBlock) {
    const units = [];
    const add = (place, block) => {
        const text = `${place} ${withoutMark(block)}`;
        units.push({ text, marked: Boolean(block.cache_control), tokens: tokensOfBlock(block) });
    };
    (body.tools ?? []).forEach((tool) => add('tool', tool));
    const system = body.system ?? [];
    (typeof system === 'string' ? [{ type: 'text', text: system }] : system).forEach((block) =>
        add('system', block),
    );
    body.messages.forEach((message) => {
        const { content, role } = message;
        const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
        blocks.forEach((block) => add(role, block));
    });
    if (body.cache_control && units.length > 0) units.at(-1).marked = true;
    return units;
}

// model settings that are part of every prefix
const startOf = (model, body) =>
    JSON.stringify([model, body.tool_choice ?? null, body.thinking ?? null]);

export class PromptCache {
    #prefixes = new Set();

    clear() {
        this.#prefixes.clear();
    }

    // -> {input, read, write} tokens. remember: false only counts
    count(model, body, minimum, tokensOfBlock, remember) {
        const hash = createHash('sha256').update(startOf(model, body));
        let tokens = 0;
        const ends = unitsOf(body, tokensOfBlock).map((unit) => {
            hash.update(unit.text);
            tokens += unit.tokens;
            return { key: hash.copy().digest('hex'), tokens, marked: unit.marked };
        });
        const marks = ends.flatMap((end, index) =>
            end.marked && end.tokens >= minimum ? [index] : [],
        );
        const reachable = ends.filter((_, index) =>
            marks.some((mark) => index <= mark && index > mark - LOOK_BACK),
        );
        const read = reachable.findLast(({ key }) => this.#prefixes.has(key))?.tokens ?? 0;
        const written = marks.length > 0 ? ends[marks.at(-1)].tokens : 0;
        if (remember) marks.forEach((mark) => this.#prefixes.add(ends[mark].key));
        const write = Math.max(0, written - read);
        return { input: tokens - read - write, read, write };
    }
}
