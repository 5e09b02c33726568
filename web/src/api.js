// keepsake's HTTP API (src/server/openapi.json), one function a route. Every failure is a Problem whose
// message is a sentence for a person.
import { readEvents } from './events.js';
import { sentence as asSentence } from './format.js';
import { t } from './i18n.js';

export class Problem extends Error {
    constructor(status, sentence) {
        super(asSentence(sentence));
        this.status = status;
    }
}

function url(path, query = {}) {
    const filled = Object.entries(query).filter(
        ([, value]) => value !== undefined && value !== null && value !== '',
    );
    const text = new URLSearchParams(filled).toString();
    return `api/v1/${path}${text ? `?${text}` : ''}`; // relative: the page may be below a path of its host
}

async function request(method, path, { query, json, body, signal } = {}) {
    const headers = { Accept: 'application/json' };
    if (json !== undefined) headers['Content-Type'] = 'application/json';
    else if (body)
        headers['Content-Type'] = body.type.startsWith('image/')
            ? body.type
            : 'application/octet-stream';
    let response;
    try {
        response = await fetch(url(path, query), {
            method,
            headers,
            signal,
            body: json === undefined ? body : JSON.stringify(json),
        });
    } catch (error) {
        if (error.name === 'AbortError') throw error;
        dispatchEvent(new Event('unreachable'));
        throw new Problem(0, t('error.unreachable'));
    }
    if (response.ok) return response;
    if (response.status === 401) dispatchEvent(new Event('signed-out'));
    if ([502, 503, 504].includes(response.status)) dispatchEvent(new Event('unreachable'));
    const problem = await response.json().catch(() => ({}));
    throw new Problem(
        response.status,
        problem.detail ?? t('error.status', { status: String(response.status) }),
    );
}

async function reply(...call) {
    const response = await request(...call);
    try {
        return response.status === 204 ? null : await response.json();
    } catch (error) {
        if (error.name === 'AbortError') throw error;
        dispatchEvent(new Event('unreachable')); // its body was cut off
        throw new Problem(0, t('error.unreachable'));
    }
}

const get = (path, query, signal) => reply('GET', path, { query, signal });

// ---- photos ----

export const getMonths = (filters, signal) => get('photos/months', filters, signal);
export const listPhotos = (query, signal) => get('photos', query, signal);
export const getPhoto = (id, signal) => get(`photos/${id}`, {}, signal);
export const thumbnail = (photo, size) =>
    url(`photos/${photo.id}/thumbnail`, { size, v: photo.version });
export const original = (photo) => url(`photos/${photo.id}/original`, { v: photo.version });
export const download = (photo) => url(`photos/${photo.id}/original`, { download: '1' });

// ---- search ----

export const search = (query, signal) => get('search', query, signal);
export const similar = (id, query, signal) => get(`photos/${id}/similar`, query, signal);
export const searchByPicture = (body, query, signal) =>
    reply('POST', 'search', { query, body, signal });

// ---- labels ----

export const listLabels = () => get('labels');
export const addLabel = (photo, name, box) =>
    reply('POST', 'labels', { json: { photo, name, box: box ?? null } });
export const renameLabel = (id, name) => reply('PATCH', `labels/${id}`, { json: { name } });
export const removeLabel = (id) => reply('DELETE', `labels/${id}`);

// ---- ask ----

export const getAskSetup = () => get('ask');
export const prepareQuestion = (question, signal) =>
    reply('POST', 'ask/prepare', { json: question, signal });
export const endConversation = (id) => reply('DELETE', `ask/${id}`);

export async function* sendQuestion(conversation, choice, signal) {
    yield* readEvents(await request('POST', `ask/${conversation}/send`, { json: choice, signal }));
}

// ---- the gallery ----

export const getStatus = () => get('status');
export const getIndex = () => get('index');
export const startIndex = () => reply('POST', 'index');
export const stopIndex = () => reply('DELETE', 'index');
export const listFailures = (cursor) => get('failures', { cursor });
export const listLedger = (limit) => get('ledger', { limit });
export const listRules = () => get('never-send');
export const addRule = (rule) => reply('POST', 'never-send', { json: rule });
export const removeRule = (rule) => reply('DELETE', 'never-send', { query: rule });

export async function* watchIndex(signal) {
    yield* readEvents(await request('GET', 'index/events', { signal }));
}

// ---- session ----

export const getSession = () => get('session');
export const signIn = (password) => reply('POST', 'session', { json: { password } });
export const signOut = () => reply('DELETE', 'session');
