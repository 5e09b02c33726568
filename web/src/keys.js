// SPDX-License-Identifier: MIT
// Shortcuts that hold everywhere, unless one is typing.
import { isTyping } from './dom.js';

// actions: key -> function
export function startKeys(actions) {
    document.addEventListener('keydown', (event) => {
        if (
            event.altKey ||
            event.ctrlKey ||
            event.metaKey ||
            event.defaultPrevented ||
            event.isComposing
        )
            return;
        if (isTyping(event.target) || (event.key !== '?' && document.querySelector('dialog[open]')))
            return;
        const action = actions[event.key];
        if (!action) return;
        event.preventDefault();
        action();
    });
}
