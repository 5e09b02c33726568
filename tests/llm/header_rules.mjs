// SPDX-License-Identifier: MIT
// Who may ask: keys, versions and content types, as the SDKs send them. The keys that count as good
// are those below; llama.cpp's and Ollama's servers ask for none.
import { Refusal } from './refusal.mjs';

export const KEYS = {
    anthropic: ['sk-ant-stand-in', 'auth-token-stand-in'],
    bedrock: ['bedrock-key-stand-in'],
    vertex: ['ya29.stand-in'],
    openai: ['sk-stand-in'],
};
export const VERSION = '2026-10-21';

function bearerOf(headers) {
    const match = /^Bearer (\S+)$/.exec(headers.authorization ?? '');
    return match ? match[1] : null;
}

function checkKey(headers, { platform, flavour }) {
    if (platform === 'openai' && flavour !== 'openai') return;
    const header = headers['x-api-key'];
    if (header !== undefined && headers.authorization !== undefined) {
        throw new Refusal(401, 'only one of x-api-key and Authorization may be sent');
    }
    if (platform !== 'anthropic' && header !== undefined) {
        throw new Refusal(401, 'x-api-key is not accepted here: send Authorization: Bearer');
    }
    const key = header ?? bearerOf(headers);
    if (!key) throw new Refusal(401, 'Authentication required: no key was sent');
    if (!KEYS[platform].includes(key)) {
        if (platform !== 'openai') throw new Refusal(401, 'invalid x-api-key');
        const details = { error_code: 'invalid_api_key' };
        throw new Refusal(401, 'Incorrect API key provided', { details });
    }
}

function checkVersion(headers, { platform }) {
    const version = headers['anthropic-version'];
    if (platform === 'openai') return;
    if (platform === 'vertex') {
        if (version === undefined) return;
        throw new Refusal(400, 'anthropic-version: belongs into the body as anthropic_version');
    }
    if (version === undefined) throw new Refusal(400, 'anthropic-version: header is required');
    if (version !== VERSION)
        throw new Refusal(400, `anthropic-version: "${version}" is not a valid version`);
}

export function checkHeaders(method, headers, route) {
    checkKey(headers, route);
    checkVersion(headers, route);
    if (method !== 'POST') return;
    const type = (headers['content-type'] ?? '').split(';')[0].trim();
    if (type !== 'application/json') {
        throw new Refusal(400, `content-type: "${type}" is not application/json`);
    }
}
