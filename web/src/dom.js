// SPDX-License-Identifier: MIT
// Making elements without markup in strings: h('button', { class: 'quiet', onclick: save }, 'Save').
// Styles are set through the CSSOM only, so that the page needs no inline style.

/** @returns {any} */
export function h(name, attributes = {}, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (value === undefined || value === null || value === false) continue;
        if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
        else if (key === 'style') Object.assign(element.style, value);
        else if (key === 'dataset') Object.assign(element.dataset, value);
        else element.setAttribute(key, value === true ? '' : value);
    }
    element.append(
        ...children
            .flat(2)
            .filter((child) => child !== null && child !== undefined && child !== false),
    );
    return element;
}

export function fill(element, ...children) {
    element.replaceChildren(
        ...children
            .flat(2)
            .filter((child) => child !== null && child !== undefined && child !== false),
    );
    return element;
}

/** @returns {any} an element of index.html, of whichever kind it is there */
export const byId = (id) => document.getElementById(id);

// Keys typed here belong to the field, not to the page's shortcuts.
export function isTyping(target) {
    return (
        target instanceof Element &&
        target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select') !== null
    );
}

export function debounce(wait, run) {
    let timer = 0;
    const later = (...values) => {
        clearTimeout(timer);
        timer = setTimeout(run, wait, ...values);
    };
    later.cancel = () => clearTimeout(timer);
    return later;
}
