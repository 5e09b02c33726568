// SPDX-License-Identifier: MIT
// What POST /v1/messages takes, to the last key: the types of @anthropic-ai/sdk 1.14 for the
// version 2026-10-21, and the limits of Anthropic's pages.
import { checkImages } from './image_rules.mjs';
import { modelRules } from './models.mjs';
import { Refusal } from './refusal.mjs';
import {
    anything,
    array,
    at,
    boolean,
    checkShape,
    integer,
    listOf,
    matching,
    nullable,
    object,
    oneOf,
    refuse,
    required,
    shaped,
    string,
    tagged,
} from './shape.mjs';
import { checkTurns } from './turn_rules.mjs';

const cacheControl = nullable(
    shaped({ type: required(oneOf('ephemeral')), ttl: oneOf('5m', '1h') }),
);
const cacheable = { cache_control: cacheControl };
const citations = nullable(anything);

function text(value, path) {
    string(value, path);
    if (value.trim() === '') refuse(path, 'text content blocks must be non-empty');
}

const TEXT = { text: required(text), citations, ...cacheable };
const IMAGE = {
    source: required(
        tagged({
            base64: {
                media_type: required(oneOf('image/jpeg', 'image/png', 'image/gif', 'image/webp')),
                data: required(string),
            },
            url: { url: required(matching(/^https:\/\//)) },
            file: { file_id: required(string) },
        }),
    ),
    transformations: nullable(shaped({ oversized_image: oneOf('downsize', 'error') })),
    ...cacheable,
};
const SEARCH_RESULT = {
    source: required(string),
    title: required(string),
    content: required(listOf(tagged({ text: TEXT }))),
    citations: shaped({ enabled: boolean }),
    ...cacheable,
};
const DOCUMENT = {
    source: required(object),
    title: nullable(string),
    context: nullable(string),
    citations,
    ...cacheable,
};
const id = matching(/^[a-zA-Z0-9_-]+$/);
const textOr = (list) => (value, path) =>
    typeof value === 'string' ? string(value, path) : list(value, path);
const TOOL_RESULT = {
    tool_use_id: required(id),
    is_error: boolean,
    toolset_name: nullable(string),
    content: textOr(
        listOf(
            tagged({ text: TEXT, image: IMAGE, search_result: SEARCH_RESULT, document: DOCUMENT }),
        ),
    ),
    ...cacheable,
};
const USER = {
    text: TEXT,
    image: IMAGE,
    document: DOCUMENT,
    search_result: SEARCH_RESULT,
    tool_result: TOOL_RESULT,
};
const ASSISTANT = {
    text: TEXT,
    thinking: { thinking: required(string), signature: required(string) },
    redacted_thinking: { data: required(string) },
    tool_use: {
        id: required(id),
        name: required(string),
        input: required(object),
        caller: object,
        toolset_name: nullable(string),
        ...cacheable,
    },
    // Sent by the scenario unknown-events, so it may come back.
    future_block: { note: string },
};
const CONTENT = { user: USER, assistant: ASSISTANT, system: { text: TEXT } };

function content(role, isLast) {
    return (value, path) => {
        if (value.length === 0 && !(role === 'assistant' && isLast)) {
            refuse(
                path,
                'all messages must have non-empty content except for the optional final ' +
                    'assistant message',
            );
        }
        if (typeof value === 'string') text(value, path);
        else listOf(tagged(CONTENT[role]))(value, path);
    };
}

function messages(value, path) {
    array(value, path);
    if (value.length === 0) refuse(path, 'at least one message is required');
    value.forEach((message, index) => {
        const here = at(path, index);
        object(message, here);
        oneOf('user', 'assistant', 'system')(message.role, at(here, 'role'));
        const isLast = index === value.length - 1;
        checkShape(message, here, {
            role: anything,
            content: required(content(message.role, isLast)),
        });
    });
}

function schema(value, path) {
    object(value, path);
    if (value.type !== 'object') refuse(at(path, 'type'), "Input should be 'object'");
}

const TOOL = {
    name: required(matching(/^[a-zA-Z0-9_-]{1,128}$/)),
    description: string,
    input_schema: required(schema),
    type: nullable(oneOf('custom')),
    strict: boolean,
    defer_loading: boolean,
    eager_input_streaming: nullable(boolean),
    allowed_callers: listOf(string),
    input_examples: listOf(object),
    ...cacheable,
};
const single = { disable_parallel_tool_use: boolean };
const display = { display: nullable(oneOf('summarized', 'omitted')) };
const OUTPUT = {
    effort: nullable(oneOf('low', 'medium', 'high', 'xhigh', 'max')),
    format: nullable(shaped({ type: required(oneOf('json_schema')), schema: required(object) })),
};

const COUNTED = {
    model: required(string),
    messages: required(messages),
    system: textOr(listOf(tagged({ text: TEXT }))),
    tools: listOf(shaped(TOOL)),
    tool_choice: tagged({
        auto: single,
        any: single,
        tool: { name: required(string), ...single },
        none: {},
    }),
    thinking: tagged({
        adaptive: display,
        between_tools: {},
        disabled: {},
        enabled: { budget_tokens: required(integer(1024)), ...display },
    }),
    output_config: shaped(OUTPUT),
    speed: nullable(oneOf('standard', 'fast')),
    cache_control: cacheControl,
};
const CREATED = {
    ...COUNTED,
    max_tokens: required(integer(0)),
    stream: boolean,
    stop_sequences: listOf(string),
    metadata: shaped({ user_id: nullable(string) }),
    service_tier: oneOf('auto', 'standard_only'),
    container: nullable(anything),
    diagnostics: nullable(object),
    inference_geo: nullable(string),
};

// The keys that differ between the platforms: @anthropic-ai/vertex-sdk takes model out and puts the
// version in; @anthropic-ai/bedrock-sdk (mantle) sends what the first party takes.
function specOf(route) {
    const spec = route.api === 'count_tokens' ? { ...COUNTED } : { ...CREATED };
    if (route.platform !== 'anthropic') delete spec.cache_control;
    if (route.platform === 'bedrock') spec.user_profile_id = string;
    if (route.platform === 'vertex') {
        spec.anthropic_version = required(oneOf('2026-10-21'));
        if (route.api !== 'count_tokens') delete spec.model;
    }
    return spec;
}

function checkModel(model) {
    const rules = modelRules(model);
    if (!rules) throw new Refusal(404, `model: ${model}`);
    return rules;
}

function checkThinking(body, rules) {
    const { thinking } = body;
    if (thinking && !rules.thinking.includes(thinking.type)) {
        const words = rules.thinking.map((type) => `"${type}"`).join(' or ');
        refuse(
            'thinking.type',
            `"${thinking.type}" is not supported by ${rules.name}; use ${words}`,
        );
    }
    if (thinking?.type === 'enabled' && thinking.budget_tokens >= body.max_tokens) {
        refuse('max_tokens', '`max_tokens` must be greater than `thinking.budget_tokens`');
    }
}

function checkTools(body, rules) {
    const names = (body.tools ?? []).map((tool) => tool.name);
    if (new Set(names).size !== names.length) refuse('tools', 'Tool names must be unique.');
    const choice = body.tool_choice;
    if (!choice) return;
    if (names.length === 0)
        refuse('tool_choice', 'tool_choice may only be specified while providing tools.');
    const forced = choice.type === 'any' || choice.type === 'tool';
    if (forced && !rules.forcedTools) {
        refuse(
            'tool_choice',
            `forced tool use ("${choice.type}") is not supported by ${rules.name}`,
        );
    }
    if (choice.type === 'tool' && !names.includes(choice.name)) {
        refuse('tool_choice', `Tool '${choice.name}' not found in provided tools`);
    }
}

// At most four breakpoints; those of an hour stand before those of five minutes.
function checkCacheControl(body) {
    const ttls = [];
    const search = (value) => {
        if (Array.isArray(value)) value.forEach(search);
        else if (typeof value === 'object' && value !== null) {
            if (value.cache_control) ttls.push(value.cache_control.ttl ?? '5m');
            for (const key of ['content', 'tools', 'system']) search(value[key]);
        }
    };
    search([body.tools, body.system, body.messages]);
    if (body.cache_control) ttls.push(body.cache_control.ttl ?? '5m');
    if (ttls.length > 4) {
        refuse(
            '',
            `A maximum of 4 blocks with cache_control may be provided. Found ${ttls.length}.`,
        );
    }
    if (ttls.lastIndexOf('1h') > ttls.indexOf('5m') && ttls.includes('5m')) {
        refuse(
            '',
            "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block",
        );
    }
}

export function thinkingIsOn(body, rules) {
    const type = body.thinking?.type;
    return type ? type !== 'disabled' : rules.thinkingDefault;
}

// context: {paused: (blocks) => bool, imageLimit?}. Throws a Refusal; -> {rules, images, thinking}
export function checkMessages(body, route, context) {
    checkShape(body, '', specOf(route));
    const model = body.model ?? route.model;
    const rules = checkModel(model);
    if (body.max_tokens > rules.output) {
        refuse(
            'max_tokens',
            `${body.max_tokens} > ${rules.output}, which is the maximum allowed number of ` +
                `output tokens for ${rules.name}`,
        );
    }
    checkThinking(body, rules);
    checkTools(body, rules);
    checkCacheControl(body);
    const thinking = thinkingIsOn(body, rules);
    checkTurns(body.messages, { model, thinking, prefill: rules.prefill, paused: context.paused });
    const images = checkImages(body, { ...context, platform: route.platform, rules });
    return { rules, images, thinking };
}
