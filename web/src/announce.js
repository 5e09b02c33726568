// SPDX-License-Identifier: MIT
// One sentence for everybody: shown at the bottom for a while, and read out by screen readers.
import { byId, h } from './dom.js';

export function announce(sentence, { error = false } = {}) {
    const note = h('p', { class: error ? 'toast toast-error' : 'toast' }, sentence);
    byId('toasts').append(note);
    setTimeout(() => note.remove(), error ? 8000 : 3500);
}

// Only for screen readers: sighted users see the same elsewhere.
export function say(sentence) {
    byId('spoken').textContent = sentence;
}
