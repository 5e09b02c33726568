// SPDX-License-Identifier: MIT
// keepsake's HTTP API (src/server/openapi.json), one function a route. Every failure is a Problem whose
// message is a sentence for a person.
import { readEvents } from './events.js';
import { sentence as asSentence } from './format.js';
import { t } from './i18n.js';

/** @typedef {import('../../build/lint/api').components['schemas']} Schemas of openapi.json */

export class Problem extends Error {
    // position: the part of a query that cannot be read, and a corrected query (openapi.json).
    constructor(status, sentence, position = null) {
        super(asSentence(sentence));
        this.status = status;
        this.position = position;
    }
}

function url(path, query = {}) {
    const filled = Object.entries(query).filter(
        ([, value]) => value !== undefined && value !== null && value !== '',
    );
    const text = new URLSearchParams(filled).toString();
    return `api/v1/${path}${text ? `?${text}` : ''}`; // relative: the page may be below a path of its host
}

/** @param {{query?: object, json?: object, body?: Blob, signal?: AbortSignal}} [parts] */
async function request(method, path, parts = {}) {
    const { query, json, body, signal } = parts;
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
        problem.position,
    );
}

async function reply(method, path, parts = {}) {
    const response = await request(method, path, parts);
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

/** @type {(...args: any[]) => Promise<Schemas['Months']>} */
export const getMonths = (filters, signal) => get('photos/months', filters, signal);
/** @type {(...args: any[]) => Promise<Schemas['PhotoPage']>} */
export const listPhotos = (query, signal) => get('photos', query, signal);
/** @type {(...args: any[]) => Promise<Schemas['PhotoFacts']>} */
export const getPhoto = (id, signal) => get(`photos/${id}`, {}, signal);
export const getDocument = () => get('openapi.json');
export const thumbnail = (photo, size) =>
    url(`photos/${photo.id}/thumbnail`, { size, v: photo.version });
export const original = (photo) => url(`photos/${photo.id}/original`, { v: photo.version });
export const download = (photo) => url(`photos/${photo.id}/original`, { download: '1' });

// ---- search ----

/** @type {(...args: any[]) => Promise<Schemas['Results']>} */
export const search = (query, signal) => get('search', query, signal);
/** @type {(...args: any[]) => Promise<Schemas['Results']>} */
export const similar = (id, query, signal) => get(`photos/${id}/similar`, query, signal);
/** @type {(...args: any[]) => Promise<Schemas['Results']>} */
export const searchByPicture = (body, query, signal) =>
    reply('POST', 'search', { query, body, signal });

// ---- queries ----

/** @type {(...args: any[]) => Promise<Schemas['Explanation']>} */
export const explainQuery = (q, signal) => get('query/explain', { q }, signal);
/** @type {() => Promise<Schemas['CriteriaList']>} */
export const listCriteria = () => get('query/criteria');
/** @type {(...args: any[]) => Promise<{values: {value: string, photos: number | null}[]}>} */
export const listValues = (criterion, prefix, count, signal) =>
    get('values', { criterion, prefix, count }, signal);

// ---- labels ----

/** @type {(...args: any[]) => Promise<Schemas['Labels']>} */
export const listLabels = () => get('labels');
/** @type {(...args: any[]) => Promise<Schemas['Label']>} */
export const addLabel = (photo, name, box) =>
    reply('POST', 'labels', { json: { photo, name, box: box ?? null } });
/** @type {(...args: any[]) => Promise<Schemas['Label']>} */
export const renameLabel = (id, name) => reply('PATCH', `labels/${id}`, { json: { name } });
export const removeLabel = (id) => reply('DELETE', `labels/${id}`);

// ---- places and albums ----

/** @type {(...args: any[]) => Promise<any>} */
export const listPlaces = (signal) => get('places', {}, signal);
/** @type {(...args: any[]) => Promise<any>} */
export const mapPhotos = (query, signal) => get('map', query, signal);
/** @type {() => Promise<Schemas['Albums']>} */
export const listAlbums = () => get('albums');
/** @type {(...args: any[]) => Promise<Schemas['Results']>} */
export const listAlbumPhotos = (id, query) => get(`albums/${id}/photos`, query);
/** @type {(...args: any[]) => Promise<Schemas['Album']>} */
export const addAlbum = (album) => reply('POST', 'albums', { json: album });
export const changeAlbum = (id, change) => reply('PATCH', `albums/${id}`, { json: change });
export const removeAlbum = (id) => reply('DELETE', `albums/${id}`);
export const putInAlbum = (id, photo) => reply('PUT', `albums/${id}/photos/${photo}`);
export const leaveOutOfAlbum = (id, photo) => reply('DELETE', `albums/${id}/photos/${photo}`);

// ---- ask ----

/** @type {(...args: any[]) => Promise<Schemas['AskSetup']>} */
export const getAskSetup = () => get('ask');
/** @type {(...args: any[]) => Promise<Schemas['Prepared']>} */
export const prepareQuestion = (question, signal) =>
    reply('POST', 'ask/prepare', { json: question, signal });
export const endConversation = (id) => reply('DELETE', `ask/${id}`);

export async function* sendQuestion(conversation, choice, signal) {
    yield* readEvents(await request('POST', `ask/${conversation}/send`, { json: choice, signal }));
}

// ---- the gallery ----

/** @type {(...args: any[]) => Promise<Schemas['Status']>} */
export const getStatus = () => get('status');
/** @type {(...args: any[]) => Promise<Schemas['Index']>} */
export const getIndex = () => get('index');
/** @type {(...args: any[]) => Promise<Schemas['Index']>} */
export const startIndex = () => reply('POST', 'index');
/** @type {(...args: any[]) => Promise<Schemas['Index']>} */
export const stopIndex = () => reply('DELETE', 'index');
/** @type {(...args: any[]) => Promise<Schemas['Failures']>} */
export const listFailures = (cursor) => get('failures', { cursor });
/** @type {(...args: any[]) => Promise<Schemas['Ledger']>} */
export const listLedger = (limit) => get('ledger', { limit });
/** @type {(...args: any[]) => Promise<Schemas['Rules']>} */
export const listRules = () => get('never-send');
/** @type {(...args: any[]) => Promise<Schemas['AddedRule']>} */
export const addRule = (rule) => reply('POST', 'never-send', { json: rule });
export const removeRule = ({ kind, value }) => reply('DELETE', 'never-send', { query: { kind, value } });

export async function* watchIndex(signal) {
    yield* readEvents(await request('GET', 'index/events', { signal }));
}

// ---- session ----

/** @type {(...args: any[]) => Promise<Schemas['Session']>} */
export const getSession = () => get('session');
export const signIn = (password) => reply('POST', 'session', { json: { password } });
export const signOut = () => reply('DELETE', 'session');
