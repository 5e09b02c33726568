// SPDX-License-Identifier: MIT
// What was asked, for tests to read at GET /_log. Keys are there as the start of their SHA-256
// only; the bytes of pictures as their SHA-256 and size (GET /_log?data=1 has them whole).
import { createHash } from 'node:crypto';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const masked = (text) => `sha256:${sha256(text).slice(0, 12)}`;

function maskedHeaders(headers) {
    const found = { ...headers };
    if (found['x-api-key']) found['x-api-key'] = masked(found['x-api-key']);
    if (found.authorization) {
        const [, scheme, key] = /^(Bearer |)(.*)$/s.exec(found.authorization);
        found.authorization = scheme + masked(key);
    }
    return found;
}

const shortened = (text) => `${text.length} characters, ${masked(text)}`;

// A copy with long base64 texts replaced.
export function withoutData(value) {
    if (Array.isArray(value)) return value.map(withoutData);
    if (typeof value === 'string') {
        const [, start, data] = /^(data:image\/[^,]*,)(.{200,})$/s.exec(value) ?? [];
        return data ? start + shortened(data) : value;
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
            key,
            key === 'data' && typeof item === 'string' ? shortened(item) : withoutData(item),
        ]),
    );
}

export class RequestLog {
    #entries = [];

    clear() {
        this.#entries = [];
    }

    add(request, route) {
        const entry = {
            segment: route?.segment ?? null,
            platform: route?.platform ?? null,
            api: route?.api ?? null,
            method: request.method,
            path: request.url,
            headers: maskedHeaders(request.headers),
            at: Date.now(), // milliseconds
        };
        this.#entries.push(entry);
        return entry;
    }

    // images: as image_rules.checkImages gives them
    static describeImages(images) {
        return images.map(({ path, media_type, width, height, hasMetadata, tokens, bytes }) => ({
            path,
            media_type,
            width,
            height,
            tokens,
            hasMetadata,
            bytes: bytes.length,
            sha256: sha256(bytes),
        }));
    }

    // segment: only the requests of that scenario
    json({ segment, data } = {}) {
        const chosen = this.#entries.filter(
            (entry) => segment === null || entry.segment === segment,
        );
        return JSON.stringify(
            data ? chosen : chosen.map((entry) => ({ ...entry, body: withoutData(entry.body) })),
        );
    }
}
