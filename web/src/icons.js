// SPDX-License-Identifier: MIT
// Line icons on a 24 x 24 grid, drawn for this page.
const paths = {
    search: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13ZM15.5 15.5 20 20',
    picture: 'M4 7.5h3.2L9 5h6l1.8 2.5H20v11H4ZM12 16a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4Z',
    filter: 'M4 7h16M7 12h10M10 17h4',
    ask: 'M5 5h14v10.5H11L7 19v-3.5H5ZM9 9h6M9 12h4',
    settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 5v4M9 15v4',
    close: 'M6 6l12 12M18 6 6 18',
    help: 'M9.2 9.2a2.9 2.9 0 1 1 4.3 2.6c-.9.5-1.5 1.1-1.5 2.2M12 17.4v.2M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z',
    info: 'M12 11v5.5M12 7.6v.2M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17Z',
    like: 'M4 4h9v9H4ZM16 8h4v12H8v-4',
    download: 'M12 4v11M7.5 11 12 15.5 16.5 11M5 20h14',
    label: 'M4 5h7l9 9-6.5 6.5L4 11.5ZM8 8.8v.2',
    box: 'M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M9 9h6v6H9Z',
    trash: 'M5 7h14M9.5 7V4.5h5V7M7 7l.8 12.5h8.4L17 7M10.5 10.5v5.5M13.5 10.5v5.5',
    edit: 'M5 19l.8-3.6L15.5 5.7l2.8 2.8-9.7 9.7ZM13.5 7.7l2.8 2.8',
    send: 'M5 12h13M12.5 6l6 6-6 6',
    stop: 'M7 7h10v10H7Z',
    sun: 'M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8ZM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6 7 7M17 17l1.4 1.4M18.4 5.6 17 7M7 17l-1.4 1.4',
    moon: 'M19 14.5A7.5 7.5 0 0 1 9.5 5a7.5 7.5 0 1 0 9.5 9.5Z',
    lock: 'M6 11h12v9H6ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
    check: 'M5 12.5l4.5 4.5L19 7.5',
    warning: 'M12 4 3.5 19.5h17ZM12 10v4.5M12 17v.2',
    left: 'M14.5 5.5 8 12l6.5 6.5',
    right: 'M9.5 5.5 16 12l-6.5 6.5',
    plus: 'M12 5v14M5 12h14',
    clock: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17ZM12 7.5V12l3 2.5',
    minus: 'M5 12h14',
    album: 'M5 8h14v11H5ZM7 5h10',
    refresh: 'M19 12a7 7 0 1 1-2.2-5.1L19 9M19 4.5V9h-4.5',
};

const SVG = 'http://www.w3.org/2000/svg';

export function icon(name) {
    const svg = document.createElementNS(SVG, 'svg');
    svg.setAttribute('viewBox', '0 0 24 24');
    svg.setAttribute('aria-hidden', 'true');
    svg.classList.add('icon');
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', paths[name]);
    svg.append(path);
    return svg;
}

// Elements of index.html name theirs: data-icon.
export function drawIcons() {
    for (const element of /** @type {NodeListOf<HTMLElement>} */ (
        document.querySelectorAll('[data-icon]')
    ))
        element.prepend(icon(element.dataset.icon));
}
