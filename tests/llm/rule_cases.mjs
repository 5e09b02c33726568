// SPDX-License-Identifier: MIT
// The rules of the Messages API as pairs: a request that is refused, and its valid counterpart that is
// taken.
//
// [what, bad, good, words of the refusal, {status, code, client options}]
import { imageBlock, jpeg, png, strict } from './pictures.mjs';
import {
    MODEL,
    TOOLS,
    assistant,
    messagesBody,
    pictured,
    text,
    user,
    withMessages,
} from './requests.mjs';
import { sign } from './signatures.mjs';

const question = user(text('Well?'));
const body = (more) => messagesBody({ messages: [question], ...more });
const modelled = (model, more) => body({ model, ...more });
const ask = (...blocks) => withMessages(user(...blocks, text('Well?')));
const image = (width, height, more) => imageBlock(jpeg(width, height), more);
const marked = { cache_control: { type: 'ephemeral' } };
const hour = { cache_control: { type: 'ephemeral', ttl: '1h' } };
const sized = (base64) => imageBlock(jpeg(100, 100, { padding: Math.floor(base64 * 0.75) - 400 }));
const forced = (type) => ({ tools: TOOLS, tool_choice: type });

export const BODY_CASES = [
    ['unknown key', body({ temprature: 1 }), body(), /^temprature: Extra inputs/],
    ['temperature', body({ temperature: 0 }), body(), /^temperature: Extra inputs/],
    ['top_p', body({ top_p: 0.9 }), body(), /^top_p: Extra inputs/],
    ['top_k', body({ top_k: 5 }), body(), /^top_k: Extra inputs/],
    ['max_tokens missing', body({ max_tokens: undefined }), body(), /^max_tokens: Field required/],
    ['max_tokens of text', body({ max_tokens: '9' }), body(), /^max_tokens: Input should be/],
    [
        'max_tokens beyond the model',
        body({ max_tokens: 128001 }),
        body({ max_tokens: 128000, stream: true }),
        /128001 > 128000/,
    ],
    ['no messages', body({ messages: [] }), body(), /at least one message/],
    ['empty content', body({ messages: [user()] }), body(), /non-empty content/],
    [
        'blank text',
        withMessages(user(text(' '))),
        withMessages(user(text('a'))),
        /must be non-empty/,
    ],
    [
        'role',
        body({ messages: [{ role: 'tool', content: 'a' }] }),
        body({ messages: [{ role: 'user', content: 'a' }] }),
        /messages\.0\.role/,
    ],
    [
        'first role',
        withMessages(assistant(text('a')), question),
        withMessages(question, assistant(text('a')), question),
        /first message/,
    ],
    [
        'prefill',
        withMessages(question, assistant(text('It is'))),
        withMessages(question, assistant(text('It is')), question),
        /prefill/,
    ],
    [
        'unknown model',
        modelled('claude-sonnet-9'),
        modelled('claude-haiku-5-5'),
        /model: claude-sonnet-9/,
        { status: 404 },
    ],
    [
        'thinking enabled on 5.x',
        body({ thinking: { type: 'enabled', budget_tokens: 1024 } }),
        body({ thinking: { type: 'adaptive' } }),
        /^thinking\.type/,
    ],
    [
        'thinking disabled on sonnet 5.5',
        body({ thinking: { type: 'disabled' } }),
        body({ thinking: { type: 'between_tools' } }),
        /^thinking\.type/,
    ],
    [
        'thinking off on opus 5.5',
        modelled('claude-opus-5-5', { thinking: { type: 'disabled' } }),
        modelled('claude-opus-5', { thinking: { type: 'disabled' } }),
        /^thinking\.type/,
    ],
    [
        'a budget above max_tokens',
        modelled('claude-haiku-4-5', { thinking: { type: 'enabled', budget_tokens: 2000 } }),
        modelled('claude-haiku-4-5', { thinking: { type: 'enabled', budget_tokens: 1024 } }),
        /budget_tokens/,
    ],
    [
        'effort',
        body({ output_config: { effort: 'huge' } }),
        body({ output_config: { effort: 'low' } }),
        /output_config\.effort/,
    ],
    [
        'tool_choice any on 5.5',
        body(forced({ type: 'any' })),
        body(forced({ type: 'auto' })),
        /forced tool use/,
    ],
    [
        'tool_choice tool on 5.5',
        body(forced({ type: 'tool', name: 'view_photo' })),
        modelled('claude-sonnet-5', forced({ type: 'tool', name: 'view_photo' })),
        /forced tool use/,
    ],
    [
        'tool_choice without tools',
        body({ tool_choice: { type: 'auto' } }),
        body(forced({ type: 'none' })),
        /while providing tools/,
    ],
    [
        'two tools of one name',
        body({ tools: [TOOLS[0], TOOLS[0]] }),
        body({ tools: TOOLS }),
        /unique/,
    ],
    [
        'a tool name',
        body({ tools: [{ ...TOOLS[0], name: 'search photos' }] }),
        body({ tools: TOOLS }),
        /tools\.0\.name/,
    ],
    [
        'a tool without schema',
        body({ tools: [{ name: 'a' }] }),
        body({ tools: [{ name: 'a', input_schema: { type: 'object' } }] }),
        /input_schema: Field required/,
    ],
    [
        'five cache breakpoints',
        ask(...Array(5).fill({ ...text('a'), ...marked })),
        ask(...Array(4).fill({ ...text('a'), ...marked })),
        /maximum of 4/,
    ],
    [
        'an hour after five minutes',
        ask({ ...text('a'), ...marked }, { ...text('b'), ...hour }),
        ask({ ...text('a'), ...hour }, { ...text('b'), ...marked }),
        /ttl='1h'/,
    ],
    [
        'an unknown block',
        ask({ type: 'picture' }),
        ask(text('a')),
        /does not match any of the expected tags/,
    ],
    [
        'an unknown key of a block',
        ask({ ...text('a'), size: 1 }),
        ask(text('a')),
        /content\.0\.size: Extra/,
    ],
    [
        'system in parts',
        body({ system: [{ text: 'a' }] }),
        body({ system: [text('a')] }),
        /^system\.0\.type/,
    ],
    [
        'user thinking',
        ask({ type: 'thinking', thinking: 'a', signature: sign(MODEL, 'a') }),
        withMessages(
            question,
            assistant({ type: 'thinking', thinking: 'a', signature: sign(MODEL, 'a') }, text('b')),
            question,
        ),
        /expected tags/,
    ],
    [
        'a false signature',
        withMessages(
            question,
            assistant({ type: 'thinking', thinking: 'b', signature: sign(MODEL, 'a') }, text('b')),
            question,
        ),
        withMessages(
            question,
            assistant({ type: 'thinking', thinking: 'a', signature: sign(MODEL, 'a') }, text('b')),
            question,
        ),
        /Invalid `signature`/,
    ],
    [
        'prompt too long',
        ask(text('word '.repeat(850_000))),
        ask(text('word '.repeat(750_000))),
        /prompt is too long: \d+ tokens > 1000000/,
    ],
];

