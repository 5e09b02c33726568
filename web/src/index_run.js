// The index run of the server: its progress while one browses, and starting and stopping one.
import { startIndex, stopIndex, watchIndex } from './api.js';
import { announce } from './announce.js';
import { byId, fill, h } from './dom.js';
import { formatCount, sentence } from './format.js';
import { icon } from './icons.js';
import { t } from './i18n.js';

let state = null;
const listeners = new Set();

export function onIndex(listener) {
    listeners.add(listener);
    if (state) listener(state);
    return () => listeners.delete(listener);
}

// Follows the server's events for as long as the page lives. onChanged: the gallery has other photos now.
export async function followIndex(onChanged) {
    for (let wait = 1000; ; wait = Math.min(wait * 2, 60000)) {
        try {
            for await (const { name, data } of watchIndex()) {
                wait = 1000;
                if (name !== 'index') continue;
                const ended = state?.running && !data.running;
                state = data;
                drawPill(data);
                for (const listener of listeners) listener(data);
                if (ended) onChanged(data);
            }
        } catch {
            // The server is away or restarting: the next attempt tells.
        }
        await new Promise((resolve) => setTimeout(resolve, wait));
    }
}

export function progressText({ walking, done, total, seconds_left: left }) {
    if (walking || !total) return t('index.walking');
    const time =
        left === null
            ? ''
            : left < 90
              ? t('index.seconds_left', { count: Math.ceil(left) })
              : t('index.minutes_left', { count: Math.ceil(left / 60) });
    return [t('index.progress', { done, total }), time].filter(Boolean).join(' · ');
}

export function progressBar(run) {
    const share = run.walking || !run.total ? null : run.done / run.total;
    return h('progress', {
        max: '1',
        value: share === null ? undefined : String(share),
        'aria-label': t('index.title'),
    });
}

function drawPill(run) {
    const pill = byId('index-pill');
    pill.hidden = !run.running;
    if (run.running) fill(pill, progressBar(run), h('span', {}, progressText(run)));
}

async function attempt(call) {
    try {
        await call();
    } catch (error) {
        announce(error.message, { error: true });
    }
}

export const startRun = () => attempt(startIndex);

// The part of the settings page about it.
export function indexSection() {
    const body = h('div', {});
    const draw = (run) => {
        const start = h(
            'button',
            { class: 'button', onclick: () => attempt(startIndex) },
            icon('refresh'),
            t('index.start'),
        );
        const stop = h(
            'button',
            { class: 'button', disabled: run.stopping, onclick: () => attempt(stopIndex) },
            icon('stop'),
            t('index.stop'),
        );
        fill(
            body,
            run.folders.length
                ? h(
                      'ul',
                      { class: 'folders' },
                      run.folders.map((folder) => h('li', {}, folder)),
                  )
                : h('p', { class: 'quiet' }, t('index.no_folders')),
            run.running &&
                h(
                    'div',
                    { class: 'running' },
                    progressBar(run),
                    h('p', { role: 'status' }, progressText(run)),
                ),
            run.problem && h('p', { class: 'problem' }, icon('warning'), sentence(run.problem)),
            !run.running && run.report && h('p', { class: 'quiet' }, reportText(run.report)),
            run.folders.length > 0 && (run.running ? stop : start),
        );
    };
    const element = h('section', { class: 'panel' }, h('h2', {}, t('index.title')), body);
    return { element, close: onIndex(draw) };
}

function reportText(report) {
    const parts = ['added', 'updated', 'moved', 'removed', 'failed'].filter((key) => report[key]);
    if (!parts.length) return t('index.unchanged');
    return parts.map((key) => t(`index.report.${key}`, { count: report[key] })).join(' · ');
}

// What an empty gallery says.
export function emptyGallery() {
    const body = h('div', {}, h('p', { class: 'message-title' }, t('photos.none')));
    const hint = h(
        'div',
        {},
        h('p', { class: 'quiet' }, t('photos.none_hint')),
        h('code', {}, 'keepsake index ~/Pictures'),
    );
    body.append(hint);
    onIndex((run) => {
        if (!body.isConnected) return;
        if (run.running) fill(hint, progressBar(run), h('p', {}, progressText(run)));
        else if (run.folders.length)
            fill(
                hint,
                h('button', { class: 'button primary', onclick: startRun }, t('index.start')),
            );
    });
    return body;
}

export const indexedCount = (run) =>
    t('index.finished', {
        count: run.report?.added ?? 0,
        text: formatCount(run.report?.added ?? 0),
    });
