// SPDX-License-Identifier: MIT
// The index run of the server: its progress while one browses, and starting and stopping one.
import { getIndex, getStatus, startIndex, stopIndex, watchIndex } from './api.js';
import { announce } from './announce.js';
import { byId, fill, h } from './dom.js';
import { formatCount, sentence } from './format.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { followTogether, pause } from './shared_stream.js';

const LOOK = 10000; // ms between looks at the gallery, and at the run where there is no stream
const RUNNING = 2000; // the same while it runs

let state = null;
const listeners = new Set();

// Calls the listener immediately with the known state, and then at every change, until the returned function
// is called.
export function onIndex(listener) {
    listeners.add(listener);
    if (state) listener(state);
    return () => listeners.delete(listener);
}

function take(run) {
    const ended = state?.running && !run.running;
    state = run;
    drawPill(run);
    for (const listener of listeners) listener(run);
    return ended;
}

// Follows the server for as long as the page lives. onRun(run): a run of its own has ended; onChange(more): another
// program has changed the gallery, which has so many more photos now.
export function followIndex({ onRun, onChange }) {
    const watch = new GalleryWatch(onChange);
    const onEvent = ({ name, data }) => {
        if (name !== 'index' || !take(data)) return;
        void watch.look({ quiet: true });
        onRun(data);
    };
    const name = `keepsake index ${location.pathname}`;
    if (!followTogether(name, watchIndex, onEvent)) void askForRun(onEvent);
    setInterval(() => watch.look({ quiet: state?.running }), LOOK);
    document.addEventListener('visibilitychange', () => watch.look({ quiet: state?.running }));
    void watch.look({ quiet: true });
}

// Without a stream.
async function askForRun(onEvent) {
    for (;;) {
        if (!document.hidden)
            await getIndex().then(
                (data) => onEvent({ name: 'index', data }),
                () => {},
            );
        await pause(state?.running ? RUNNING : LOOK);
    }
}

// Compares the gallery with how it was, while somebody looks at the page.
class GalleryWatch {
    constructor(onChange) {
        this.onChange = onChange;
        this.known = null;
    }

    // quiet: changes in the meantime are reported in another way.
    async look({ quiet }) {
        if (document.hidden) return;
        try {
            const { photos, last_change: change } = await getStatus();
            const { known } = this;
            this.known = { photos, change };
            if (quiet || !known || (known.photos === photos && known.change === change)) return;
            this.onChange(photos - known.photos);
        } catch {
            // The next look tells.
        }
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

// What an empty gallery says: {element, close}.
export function emptyGallery() {
    const hint = h(
        'div',
        {},
        h('p', { class: 'quiet' }, t('photos.none_hint')),
        h('code', {}, 'keepsake index ~/Pictures'),
    );
    const close = onIndex((run) => {
        if (run.running) fill(hint, progressBar(run), h('p', {}, progressText(run)));
        else if (run.folders.length)
            fill(
                hint,
                h('button', { class: 'button primary', onclick: startRun }, t('index.start')),
            );
    });
    return { element: h('div', {}, h('p', { class: 'message-title' }, t('photos.none')), hint), close };
}

export const indexedCount = (run) =>
    t('index.finished', {
        count: run.report?.added ?? 0,
        text: formatCount(run.report?.added ?? 0),
    });
