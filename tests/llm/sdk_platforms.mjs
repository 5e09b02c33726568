// SPDX-License-Identifier: MIT
// Amazon Bedrock (mantle) and Google Vertex, by @anthropic-ai/bedrock-sdk and vertex-sdk.
import { is, like } from '../tap.mjs';
import { bedrockClient, vertexClient } from './clients.mjs';
import { created, streamed } from './parsed.mjs';
import { imageBlock, jpeg } from './pictures.mjs';
import { MODEL, TOOLS, assistant, messagesBody, text, user, withMessages } from './requests.mjs';

const MODELS = 'publishers/anthropic/models';
const once = { maxRetries: 0 };
const large = jpeg(100, 100, { padding: 4_000_000 });
const marked = { cache_control: { type: 'ephemeral' } };

const PLATFORMS = [
    {
        name: 'bedrock',
        client: bedrockClient,
        model: `anthropic.${MODEL}`,
        path: '/anthropic/v1/messages',
        version: ['2026-10-21', undefined],
        badKey: { apiKey: 'other' },
    },
    {
        name: 'vertex',
        client: vertexClient,
        model: MODEL,
        path: `/v1/projects/photos/locations/global/${MODELS}/${MODEL}:streamRawPredict`,
        version: [undefined, '2026-10-21'],
        badKey: { token: 'other' },
    },
];

const failure = (promise) =>
    promise.then(
        () => null,
        (error) => error,
    );

async function checkPlatform(standIn, { name, client, model, path, version, badKey }) {
    const segment = `plain,tag=${name}`;
    const at = (options) => client(standIn.url(segment), { ...once, ...options });
    const body = messagesBody({ model });
    const got = await streamed(at(), name, body);
    like(got.text, /Images seen: 2\./, `${name}: streams an answer`);
    is((await created(at(), name, body)).text, got.text, `${name}: the same in one piece`);
    const [first] = await standIn.log(segment);
    is(first.path, `/${segment}${path}`, `${name}: the address`);
    is(
        [first.headers['anthropic-version'], first.body.anthropic_version],
        version,
        `${name}: the version`,
    );
    const { max_tokens: _, ...counted } = body;
    const { input_tokens } = await at().messages.countTokens(counted);
    is(input_tokens, got.usage.input_tokens, `${name}: count_tokens`);

    const refusals = [
        ['a bad key', at(badKey), body, 401],
        ['x-api-key', at({ defaultHeaders: { 'x-api-key': 'a' } }), body, 401],
        ['temperature', at(), { ...body, temperature: 1 }, 400],
        ['cache_control at the top', at(), { ...body, ...marked }, 400],
        ['more than 5 MB base64', at(), { ...withMessages(user(imageBlock(large))), model }, 400],
        [
            'an image by URL',
            at(),
            {
                ...withMessages(
                    user({ type: 'image', source: { type: 'url', url: 'https://a/' } }),
                ),
                model,
            },
            400,
        ],
        ['an unknown model', at(), { ...body, model: 'claude-9' }, 404],
    ];
    for (const [what, bad, request, status] of refusals) {
        is(
            (await failure(streamed(bad, name, request)))?.status,
            status,
            `${name}: ${what} is refused`,
        );
    }
    const system = [{ ...text('a'), ...marked }];
    is(
        await failure(streamed(at(), name, { ...body, system })),
        null,
        `${name}: cache_control on a block is taken`,
    );
    await checkToolRound(client(standIn.url('tools'), once), name, { ...body, tools: TOOLS });
}

async function checkToolRound(client, name, body) {
    const asked = await client.messages.stream(body).finalMessage();
    const call = asked.content.at(-1);
    is(call.input.query, 'brown dog', `${name}: a tool call`);
    const result = { type: 'tool_result', tool_use_id: call.id, content: 'nothing' };
    const messages = [...body.messages, assistant(...asked.content), user(result)];
    const answer = await streamed(client, name, { ...body, messages });
    like(answer.text, /Tool rounds: 1; results: "nothing"/, `${name}: takes thinking and result`);
    messages[1] = assistant(...asked.content.slice(1));
    const refused = await failure(streamed(client, name, { ...body, messages }));
    is(refused?.status, 400, `${name}: unreplayed thinking is refused`);
}

async function checkVertexAddress(standIn) {
    const post = (method, body) =>
        fetch(`${standIn.url('plain')}/v1/projects/p/locations/l/${MODELS}/${MODEL}:${method}`, {
            method: 'POST',
            headers: {
                authorization: 'Bearer ya29.stand-in',
                'content-type': 'application/json',
            },
            body: JSON.stringify({
                ...body,
                max_tokens: 9,
                messages: [{ role: 'user', content: 'a' }],
            }),
        });
    const version = { anthropic_version: '2026-10-21' };
    const statuses = [];
    for (const [method, body] of [
        ['streamRawPredict', { ...version, stream: true }],
        ['rawPredict', { ...version, stream: true }],
        ['rawPredict', version],
        ['rawPredict', {}],
        ['rawPredict', { ...version, model: MODEL }],
        ['predict', version],
    ]) {
        statuses.push((await post(method, body)).status);
    }
    is(
        statuses,
        [200, 400, 200, 400, 400, 404],
        'vertex: method, stream, version and model go together',
    );
}

export async function checkPlatforms(standIn) {
    for (const platform of PLATFORMS) await checkPlatform(standIn, platform);
    await checkVertexAddress(standIn);
}
