// SPDX-License-Identifier: MIT
// Which service an address means. The first path segment is the scenario with its options:
//
//   /SCENARIO,option=value,.../v1/messages                             anthropic
//   /SCENARIO/v1/messages/count_tokens, /SCENARIO/v1/models[/ID]
//   /SCENARIO/anthropic/v1/messages[/count_tokens]                     bedrock (mantle)
//   /SCENARIO/v1/projects/P/locations/L/publishers/anthropic/models/M:streamRawPredict   vertex
//   /SCENARIO/v1/chat/completions, /SCENARIO/v1/models                 openai and its flavours

const VERTEX =
    /^\/v1\/projects\/[^/]+\/locations\/[^/]+\/publishers\/anthropic\/models\/([^/:]+):(\w+)$/;
const PATHS = {
    '/v1/messages': ['anthropic', 'messages'],
    '/v1/messages/count_tokens': ['anthropic', 'count_tokens'],
    '/anthropic/v1/messages': ['bedrock', 'messages'],
    '/anthropic/v1/messages/count_tokens': ['bedrock', 'count_tokens'],
    '/v1/chat/completions': ['openai', 'chat'],
};
const METHODS = { models: 'GET' };

function vertexRoute(path) {
    const [, model, method] = VERTEX.exec(path) ?? [];
    if (!model) return null;
    if (model === 'count-tokens') {
        return method === 'rawPredict' ? { platform: 'vertex', api: 'count_tokens' } : null;
    }
    if (method !== 'rawPredict' && method !== 'streamRawPredict') return null;
    return {
        platform: 'vertex',
        api: 'messages',
        model: decodeURIComponent(model),
        streams: method === 'streamRawPredict',
    };
}

function modelsRoute(path, headers) {
    const [, id] = /^\/v1\/models(?:\/([^/]+))?$/.exec(path) ?? [];
    if (id === undefined && path !== '/v1/models') return null;
    const platform = headers['anthropic-version'] === undefined ? 'openai' : 'anthropic';
    return { platform, api: 'models', model: id && decodeURIComponent(id) };
}

function parseSegment(segment) {
    const [scenario, ...rest] = segment.split(',');
    const options = Object.fromEntries(rest.map((text) => text.split('=', 2)));
    return { segment, scenario, options, flavour: options.flavour ?? 'openai' };
}

// -> {segment, scenario, options, flavour, platform, api, model?, streams?} or null
export function routeOf(url, method, headers) {
    const { pathname } = new URL(url, 'http://stand-in');
    const [, segment, path] = /^\/([^/]+)(\/.*)$/.exec(pathname) ?? [];
    if (!segment) return null;
    const [platform, api] = PATHS[path] ?? [];
    const found = platform ? { platform, api } : (vertexRoute(path) ?? modelsRoute(path, headers));
    if (!found || method !== (METHODS[found.api] ?? 'POST')) return null;
    return { ...parseSegment(decodeURIComponent(segment)), ...found };
}