const code = { code: 'image_dimensions_too_large' };
const many = (count, ...size) => ask(...Array(count).fill(image(...size)));

export const IMAGE_CASES = [
    [
        'base64',
        ask({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'a b' } }),
        ask(imageBlock(png(9, 9), { media_type: 'image/png' })),
        /Invalid base64/,
    ],
    [
        'media type',
        ask(imageBlock(png(9, 9))),
        ask(imageBlock(png(9, 9), { media_type: 'image/png' })),
        /does not match the provided media type/,
    ],
    [
        'an unknown media type',
        ask(image(9, 9, { media_type: 'image/tiff' })),
        ask(image(9, 9)),
        /media_type/,
    ],
    [
        'no picture',
        ask(imageBlock(Buffer.from('not a picture at all'))),
        ask(image(9, 9)),
        /Could not process image/,
    ],
    [
        'a torn picture',
        ask(imageBlock(jpeg(9, 9).subarray(0, -10))),
        ask(image(9, 9)),
        /Could not process image/,
    ],
    ['8000 px', ask(image(8001, 10)), ask(image(8000, 10)), /8000 pixels/, code],
    ['2000 px with 21 images', many(21, 2001, 10), many(21, 2000, 10), /many-image/, code],
    ['2000 px is for many', many(21, 2001, 10), many(20, 2001, 10), /2000 pixels/, code],
    [
        'longest side',
        ask(image(2577, 100, strict)),
        ask(image(2576, 100, strict)),
        /no side may be longer than 2576/,
        code,
    ],
    [
        'patches',
        ask(image(2576, 1457, strict)),
        ask(image(2576, 1456, strict)),
        /no side may be longer than/,
        code,
    ],
    [
        'longest side, without error',
        ask(image(2577, 100, strict)),
        ask(image(2577, 100)),
        /2577x100/,
        code,
    ],
    [
        'older models see less',
        { ...ask(image(1569, 100, strict)), model: 'claude-haiku-4-5' },
        { ...ask(image(1568, 100, strict)), model: 'claude-haiku-4-5' },
        /than 1568/,
        code,
    ],
    ['10 MB', ask(sized(10_490_000)), ask(sized(10_480_000)), /exceeds 10 MB maximum/],
    ['601 images', many(601, 9, 9), many(600, 9, 9), /too many images: 601 > 600/],
    [
        '101 images on 200k',
        { ...many(101, 9, 9), model: 'claude-haiku-4-5' },
        { ...many(100, 9, 9), model: 'claude-haiku-4-5' },
        /101 > 100/,
    ],
    [
        'transformations',
        ask(image(9, 9, { transformations: { oversized: 'error' } })),
        ask(image(9, 9, strict)),
        /transformations\.oversized/,
    ],
];

