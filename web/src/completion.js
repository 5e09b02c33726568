// SPDX-License-Identifier: MIT
// The list below the search field: a combobox as the ARIA practices describe it. The focus stays in the field,
// the arrow keys choose, Enter takes what is chosen, Esc closes the list.
import { say } from './announce.js';
import { byId, debounce, fill, h } from './dom.js';
import { formatCount } from './format.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { replaced } from './query_text.js';
import { forget, forgetAll } from './searches.js';
import { suggestionsFor } from './suggest.js';

const PAUSE = 90; // ms without a key

export class Completion {
    // onTake(text, isWhole): the field has a new text; isWhole: it is an earlier search.
    constructor({ onTake }) {
        this.field = byId('search-text');
        this.popup = byId('suggestions-popup');
        this.list = byId('suggestions');
        this.onTake = onTake;
        this.options = [];
        this.chosen = -1;
        this.isStale = false; // the list is still that of another text
        this.steps = 0; // that the arrow keys made in the meantime
        this.isWanted = false; // and whether Enter was pressed after them
        this.soon = debounce(PAUSE, () => this.#ask());
        this.popup.addEventListener('pointerdown', (event) => event.preventDefault()); // the focus stays
        this.list.addEventListener('click', (event) => this.#clicked(event));
        byId('suggestions-forget').addEventListener('click', () => {
            forgetAll();
            this.field.focus();
            this.close();
        });
        byId('search').addEventListener('focusout', ({ relatedTarget }) => {
            if (!byId('search').contains(relatedTarget)) this.close();
        });
    }

    get isOpen() {
        return !this.popup.hidden;
    }

    // What is in the field has changed, or the caret has moved.
    ask() {
        this.isStale = true;
        this.soon();
    }

    async #ask() {
        this.asking?.abort();
        this.asking = new AbortController();
        const { signal } = this.asking;
        const { value, selectionStart } = this.field;
        try {
            const options = await suggestionsFor(value, selectionStart, signal);
            if (signal.aborted || value !== this.field.value || document.activeElement !== this.field) return;
            this.#show(options);
        } catch {
            this.close(); // The field works without suggestions.
        }
    }

    #show(options) {
        const { steps, isWanted } = this;
        this.options = options;
        this.isStale = false;
        this.steps = 0;
        this.isWanted = false;
        this.#choose(-1);
        fill(this.list, options.map((option, i) => this.#draw(option, i)));
        const isEmpty = options.length === 0;
        if (this.popup.hidden && !isEmpty) say(t('suggest.said', { count: options.length }));
        this.popup.hidden = isEmpty;
        this.field.setAttribute('aria-expanded', String(!isEmpty));
        byId('suggestions-head').hidden = isEmpty || !options.every(({ kind }) => kind === 'search');
        this.list.scrollTop = 0;
        if (!isEmpty && steps) this.#step(steps);
        if (isWanted && this.options[this.chosen]) this.#take(this.options[this.chosen]);
    }

    #draw({ kind, text, note, photos }, i) {
        return h(
            'li',
            { role: 'option', id: `suggestion-${i}`, 'aria-selected': 'false', class: 'suggestion', dataset: { i: String(i) } },
            icon({ search: 'clock', criterion: 'filter', value: 'label' }[kind]),
            h('span', { class: 'suggestion-text' }, text),
            note && h('span', { class: 'suggestion-note' }, note),
            typeof photos === 'number' && h('span', { class: 'suggestion-note' }, formatCount(photos)),
            kind === 'search' && h('span', { class: 'suggestion-forget', 'aria-hidden': 'true', title: t('suggest.forget') }, icon('close')),
        );
    }

    #clicked({ target }) {
        const row = target.closest('.suggestion');
        if (!row) return;
        const option = this.options[Number(row.dataset.i)];
        if (target.closest('.suggestion-forget')) this.#forget(option);
        else this.#take(option);
    }

    #forget(option) {
        forget(option.text);
        void this.#ask();
    }

    #take({ text, insert, begin, end, kind }) {
        if (this.isStale) return;
        this.close();
        if (insert === undefined) return this.onTake(text, true);
        const goesOn = kind === 'criterion';
        const next = replaced(this.field.value, begin, end, insert, { goesOn });
        this.field.value = next.text;
        this.field.setSelectionRange(next.caret, next.caret);
        this.onTake(next.text, false);
        if (goesOn) this.ask();
    }

    #choose(i) {
        this.list.querySelector('[aria-selected=true]')?.setAttribute('aria-selected', 'false');
        this.chosen = i;
        const row = this.list.children[i];
        if (!row) return this.field.removeAttribute('aria-activedescendant');
        row.setAttribute('aria-selected', 'true');
        row.scrollIntoView({ block: 'nearest' });
        this.field.setAttribute('aria-activedescendant', row.id);
    }

    // The last step is the field itself.
    #step(steps) {
        const count = this.options.length + 1;
        this.#choose(((((this.chosen + 1 + steps) % count) + count) % count) - 1);
    }

    close() {
        this.soon.cancel();
        this.asking?.abort();
        this.#show([]);
    }

    // Returns whether the key was for the list.
    key(event) {
        if (!this.isOpen) return false;
        const option = this.isStale ? undefined : this.options[this.chosen];
        const { key } = event;
        const step = { ArrowDown: 1, ArrowUp: -1 }[key];
        if (step && this.isStale) this.steps += step;
        else if (step) this.#step(step);
        else if (key === 'Enter' && this.steps) this.isWanted = true;
        else if (key === 'Enter' && option) this.#take(option);
        else if (key === 'Tab' && option && !event.shiftKey) this.#take(option);
        else if (key === 'Delete' && event.shiftKey && option?.kind === 'search') this.#forget(option);
        else if (key === 'Escape') this.close();
        else return false;
        event.preventDefault();
        event.stopPropagation();
        return true;
    }
}
