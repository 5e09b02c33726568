// SPDX-License-Identifier: MIT
// Chat completions in their three flavours, by npm's openai package.
import { is, like, ok } from '../tap.mjs';
import { chatClient } from './clients.mjs';
import { created, streamed } from './parsed.mjs';
import { imagePart, jpeg, png } from './pictures.mjs';
import { CHAT_TOOLS, QUESTION, chatBody, text } from './requests.mjs';

const once = { maxRetries: 0 };
const FLAVOURS = ['openai', 'llamacpp', 'ollama'];
const usage = { stream_options: { include_usage: true } };
const failure = (promise) =>
    promise.then(
        () => null,
        (error) => error,
    );

async function checkAnswers(standIn, flavour) {
    const client = (scenario) => chatClient(standIn.url(`${scenario},flavour=${flavour}`), once);
    const whole = await created(client('plain'), 'openai', chatBody());
    for (const scenario of ['plain', 'plain,chunk=1', 'unknown-events', 'other-forms,chunk=7']) {
        const got = await streamed(client(scenario), 'openai', chatBody(usage));
        is(
            [got.text, got.stop_reason],
            [whole.text, 'stop'],
            `${flavour}: ${scenario} streams as meant`,
        );
        ok(
            got.usage.input_tokens === whole.usage.input_tokens && got.usage.output_tokens > 0,
            `${flavour}: ${scenario}: usage`,
        );
    }
    like(
        whole.text,
        /Images seen: 2\. Image 1 is 640x480 px, caption "Image 1: taken 2019-05-01"/,
        `${flavour}: sees images`,
    );
    const unasked = await streamed(client('plain'), 'openai', chatBody());
    is(unasked.usage.output_tokens, 0, `${flavour}: no usage unless asked`);
    is(
        (await streamed(client('max-tokens'), 'openai', chatBody())).stop_reason,
        'length',
        `${flavour}: max-tokens`,
    );
    const models = await client('plain').models.list();
    ok(models.data.length === 1, `${flavour}: one model`);
}

async function checkTools(standIn, flavour) {
    const client = (scenario) => chatClient(standIn.url(`${scenario},flavour=${flavour}`), once);
    const first = chatBody({ tools: CHAT_TOOLS });
    const stream = client('tools-parallel').chat.completions.stream(first);
    const { message, finish_reason } = (await stream.finalChatCompletion()).choices[0];
    is(finish_reason, 'tool_calls', `${flavour}: stops for tools`);
    is(
        message.tool_calls.map((call) => call.function.name),
        ['search_photos', 'search_photos', 'view_photo'],
        `${flavour}: three calls`,
    );
    is(
        JSON.parse(message.tool_calls[0].function.arguments),
        { query: 'brown dog', count: 2 },
        `${flavour}: their arguments`,
    );
    const { refusal: _, parsed: __, ...asked } = message;
    asked.tool_calls = asked.tool_calls.map(
        ({ id, type, function: { name, arguments: input } }) => ({
            id,
            type,
            function: { name, arguments: input },
        }),
    );
    const results = asked.tool_calls.map(({ id }, index) => ({
        role: 'tool',
        tool_call_id: id,
        content: `result ${index}`,
    }));
    const shown = { role: 'user', content: [text('Image 3: found'), imagePart(jpeg(300, 200))] };
    const second = { ...first, messages: [...first.messages, asked, ...results, shown] };
    const answer = await streamed(client('tools-parallel'), 'openai', second);
    like(
        answer.text,
        /Tool rounds: 1; results: "result 0".*It is shown in \[3\]/,
        `${flavour}: sees the results`,
    );
    const missing = { ...first, messages: [...first.messages, asked, ...results.slice(1)] };
    is(
        (await failure(streamed(client('tools'), 'openai', missing)))?.status,
        400,
        `${flavour}: a missing result is refused`,
    );
}

const part = (bytes, type) =>
    chatBody({ messages: [{ role: 'user', content: [imagePart(bytes, type)] }] });
const said = (...messages) => chatBody({ messages });
const user = { role: 'user', content: QUESTION };
const call = { id: 'a', type: 'function', function: { name: 'b', arguments: '{}' } };

