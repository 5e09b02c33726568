// SPDX-License-Identifier: MIT
// Every rule refuses a bad request and takes its valid counterpart, both sent by @anthropic-ai/sdk.
import { is, like, ok } from '../tap.mjs';
import { anthropicClient } from './clients.mjs';
import { imageBlock, jpeg, png, strict } from './pictures.mjs';
import { MODEL, TOOLS, assistant, messagesBody, text, user, withMessages } from './requests.mjs';
import { BODY_CASES, HEADER_CASES, IMAGE_CASES, TOOL_CASES } from './rule_cases.mjs';

const once = { maxRetries: 0 };

const send = (client, body, options) =>
    client.messages.create({ ...body, stream: true }, options).then(
        (stream) => (stream.controller.abort(), null),
        (error) => error,
    );

async function checkTwins(standIn, cases) {
    const client = anthropicClient(standIn.url('plain,tag=rules'), once);
    for (const [what, bad, good, words, { status = 400, code = null } = {}] of cases) {
        const refused = await send(client, bad);
        is(
            [refused?.status, refused?.errorCode],
            [status, code],
            `${what}: refused with ${status}`,
        );
        like(refused?.apiMessage ?? '', words, `${what}: says why`);
        is((await send(client, good))?.message ?? null, null, `${what}: the valid counterpart is taken`);
    }
}

async function checkHeaders(standIn) {
    const url = standIn.url('plain,tag=headers');
    for (const [what, options, words, status] of HEADER_CASES) {
        const refused = await send(anthropicClient(url, { ...once, ...options }), messagesBody());
        is(refused?.status, status, `${what}: refused with ${status}`);
        like(refused?.message ?? '', words, `${what}: says why`);
    }
    const plain = anthropicClient(url, once);
    is(await send(plain, messagesBody()), null, 'headers of the SDK: taken');
    const refused = await send(plain, messagesBody(), {
        headers: { 'content-type': 'text/plain' },
    });
    like(refused?.apiMessage ?? '', /content-type/, 'another content-type: refused');
    const token = { ...once, apiKey: null, authToken: 'auth-token-stand-in' };
    is(
        await send(anthropicClient(url, token), messagesBody()),
        null,
        'ANTHROPIC_AUTH_TOKEN: taken',
    );
    const header = {
        ...once,
        defaultHeaders: { authorization: null, 'x-api-key': 'sk-ant-stand-in' },
    };
    is(await send(anthropicClient(url, header), messagesBody()), null, 'x-api-key alone: taken');
    const log = JSON.stringify(await standIn.log('plain,tag=headers'));
    ok(
        !/stand-in"|sk-ant|auth-token/.test(log) && /"sha256:[0-9a-f]{12}"/.test(log),
        'the log holds no key',
    );
}

async function checkLargeBody(standIn) {
    const client = anthropicClient(standIn.url('plain,tag=large'), once);
    const padding = (bytes) => ({ ...messagesBody(), system: 'x '.repeat(bytes / 2) });
    const refused = await send(client, padding(33 * 1024 * 1024));
    is(refused.constructor.name, 'ContentTooLargeError', '33 MiB: too large');
    like(refused.message, /<html>/, '33 MiB: said in HTML');
    like(
        (await send(client, padding(31 * 1024 * 1024))).apiMessage,
        /prompt is too long/,
        '31 MiB: read',
    );
}

// What is to be done about an oversized image: the places and the side are in the error, and they
// work.
async function checkOversized(standIn) {
    const client = anthropicClient(standIn.url('oversized-image'), once);
    const sized = (...sizes) =>
        sizes.map(([width, height]) => imageBlock(jpeg(width, height), strict));
    const before = [assistant({ type: 'tool_use', id: 'a', name: 'view_photo', input: {} })];
    const body = (inResult, ...rest) =>
        messagesBody({
            tools: TOOLS,
            messages: [
                user(text('Well?')),
                ...before,
                user(
                    { type: 'tool_result', tool_use_id: 'a', content: sized(inResult) },
                    ...sized(...rest),
                ),
            ],
        });
    const refused = await send(client, body([900, 300], [400, 300], [640, 640]));
    is(refused.constructor.name, 'ImageDimensionsTooLargeError', 'oversized-image: its own class');
    is(
        refused.details.paths,
        ['messages.2.content.0.content.0', 'messages.2.content.2'],
        'names the images',
    );
    const side = refused.details.max_side_length_pixels;
    is(side, 512, 'and the longest side');
    is(
        await send(client, body([side, 171], [400, 300], [side, side])),
        null,
        'scaled to it they are taken',
    );
    const wide = await send(
        anthropicClient(standIn.url('plain'), once),
        withMessages(user(...sized([4000, 3000]))),
    );
    is(
        wide.details.max_side_length_pixels,
        2212,
        '4000 x 3000 px: 2212 px is the most, 79 x 60 = 4740 patches',
    );
}

