// SPDX-License-Identifier: MIT
// A request becomes what a scenario needs: what the model sees, and how many tokens that is.
//
//   {view, counted: {input, read, write} tokens, streams, model}
//
// A request that breaks a rule throws a Refusal. entry, of the log, gets the images.
import { checkChat } from './chat_rules.mjs';
import { tokensOf } from './image_rules.mjs';
import { checkMessages } from './messages_rules.mjs';
import { LARGE_IMAGE } from './models.mjs';
import { textTokens } from './prompt_cache.mjs';
import { readChat, readMessages } from './reading.mjs';
import { Refusal } from './refusal.mjs';
import { RequestLog } from './request_log.mjs';

// images: those of the request, with their tokens
function countTokens(body, model, { rules, images }, cache, remember) {
    const tokens = new Map(images.map((image) => [image.block, image.tokens]));
    const ofBlock = (block) => {
        if (tokens.has(block)) return tokens.get(block);
        if (block.type === 'tool_result' && Array.isArray(block.content)) {
            return block.content.reduce((sum, inner) => sum + ofBlock(inner), 8);
        }
        return textTokens(block.text ?? JSON.stringify(block));
    };
    const counted = cache.count(model, body, rules.cacheMinimum, ofBlock, remember);
    const total = counted.input + counted.read + counted.write;
    if (total > rules.context) {
        throw new Refusal(400, `prompt is too long: ${total} tokens > ${rules.context} maximum`);
    }
    return counted;
}

// memory: {cache: PromptCache, pauses: Pauses}
export function understandMessages(body, route, scenario, entry, { cache, pauses }) {
    const context = { paused: (blocks) => pauses.has(blocks), imageLimit: scenario.imageLimit };
    const checked = checkMessages(body, route, context);
    const limit = scenario.imageLimit ?? checked.rules.image;
    checked.images.forEach((image) => Object.assign(image, { tokens: tokensOf(image, limit) }));
    entry.images = RequestLog.describeImages(checked.images);
    const streams = body.stream === true;
    if (route.platform === 'vertex' && route.api === 'messages' && streams !== route.streams) {
        throw new Refusal(400, 'stream: does not go with the method in the address');
    }
    const model = body.model ?? route.model;
    const counted = countTokens(body, model, checked, cache, route.api === 'messages');
    return { view: readMessages(body), counted, streams, model };
}

export function understandChat(body, route, scenario, entry) {
    const images = checkChat(body, route);
    images.forEach((image) => Object.assign(image, { tokens: tokensOf(image, LARGE_IMAGE) }));
    entry.images = RequestLog.describeImages(images);
    const texts = JSON.stringify([body.messages, body.tools], (key, value) =>
        key === 'url' ? '' : value,
    );
    const input = images.reduce((sum, { tokens }) => sum + tokens, textTokens(texts));
    const counted = { input, read: 0, write: 0 };
    return { view: readChat(body), counted, streams: body.stream === true, model: body.model };
}
