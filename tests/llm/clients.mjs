// SPDX-License-Identifier: MIT
// The vendors' own clients, pointed at the stand-in. They hold no opinion about addresses or keys
// but those that are given here.
import Anthropic from '@anthropic-ai/sdk';
import { AnthropicBedrockMantle } from '@anthropic-ai/bedrock-sdk';
import { AnthropicVertex } from '@anthropic-ai/vertex-sdk';
import { OAuth2Client } from 'google-auth-library';
import OpenAI from 'openai';
import { KEYS } from './header_rules.mjs';

const quiet = { logLevel: 'off' };

export function anthropicClient(url, options = {}) {
    return new Anthropic({ apiKey: KEYS.anthropic[0], baseURL: url, ...quiet, ...options });
}

export function bedrockClient(url, options = {}) {
    const key = { apiKey: KEYS.bedrock[0] };
    return new AnthropicBedrockMantle({
        ...key,
        baseURL: `${url}/anthropic`,
        ...quiet,
        ...options,
    });
}

function googleToken(token) {
    const client = new OAuth2Client();
    client.setCredentials({ access_token: token, expiry_date: Date.now() + 3_600_000 });
    return client;
}

export function vertexClient(url, { token = KEYS.vertex[0], ...options } = {}) {
    const place = { region: 'global', projectId: 'photos', authClient: googleToken(token) };
    return new AnthropicVertex({ ...place, baseURL: `${url}/v1`, ...quiet, ...options });
}

export function chatClient(url, options = {}) {
    return new OpenAI({ apiKey: KEYS.openai[0], baseURL: `${url}/v1`, ...quiet, ...options });
}

export const clients = {
    anthropic: anthropicClient,
    bedrock: bedrockClient,
    vertex: vertexClient,
    openai: chatClient,
};
