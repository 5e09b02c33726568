// SPDX-License-Identifier: MIT
// A request that the service would not take, and how each service says so.

export class Refusal extends Error {
    constructor(status, message, { type, details, headers, html } = {}) {
        super(message);
        Object.assign(this, { status, type: type ?? TYPES[status], ownType: type });
        Object.assign(this, { details, headers, html });
    }
}

// The broad category that goes with a status (@anthropic-ai/sdk, resources/shared.ts: ErrorType).
const TYPES = {
    400: 'invalid_request_error',
    401: 'authentication_error',
    402: 'billing_error',
    403: 'permission_error',
    404: 'not_found_error',
    413: 'request_too_large',
    429: 'rate_limit_error',
    500: 'api_error',
    503: 'overloaded_error',
    504: 'timeout_error',
    529: 'overloaded_error',
};

const OPENAI_TYPES = { 429: 'rate_limit_exceeded', 500: 'server_error', 503: 'server_error' };
const LLAMA_TYPES = { 404: 'not_found_error', 500: 'server_error', 503: 'unavailable_error' };

const HTML =
    '<html>\r\n<head><title>413 Request Entity Too Large</title></head>\r\n<body>\r\n<center>' +
    '<h1>413 Request Entity Too ' +
    'Large</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n';

function chatError(refusal, flavour) {
    const { status, message } = refusal;
    if (flavour === 'llamacpp') {
        const type = refusal.ownType ?? LLAMA_TYPES[status] ?? TYPES[status];
        return { error: { code: status, message, type, ...refusal.details } };
    }
    if (flavour === 'ollama') {
        const type = refusal.ownType ?? TYPES[status] ?? 'api_error';
        return { error: { message, type, param: null, code: null } };
    }
    const type = refusal.ownType ?? OPENAI_TYPES[status] ?? 'invalid_request_error';
    return { error: { message, type, param: null, code: refusal.details?.error_code ?? null } };
}

export function errorObject(refusal, requestId) {
    const error = { type: refusal.type, message: refusal.message };
    if (refusal.details) error.details = refusal.details;
    return { type: 'error', error, request_id: requestId };
}

// -> {status, headers, body} for the service that was asked.
export function refusalReply(refusal, route, requestId) {
    const { status } = refusal;
    if (refusal.html) {
        return {
            status,
            headers: { 'content-type': 'text/html', server: 'cloudflare' },
            body: HTML,
        };
    }
    const value =
        route.platform === 'openai'
            ? chatError(refusal, route.flavour)
            : errorObject(refusal, requestId);
    return {
        status,
        headers: { 'content-type': 'application/json', ...refusal.headers },
        body: JSON.stringify(value),
    };
}
