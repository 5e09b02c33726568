// SPDX-License-Identifier: MIT
// Requests that the tests start from: all of them good.
import { imageBlock, imagePart, jpeg, strict } from './pictures.mjs';

export const MODEL = 'claude-sonnet-5-5';
export const QUESTION = 'What is the brown dog doing?';

export const TOOLS = [
    {
        name: 'search_photos',
        description: 'Finds photos by words.',
        input_schema: {
            type: 'object',
            properties: {
                query: { type: 'string' },
                count: { type: 'integer' },
                folder: { type: 'string' },
            },
            required: ['query'],
        },
    },
    {
        name: 'view_photo',
        description: 'Shows a photo from nearby.',
        input_schema: {
            type: 'object',
            properties: {
                number: { type: 'integer' },
                crop: { type: 'array', items: { type: 'integer' } },
            },
            required: ['number'],
        },
    },
];

export const SIZES = [
    [640, 480],
    [375, 500],
];

const caption = (index) => ({
    type: 'text',
    text: `Image ${index + 1}: taken 2019-05-0${index + 1}`,
});

export const user = (...content) => ({ role: 'user', content });
export const assistant = (...content) => ({ role: 'assistant', content });
export const text = (words) => ({ type: 'text', text: words });

export function pictured(sizes = SIZES) {
    return sizes.flatMap(([width, height], index) => [
        caption(index),
        imageBlock(jpeg(width, height), strict),
    ]);
}

export function messagesBody(more = {}) {
    return {
        model: MODEL,
        max_tokens: 2000,
        messages: [user(...pictured(), text(QUESTION))],
        ...more,
    };
}

export const CHAT_TOOLS = TOOLS.map(({ name, description, input_schema }) => ({
    type: 'function',
    function: { name, description, parameters: input_schema },
}));

export function chatBody(more = {}) {
    const parts = SIZES.flatMap(([width, height], index) => [
        caption(index),
        imagePart(jpeg(width, height)),
    ]);
    return {
        model: 'gpt-5.1-mini',
        max_tokens: 2000,
        messages: [{ role: 'user', content: [...parts, text(QUESTION)] }],
        ...more,
    };
}

export function withMessages(...messages) {
    return messagesBody({ messages });
}
