// SPDX-License-Identifier: MIT
// What each model takes: claude-api.md's source is npm's @anthropic-ai/sdk, the figures are those
// of Anthropic's model and vision pages.
//
// modelRules(id) -> rules or null when there is no such model.

// The longest side and the patches of 28 px of one image.
const SMALL_IMAGE = { edge: 1568, tokens: 1568 };
export const LARGE_IMAGE = { edge: 2576, tokens: 4784 };

const NEW = {
    image: LARGE_IMAGE,
    context: 1_000_000,
    output: 128_000,
    cacheMinimum: 1024,
    prefill: false,
    forcedTools: true,
    thinking: ['adaptive', 'disabled'],
    thinkingDefault: true,
};
const OLD = {
    ...NEW,
    image: SMALL_IMAGE,
    context: 200_000,
    output: 64_000,
    prefill: true,
    thinking: ['enabled', 'disabled'],
    thinkingDefault: false,
};
const ALWAYS = { thinking: ['adaptive'], forcedTools: false, cacheMinimum: 512 };

const MODELS = {
    'claude-fable-5-2': { ...NEW, ...ALWAYS },
    'claude-mythos-5-2': { ...NEW, ...ALWAYS },
    'claude-fable-5-1': { ...NEW, ...ALWAYS },
    'claude-mythos-5-1': { ...NEW, ...ALWAYS },
    'claude-fable-5': { ...NEW, ...ALWAYS },
    'claude-mythos-5': { ...NEW, ...ALWAYS },
    'claude-opus-5-5': { ...NEW, ...ALWAYS },
    'claude-sonnet-5-5': { ...NEW, thinking: ['adaptive', 'between_tools'], forcedTools: false },
    'claude-haiku-5-5': { ...NEW, thinking: ['adaptive', 'between_tools', 'disabled'] },
    'claude-opus-5': { ...NEW, cacheMinimum: 512 },
    'claude-sonnet-5': NEW,
    'claude-opus-4-8': { ...NEW, thinkingDefault: false },
    'claude-opus-4-7': { ...NEW, thinkingDefault: false },
    'claude-opus-4-6': { ...OLD, thinking: ['adaptive', 'enabled', 'disabled'] },
    'claude-sonnet-4-6': { ...OLD, thinking: ['adaptive', 'enabled', 'disabled'] },
    'claude-opus-4-5': OLD,
    'claude-sonnet-4-5': OLD,
    'claude-haiku-4-5': { ...OLD, cacheMinimum: 4096 },
};

// Bedrock writes anthropic.claude-..., Vertex claude-...@20251001.
export function modelRules(id) {
    const name = String(id)
        .replace(/^anthropic\./, '')
        .replace(/[-@]20\d{6}$/, '');
    return Object.hasOwn(MODELS, name) ? { name, ...MODELS[name] } : null;
}

export const modelNames = Object.keys(MODELS);

export const imageTokens = (width, height) => Math.ceil(width / 28) * Math.ceil(height / 28);

export function imageFits({ edge, tokens }, width, height) {
    return Math.max(width, height) <= edge && imageTokens(width, height) <= tokens;
}

// The longest side that fits when the picture keeps its shape: the server's own scaling rule.
export function largestSide(limit, width, height) {
    const long = Math.max(width, height);
    const short = Math.min(width, height);
    let low = 1;
    let high = Math.min(long, limit.edge);
    while (low < high) {
        const side = Math.ceil((low + high) / 2);
        const other = Math.max(1, Math.round((short * side) / long));
        if (imageFits(limit, side, other)) low = side;
        else high = side - 1;
    }
    return low;
}
