// SPDX-License-Identifier: MIT
// The search field: answers while one types. What is typed in one go is one step of the history; Enter, a rest,
// or coming from elsewhere ends it, so that Back finds each search again.
import { Completion } from './completion.js';
import { byId, debounce } from './dom.js';
import { go, route, stepKey } from './route.js';
import { remember } from './searches.js';
import { isCriterion } from './suggest.js';

const PAUSE = 140; // ms without a key
const UNFINISHED = 900; // in a criterion, whose value one types or chooses
const REST = 1500; // ms without a key, after which the typed text stays in the history

export function startSearch({ focusResults }) {
    const form = byId('search');
    const field = byId('search-text');
    const clear = byId('search-clear');
    let typing = null; // key of the step that is still being typed
    let shown = null; // the words of the address, as last seen
    let kept = null; // what was remembered of this typing

    const end = () => {
        const { q } = route();
        if (q && q === field.value.trim() && q !== kept) remember(q, kept);
        kept = q ?? null;
    };
    const rest = debounce(REST, () => {
        typing = null;
        end();
    });
    const search = () => {
        soon.cancel();
        later.cancel();
        const q = field.value.trim();
        rest();
        if (q === (route().q ?? '')) return;
        if (typing !== stepKey()) kept = null;
        go(
            {
                q,
                like: undefined,
                picture: undefined,
                view: undefined,
                photo: undefined,
                month: undefined,
            },
            { replace: typing === stepKey() },
        );
        typing = stepKey();
    };
    const soon = debounce(PAUSE, search);
    const later = debounce(UNFINISHED, search);
    const finish = () => {
        search();
        rest.cancel();
        typing = null;
        end();
    };
    const empty = () => {
        field.value = '';
        clear.hidden = true;
        search();
    };
    const completion = new Completion({
        onTake(text, isWhole) {
            field.value = text;
            clear.hidden = text === '';
            if (isWhole) finish();
            else if (isCriterion(text, field.selectionStart)) later();
            else search();
        },
    });
    const typed = () => {
        clear.hidden = field.value === '';
        rest.cancel();
        soon.cancel();
        later.cancel();
        if (isCriterion(field.value, field.selectionStart)) later();
        else soon();
        completion.ask();
    };

    field.addEventListener('input', (event) => {
        if (!event.isComposing) typed();
        else clear.hidden = field.value === '';
    });
    field.addEventListener('compositionend', typed);
    field.addEventListener('focus', () => field.value === '' && completion.ask());
    field.addEventListener('pointerup', () => field.value === '' && completion.ask());
    field.addEventListener('keydown', (event) => {
        if (event.isComposing || completion.key(event)) return;
        if (event.key === 'Escape') {
            event.stopPropagation();
            if (field.value) empty();
            else field.blur();
        } else if (event.key === 'ArrowDown') {
            event.preventDefault();
            if (event.altKey) completion.ask();
            else focusResults();
        }
    });
    form.addEventListener('submit', (event) => {
        event.preventDefault();
        completion.close();
        finish();
        if (matchMedia('(pointer: coarse)').matches) field.blur(); // the screen's keyboard goes away
    });
    clear.addEventListener('click', () => {
        empty();
        field.focus();
    });

    let early = field.value.trim() !== ''; // typed while the page was still coming

    return {
        focus() {
            field.focus();
            field.select();
        },
        // Selects a part of the text, for editing it.
        edit(from, to) {
            field.focus();
            field.setSelectionRange(from, to);
            completion.ask();
        },
        // The field shows the current query, whatever its origin; text being typed stays.
        follow(state) {
            const q = state.q ?? '';
            if (early) soon();
            else if (q !== shown && q !== field.value.trim()) {
                soon.cancel();
                later.cancel();
                completion.close();
                field.value = q;
            }
            shown = q;
            early = false;
            clear.hidden = field.value === '';
        },
    };
}
