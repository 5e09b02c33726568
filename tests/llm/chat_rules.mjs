// SPDX-License-Identifier: MIT
// What POST /v1/chat/completions takes: the types of npm's openai package. OpenAI's own service
// refuses unknown keys; llama.cpp's and Ollama's servers pass them over.
import { readImage } from './image_header.mjs';
import { decodeBase64 } from './image_rules.mjs';
import { chatModels } from './models_reply.mjs';
import { Refusal } from './refusal.mjs';
import {
    anything,
    at,
    boolean,
    checkShape,
    integer,
    listOf,
    matching,
    nullable,
    number,
    object,
    oneOf,
    refuse,
    required,
    shaped,
    string,
    tagged,
} from './shape.mjs';

const or = (list) => (value, path) => (typeof value === 'string' ? undefined : list(value, path));
const TEXT = { text: required(string), prompt_cache_breakpoint: object };
const IMAGE = {
    image_url: required(shaped({ url: required(string), detail: oneOf('auto', 'low', 'high') })),
    prompt_cache_breakpoint: object,
};
const texts = or(listOf(tagged({ text: TEXT })));
const CALL = {
    id: required(string),
    type: required(oneOf('function')),
    function: required(shaped({ name: required(string), arguments: required(string) })),
};
const MESSAGES = {
    system: { content: required(texts), name: string },
    developer: { content: required(texts), name: string },
    user: { content: required(or(listOf(tagged({ text: TEXT, image_url: IMAGE })))), name: string },
    assistant: {
        content: nullable(texts),
        tool_calls: listOf(shaped(CALL)),
        refusal: nullable(string),
        name: string,
        reasoning_content: string,
        reasoning: string,
    },
    tool: { content: required(texts), tool_call_id: required(string) },
};
const FUNCTION = {
    name: required(matching(/^[a-zA-Z0-9_-]{1,64}$/)),
    description: string,
    parameters: object,
    strict: nullable(boolean),
};
const SPEC = {
    model: required(string),
    messages: required(anything),
    max_tokens: nullable(integer(1)),
    max_completion_tokens: nullable(integer(1)),
    stream: nullable(boolean),
    stream_options: nullable(shaped({ include_usage: boolean, include_obfuscation: boolean })),
    tools: listOf(
        shaped({ type: required(oneOf('function')), function: required(shaped(FUNCTION)) }),
    ),
    tool_choice: anything,
    parallel_tool_calls: boolean,
    reasoning_effort: nullable(oneOf('none', 'minimal', 'low', 'medium', 'high', 'xhigh')),
    response_format: object,
    temperature: nullable(number),
    top_p: nullable(number),
    frequency_penalty: nullable(number),
    presence_penalty: nullable(number),
    seed: nullable(integer(-Infinity)),
    stop: nullable(anything),
    n: nullable(integer(1, 1)),
    store: nullable(boolean),
    metadata: nullable(object),
    service_tier: nullable(string),
    user: string,
    verbosity: nullable(oneOf('low', 'medium', 'high')),
    prompt_cache_key: nullable(string),
    prompt_cache_retention: nullable(oneOf('in_memory', '24h')),
    safety_identifier: nullable(string),
};

function checkMessage(message, path) {
    object(message, path);
    oneOf(...Object.keys(MESSAGES))(message.role, at(path, 'role'));
    checkShape(message, path, { role: anything, ...MESSAGES[message.role] });
    if (message.role === 'assistant' && message.content == null && !message.tool_calls?.length) {
        refuse(path, 'an assistant message must have content or tool_calls');
    }
}

// Every call of a message is answered by tool messages right after it.
function checkCalls(messages) {
    let open = new Set();
    messages.forEach((message, index) => {
        const path = `messages.${index}`;
        if (message.role === 'tool') {
            if (!open.delete(message.tool_call_id)) {
                refuse(
                    path,
                    "messages with role 'tool' must be a response to a preceding message " +
                        "with 'tool_calls'.",
                );
            }
            return;
        }
        checkNoneOpen(open);
        open = new Set((message.tool_calls ?? []).map((call) => call.id));
    });
    checkNoneOpen(open);
}

function checkNoneOpen(open) {
    if (open.size === 0) return;
    const ids = [...open].join(', ');
    refuse(
        'messages',
        `An assistant message with 'tool_calls' must be followed by tool messages responding ` +
            `to each 'tool_call_id'. The following tool_call_ids did not have response messages: ` +
            `${ids}`,
    );
}

function checkImage(url, path, flavour) {
    const [, type, data] = /^data:(image\/[\w+.-]+);base64,(.*)$/s.exec(url) ?? [];
    if (!type) {
        if (flavour === 'openai' && /^https:\/\//.test(url)) return null;
        throw new Refusal(
            400,
            flavour === 'ollama' ? 'invalid image input' : `${path}: Invalid url value`,
        );
    }
    const bytes = decodeBase64(data);
    const image = bytes && readImage(bytes);
    if (!image)
        refuse(path, 'You uploaded an unsupported image. Please make sure your image is valid.');
    if (image.media_type !== type) refuse(path, `the image is ${image.media_type}, not ${type}`);
    return { ...image, path, bytes };
}

function checkImages(messages, flavour) {
    return messages.flatMap(({ content }, index) =>
        (Array.isArray(content) ? content : []).flatMap((part, place) => {
            if (part.type !== 'image_url') return [];
            const path = `messages.${index}.content.${place}`;
            return checkImage(part.image_url.url, path, flavour) ?? [];
        }),
    );
}

function checkTools(body) {
    const names = (body.tools ?? []).map((tool) => tool.function.name);
    if (new Set(names).size !== names.length) refuse('tools', 'tool names must be unique');
    if (body.tool_choice !== undefined && names.length === 0) {
        refuse('tool_choice', "'tool_choice' is only allowed when 'tools' are specified.");
    }
}

// Known keys only, as far as the service looks at them.
function checkKeys(body, flavour) {
    if (flavour === 'openai') return checkShape(body, '', SPEC);
    const known = Object.fromEntries(
        Object.entries(body).filter(([key]) => Object.hasOwn(SPEC, key)),
    );
    return checkShape(known, '', flavour === 'llamacpp' ? { ...SPEC, model: string } : SPEC);
}

// -> [{path, media_type, width, height, hasMetadata, bytes}]; throws a Refusal
export function checkChat(body, { flavour }) {
    object(body, 'body');
    checkKeys(body, flavour);
    if (flavour !== 'llamacpp' && !chatModels.includes(body.model)) {
        throw new Refusal(404, `model '${body.model}' not found`, {
            details: { error_code: 'model_not_found' },
        });
    }
    if (body.max_tokens != null && body.max_completion_tokens != null) {
        refuse(
            '',
            'Setting max_tokens and max_completion_tokens at the same time is not supported.',
        );
    }
    if (body.stream_options != null && !body.stream) {
        refuse(
            'stream_options',
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
        );
    }
    listOf(checkMessage)(body.messages, 'messages');
    if (body.messages.length === 0) refuse('messages', 'at least one message is required');
    checkCalls(body.messages);
    checkTools(body);
    return checkImages(body.messages, flavour);
}