async function checkReplay(standIn) {
    const client = anthropicClient(standIn.url('tools,tag=replay'), once);
    const first = messagesBody({ tools: TOOLS });
    const reply = await client.messages.create(first);
    const [thinking, words, call] = reply.content;
    const result = user({ type: 'tool_result', tool_use_id: call.id, content: 'nothing' });
    const again = (...blocks) => ({
        ...first,
        messages: [...first.messages, assistant(...blocks), result],
    });
    const cases = [
        ['unreplayed thinking', [words, call], /must start with a thinking block/],
        [
            'changed thinking',
            [{ ...thinking, thinking: 'Hm.' }, words, call],
            /Invalid `signature`/,
        ],
        [
            'a changed signature',
            [{ ...thinking, signature: 'AAAA' }, words, call],
            /Invalid `signature`/,
        ],
        ['thinking after the text', [words, thinking, call], /cannot be modified/],
    ];
    for (const [what, blocks, pattern] of cases) {
        const refused = await send(client, again(...blocks));
        is(refused?.status, 400, `${what}: refused`);
        like(refused?.apiMessage ?? '', pattern, `${what}: says why`);
    }
    is(
        await send(client, again(thinking, words, call)),
        null,
        'thinking replayed unchanged: taken',
    );
    const old = again(thinking, words, call);
    old.messages.push(assistant(text('Nothing.')), user(text('Sure?')));
    old.messages[1] = assistant(words, call);
    is(await send(client, old), null, 'thinking of an earlier question may be left out');
    const other = await send(client, {
        ...again(thinking, words, call),
        model: 'claude-haiku-5-5',
    });
    like(other?.apiMessage ?? '', /Invalid `signature`/, `thinking belongs to its model, ${MODEL}`);
}

async function checkHidden(standIn) {
    const client = anthropicClient(standIn.url('tools-hidden'), once);
    const first = messagesBody({ tools: TOOLS });
    const stream = client.messages.stream(first);
    const [redacted, thinking, words, call] = (await stream.finalMessage()).content;
    is([redacted.type, thinking.thinking], ['redacted_thinking', ''], 'thinking without words');
    const result = user({ type: 'tool_result', tool_use_id: call.id, content: 'nothing' });
    const again = (...blocks) => ({
        ...first,
        messages: [...first.messages, assistant(...blocks), result],
    });
    const changed = { ...redacted, data: 'AAAA' };
    for (const blocks of [[thinking], [changed, thinking], [thinking, redacted]]) {
        const refused = await send(client, again(...blocks, words, call));
        like(refused?.apiMessage ?? '', /cannot be modified/, 'lost, changed or moved: refused');
    }
    const taken = await send(client, again(redacted, thinking, words, call));
    is(taken, null, 'hidden thinking replayed unchanged: taken');
}

async function checkImageLog(standIn) {
    const client = anthropicClient(standIn.url('plain,tag=images'), once);
    const pictures = [jpeg(320, 200), jpeg(64, 48, { exif: true })].map((bytes) =>
        imageBlock(bytes),
    );
    const noted = imageBlock(png(50, 60, { text: 'hello' }), { media_type: 'image/png' });
    await send(client, withMessages(user(...pictures, noted)));
    const [{ images, body }] = await standIn.log('plain,tag=images');
    is(
        images.map(({ width, height, hasMetadata, tokens }) => [
            width,
            height,
            hasMetadata,
            tokens,
        ]),
        [
            [320, 200, false, 96],
            [64, 48, true, 6],
            [50, 60, true, 6],
        ],
        'the log tells sizes, metadata and tokens of images',
    );
    like(
        body.messages[0].content[0].source.data,
        /^\d+ characters, sha256:/,
        'but not their bytes',
    );
    const [whole] = await standIn.log('plain,tag=images', '&data=1');
    is(
        whole.body.messages[0].content[0].source.data,
        jpeg(320, 200).toString('base64'),
        'only when asked',
    );
}

export async function checkRules(standIn) {
    for (const cases of [BODY_CASES, IMAGE_CASES, TOOL_CASES]) await checkTwins(standIn, cases);
    await checkHeaders(standIn);
    await checkLargeBody(standIn);
    await checkOversized(standIn);
    await checkReplay(standIn);
    await checkHidden(standIn);
    await checkImageLog(standIn);
}
