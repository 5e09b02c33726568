// SPDX-License-Identifier: MIT
// What a vendor's client makes of a reply, in one form for every protocol:
//
//   {text, thinking, toolCalls: [{id, name, input}], stop_reason,
//    usage: {input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens}}
//
// stop_reason is the word of the protocol ("end_turn", "stop").

const VERTEX_MODEL = 'claude-sonnet-5-5'; // when a body names none: Vertex has it in the address

// A body as it goes over the wire, as the vendor's client wants it: that adds the rest itself.
export function bodyForClient(platform, { anthropic_version: _, stream: __, ...body }) {
    return platform === 'vertex' ? { model: VERTEX_MODEL, ...body } : body;
}

const joined = (blocks, type, key) =>
    blocks
        .filter((block) => block.type === type)
        .map((block) => block[key])
        .join('');

export function parsedMessage(message) {
    const { content, usage } = message;
    return {
        text: joined(content, 'text', 'text'),
        thinking: joined(content, 'thinking', 'thinking'),
        toolCalls: content
            .filter((block) => block.type === 'tool_use')
            .map(({ id, name, input }) => ({ id, name, input })),
        stop_reason: message.stop_reason,
        usage: {
            input_tokens: usage.input_tokens,
            output_tokens: usage.output_tokens,
            cache_read_input_tokens: usage.cache_read_input_tokens ?? 0,
            cache_creation_input_tokens: usage.cache_creation_input_tokens ?? 0,
        },
    };
}

export function parsedChat(completion) {
    const [{ message, finish_reason }] = completion.choices;
    const usage = completion.usage;
    const cached = usage?.prompt_tokens_details?.cached_tokens ?? 0;
    return {
        text: message.content ?? '',
        thinking: message.reasoning_content ?? message.reasoning ?? '',
        toolCalls: (message.tool_calls ?? []).map((call) => ({
            id: call.id,
            name: call.function.name,
            input: JSON.parse(call.function.arguments),
        })),
        stop_reason: finish_reason,
        usage: {
            input_tokens: (usage?.prompt_tokens ?? 0) - cached,
            output_tokens: usage?.completion_tokens ?? 0,
            cache_read_input_tokens: cached,
            cache_creation_input_tokens: 0,
        },
    };
}

// Streams the reply to `body` with the client of the platform, by the client's own accumulation.
export async function streamed(client, platform, body) {
    if (platform === 'openai') {
        return parsedChat(await client.chat.completions.stream(body).finalChatCompletion());
    }
    return parsedMessage(await client.messages.stream(body).finalMessage());
}

export async function created(client, platform, body) {
    if (platform === 'openai') return parsedChat(await client.chat.completions.create(body));
    return parsedMessage(await client.messages.create(body));
}
