#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// Prints what the vendor's own client makes of a reply, as one JSON object (parsed.mjs), or
// {"error": {class, status, message}}. For tests that compare it with our own reading.
//
//   tests/llm/sdk_parse.mjs http://127.0.0.1:PORT/SCENARIO BODYFILE [PLATFORM]
//
// PLATFORM: anthropic (default), bedrock, vertex, openai. BODYFILE is a
// request body as it goes over the wire; - reads it from stdin.
import { readFileSync } from 'node:fs';
import { clients } from './clients.mjs';
import { bodyForClient, streamed } from './parsed.mjs';

async function main([url, file, platform = 'anthropic']) {
    if (!file || !Object.hasOwn(clients, platform)) {
        console.error('usage: sdk_parse.mjs URL BODYFILE [anthropic|bedrock|vertex|openai]');
        process.exit(2);
    }
    const text = readFileSync(file === '-' ? 0 : file, 'utf8');
    const body = bodyForClient(platform, JSON.parse(text));
    try {
        return await streamed(clients[platform](url), platform, body);
    } catch (error) {
        return {
            error: {
                class: error.constructor.name,
                status: error.status ?? null,
                message: error.message,
            },
        };
    }
}

console.log(JSON.stringify(await main(process.argv.slice(2))));
