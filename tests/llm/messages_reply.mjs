// SPDX-License-Identifier: MIT
// An answer as the Messages API sends it: one JSON object, or server-sent events.
//
// Every field that the SDK's types have is there (Message, Usage, RawMessageStreamEvent ...), null
// where nothing is to say.
import { randomBytes } from 'node:crypto';
import { modelRules } from './models.mjs';
import { textTokens } from './prompt_cache.mjs';
import { sign, toolUseId } from './signatures.mjs';

export const newId = (prefix) => `${prefix}_01${randomBytes(11).toString('hex')}`;

// Blocks as they are sent: thinking signed, tool calls with ids.
function finished({ blocks, model, turn }) {
    const thought = [];
    return blocks.map((block, index) => {
        if (block.type === 'text') return { type: 'text', text: block.text, citations: null };
        if (block.type === 'thinking' || block.type === 'redacted_thinking') {
            const signature = sign(modelRules(model).name, block.thinking ?? block.data);
            thought.push(block.type === 'thinking' ? { ...block, signature } : block);
            return thought.at(-1);
        }
        if (block.type !== 'tool_use') return block;
        return {
            type: 'tool_use',
            id: toolUseId(thought, `${turn} ${index}`),
            name: block.name,
            input: block.input,
            caller: { type: 'direct' },
        };
    });
}

const sizeOf = (block) =>
    textTokens(block.text ?? block.thinking ?? JSON.stringify(block.input ?? ''));

function usageOf(blocks, counted) {
    const thinking = blocks
        .filter(({ type }) => type === 'thinking')
        .reduce((sum, block) => sum + sizeOf(block), 0);
    return {
        input_tokens: counted.input,
        output_tokens: Math.max(
            1,
            blocks.reduce((sum, block) => sum + sizeOf(block), 0),
        ),
        cache_creation_input_tokens: counted.write,
        cache_read_input_tokens: counted.read,
        output_tokens_details: { thinking_tokens: thinking },
        server_tool_use: null,
    };
}

function messageOf(answer, usage, content) {
    return {
        id: newId('msg'),
        type: 'message',
        role: 'assistant',
        model: answer.model,
        content,
        container: null,
        diagnostics: null,
        stop_reason: null,
        stop_sequence: null,
        stop_details: null,
        usage: {
            ...usage,
            cache_creation: {
                ephemeral_5m_input_tokens: usage.cache_creation_input_tokens,
                ephemeral_1h_input_tokens: 0,
            },
            inference_geo: 'global',
            service_tier: 'standard',
            speed: 'standard',
        },
    };
}

const stopOf = (answer) => ({
    stop_reason: answer.stop,
    stop_sequence: null,
    stop_details: answer.stopDetails ?? null,
});

// answer: {model, turn, blocks, stop, stopDetails?}; counted: {input, read, write} tokens
export function messageJson(answer, counted) {
    const blocks = finished(answer);
    return { ...messageOf(answer, usageOf(blocks, counted), blocks), ...stopOf(answer) };
}

// Pieces as a model makes them: a few characters each, never within a character.
export function pieces(text, size = 12) {
    const characters = Array.from(text);
    const found = [];
    for (let at = 0; at < characters.length; at += size)
        found.push(characters.slice(at, at + size).join(''));
    return found;
}

const STARTS = {
    text: () => ({ type: 'text', text: '', citations: null }),
    thinking: () => ({ type: 'thinking', thinking: '', signature: '' }),
    tool_use: (block) => ({ ...block, input: {} }),
};

function deltasOf(block) {
    if (block.type === 'text')
        return pieces(block.text).map((text) => ({ type: 'text_delta', text }));
    if (block.type === 'thinking') {
        const thinking = pieces(block.thinking).map((piece) => ({
            type: 'thinking_delta',
            thinking: piece,
        }));
        return [...thinking, { type: 'signature_delta', signature: block.signature }];
    }
    if (block.type === 'tool_use') {
        const json = ['', ...pieces(JSON.stringify(block.input))];
        return json.map((partial_json) => ({ type: 'input_json_delta', partial_json }));
    }
    return [{ type: 'future_delta', note: 'not known yet' }];
}

function blockEvents(block, index) {
    const content_block = STARTS[block.type]?.(block) ?? block;
    const deltas = deltasOf(block).map((delta) => ({ type: 'content_block_delta', index, delta }));
    return [
        { type: 'content_block_start', index, content_block },
        ...deltas,
        { type: 'content_block_stop', index },
    ];
}

// -> events, each an object whose type is the event's name
export function messageEvents(answer, counted) {
    const blocks = finished(answer);
    const usage = usageOf(blocks, counted);
    const start = messageOf(
        answer,
        { ...usage, output_tokens: 1, output_tokens_details: null },
        [],
    );
    const events = blocks.flatMap(blockEvents);
    return [
        { type: 'message_start', message: start },
        ...events.slice(0, 1),
        { type: 'ping' },
        ...events.slice(1),
        { type: 'message_delta', delta: { ...stopOf(answer), container: null }, usage },
        { type: 'message_stop' },
    ];
}

export const eventText = (event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
