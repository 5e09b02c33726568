// The search field: answers while one types.
import { byId, debounce } from './dom.js';
import { go, route } from './route.js';

const PAUSE = 140; // ms without a key

export function startSearch({ focusResults }) {
    const form = byId('search');
    const field = byId('search-text');
    const clear = byId('search-clear');

    const search = () => {
        const q = field.value.trim();
        const { q: before } = route();
        if (q === (before ?? '')) return;
        // One step for Back, however much is typed.
        go(
            {
                q,
                like: undefined,
                picture: undefined,
                view: undefined,
                photo: undefined,
                month: undefined,
            },
            { replace: Boolean(before) },
        );
    };
    const soon = debounce(PAUSE, search);
    const empty = () => {
        field.value = '';
        clear.hidden = true;
        search();
    };

    field.addEventListener('input', (event) => {
        clear.hidden = field.value === '';
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
        // What is shown came from elsewhere: a link, Back.
        follow(state) {
            if (early) soon();
            else if (document.activeElement !== field || !state.q) {
                soon.cancel();
                field.value = state.q ?? '';
            }
            early = false;
            clear.hidden = field.value === '';
        },
    };
}