// [what, bad, good, status]: OpenAI's own service
const PAIRS = [
    ['an unknown key', chatBody({ top_k: 4 }), chatBody({ top_p: 0.5 }), 400],
    ['an unknown model', chatBody({ model: 'gpt-0' }), chatBody(), 404],
    [
        'both limits',
        chatBody({ max_completion_tokens: 9 }),
        chatBody({ max_tokens: null, max_completion_tokens: 999 }),
        400,
    ],
    ['an unknown role', said({ role: 'model', content: 'a' }), said(user), 400],
    [
        'an unknown part',
        said({ role: 'user', content: [{ type: 'image', source: {} }] }),
        said(user),
        400,
    ],
    [
        'a bare URL',
        said({ role: 'user', content: [{ type: 'image_url', image_url: 'data:' }] }),
        part(jpeg(9, 9)),
        400,
    ],
    ['media type', part(png(9, 9), 'image/jpeg'), part(png(9, 9), 'image/png'), 400],
    ['no picture', part(Buffer.from('nothing')), part(jpeg(9, 9)), 400],
    [
        'an image in a tool message',
        said(
            user,
            { role: 'assistant', tool_calls: [call] },
            { role: 'tool', tool_call_id: 'a', content: [imagePart(jpeg(9, 9))] },
        ),
        said(
            user,
            { role: 'assistant', tool_calls: [call] },
            { role: 'tool', tool_call_id: 'a', content: 'c' },
        ),
        400,
    ],
    [
        'a tool message without a call',
        said(user, { role: 'tool', tool_call_id: 'a', content: 'c' }),
        said(user),
        400,
    ],
    [
        'an assistant of nothing',
        said(user, { role: 'assistant' }, user),
        said(user, { role: 'assistant', content: 'a' }, user),
        400,
    ],
    [
        'tool_choice without tools',
        chatBody({ tool_choice: 'auto' }),
        chatBody({ tools: CHAT_TOOLS, tool_choice: 'auto' }),
        400,
    ],
    [
        'a tool of the other protocol',
        chatBody({ tools: [{ name: 'a', input_schema: {} }] }),
        chatBody({ tools: CHAT_TOOLS }),
        400,
    ],
];

async function checkTwins(standIn) {
    const client = chatClient(standIn.url('plain,tag=pairs'), once);
    for (const [what, bad, good, status] of PAIRS) {
        is(
            (await failure(streamed(client, 'openai', bad)))?.status,
            status,
            `openai: ${what} is refused`,
        );
        is(
            (await failure(streamed(client, 'openai', good)))?.message ?? null,
            null,
            `openai: ${what}: the valid counterpart is accepted`,
        );
    }
    const wrong = chatClient(standIn.url('plain'), { ...once, apiKey: 'other' });
    is(
        (await failure(streamed(wrong, 'openai', chatBody())))?.code,
        'invalid_api_key',
        'openai: a bad key',
    );
    const options = await failure(client.chat.completions.create(chatBody(usage)));
    is(options?.status, 400, 'openai: stream_options without stream is refused');
    const local = chatClient(standIn.url('plain,flavour=llamacpp'), { ...once, apiKey: 'any' });
    const lenient = await failure(
        streamed(local, 'openai', chatBody({ top_k: 4, model: 'anything' })),
    );
    is(lenient, null, 'llamacpp: passes over unknown keys, models and keys');
    const far = said({
        role: 'user',
        content: [{ type: 'image_url', image_url: { url: 'https://a/b.jpg' } }],
    });
    const ollama = chatClient(standIn.url('plain,flavour=ollama'), once);
    like(
        (await failure(streamed(ollama, 'openai', far)))?.message ?? '',
        /invalid image input/,
        'ollama: no pictures by URL',
    );
}

async function checkReasoning(standIn) {
    for (const [flavour, key] of [
        ['llamacpp', 'reasoning_content'],
        ['ollama', 'reasoning'],
    ]) {
        const client = chatClient(standIn.url(`thinking,flavour=${flavour}`), once);
        let thought = '';
        for await (const chunk of await client.chat.completions.create({
            ...chatBody(),
            stream: true,
        })) {
            thought += chunk.choices[0]?.delta[key] ?? '';
        }
        ok(thought.startsWith('The question is'), `${flavour}: thoughts in ${key}`);
    }
}

export async function checkChatSdk(standIn) {
    for (const flavour of FLAVOURS) {
        await checkAnswers(standIn, flavour);
        await checkTools(standIn, flavour);
    }
    await checkTwins(standIn);
    await checkReasoning(standIn);
}
