// SPDX-License-Identifier: MIT
// The search field: answers while one types. What is typed in one go is one step of the history; Enter, a rest,
// or coming from elsewhere ends it, so that Back finds each search again.
import { byId, debounce } from './dom.js';
import { go, route, stepKey } from './route.js';

const PAUSE = 140; // ms without a key
const REST = 1500; // ms without a key, after which the typed text stays in the history

export function startSearch({ focusResults }) {
    const form = byId('search');
    const field = byId('search-text');
    const clear = byId('search-clear');
    let typing = null; // key of the step that is still being typed
    let shown = null; // the words of the address, as last seen

    const rest = debounce(REST, () => (typing = null));
    const search = () => {
        const q = field.value.trim();
        rest();
        if (q === (route().q ?? '')) return;
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
    const empty = () => {
        field.value = '';
        clear.hidden = true;
        soon.cancel();
        search();
    };

    field.addEventListener('input', (event) => {
        clear.hidden = field.value === '';
        rest.cancel();
        if (!event.isComposing) soon();
    });
    field.addEventListener('compositionend', soon);
    field.addEventListener('keydown', (event) => {
        if (event.isComposing) return;
        if (event.key === 'Escape') {
            event.stopPropagation();
            if (field.value) empty();
            else field.blur();
        } else if (event.key === 'ArrowDown') {
            event.preventDefault();
            focusResults();
        }
    });
    form.addEventListener('submit', (event) => {
        event.preventDefault();
        soon.cancel();
        search();
        rest.cancel();
        typing = null;
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
        // The field shows the current query, whatever its origin; text being typed stays.
        follow(state) {
            const q = state.q ?? '';
            if (early) soon();
            else if (q !== shown && q !== field.value.trim()) {
                soon.cancel();
                field.value = q;
            }
            shown = q;
            early = false;
            clear.hidden = field.value === '';
        },
    };
}