const call = (id, name = 'search_photos') => ({ type: 'tool_use', id, name, input: {} });
const result = (id, content = 'none') => ({ type: 'tool_result', tool_use_id: id, content });
const round = (calls, ...answer) =>
    messagesBody({ tools: TOOLS, messages: [question, assistant(...calls), user(...answer)] });

export const TOOL_CASES = [
    [
        'a result is missing',
        round([call('a'), call('b')], result('a')),
        round([call('a'), call('b')], result('a'), result('b')),
        /without `tool_result` blocks immediately after: b/,
    ],
    [
        'no result at all',
        round([call('a')], text('Well?')),
        round([call('a')], result('a'), text('Well?')),
        /immediately after: a/,
    ],
    [
        'text before the result',
        round([call('a')], text('so'), result('a')),
        round([call('a')], result('a'), text('so')),
        /immediately after: a/,
    ],
    [
        'a result of another call',
        round([call('a')], result('a'), result('x')),
        round([call('a')], result('a')),
        /unexpected `tool_use_id`/,
    ],
    [
        'a result without a call',
        withMessages(user(result('a'))),
        round([call('a')], result('a')),
        /unexpected `tool_use_id`/,
    ],
    [
        'two results of a call',
        round([call('a')], result('a'), result('a')),
        round([call('a')], result('a')),
        /single result/,
    ],
    [
        'two calls of one id',
        round([call('a'), call('a')], result('a')),
        round([call('a'), call('b')], result('b'), result('a')),
        /unique/,
    ],
    [
        'input of text',
        round([{ ...call('a'), input: '{}' }], result('a')),
        round([call('a')], result('a')),
        /input: Input should be/,
    ],
    [
        'an oversized image in a result',
        round([call('a')], result('a', [image(2577, 9, strict)])),
        round([call('a')], result('a', [image(2576, 9, strict)])),
        /than 2576/,
        code,
    ],
    [
        'a document of nothing',
        round([call('a')], result('a', [{ type: 'video' }])),
        round([call('a')], result('a', [text('b'), ...pictured()])),
        /expected tags/,
    ],
];

const headers = (defaultHeaders) => ({ defaultHeaders });

// [what, options of the bad client, words, status]; the valid counterpart is the client without them
export const HEADER_CASES = [
    [
        'anthropic-version missing',
        headers({ 'anthropic-version': null }),
        /anthropic-version: header is required/,
        400,
    ],
    [
        'anthropic-version of before',
        headers({ 'anthropic-version': '2023-06-01' }),
        /not a valid version/,
        400,
    ],
    ['a bad key', { apiKey: 'sk-ant-other' }, /invalid x-api-key/, 401],
    ['no key', headers({ authorization: null, 'x-api-key': null }), /no key was sent/, 401],
    ['two keys', headers({ 'x-api-key': 'sk-ant-stand-in' }), /only one of/, 401],
    ['a key without Bearer', headers({ authorization: 'sk-ant-stand-in' }), /no key was sent/, 401],
];
