// SPDX-License-Identifier: MIT
// Dark or light: the system decides until the owner does.
export const themes = ['system', 'light', 'dark'];

// Of the browser's own bars: --ground in css/base.css.
const GROUNDS = { light: '#fdfcfa', dark: '#121413' };

export const theme = () => localStorage.getItem('theme') ?? 'system';

export function applyTheme(choice = theme()) {
    if (choice === 'system') {
        localStorage.removeItem('theme');
        delete document.documentElement.dataset.theme;
    } else {
        localStorage.setItem('theme', choice);
        document.documentElement.dataset.theme = choice;
    }
    for (const meta of /** @type {NodeListOf<HTMLMetaElement>} */ (
        document.querySelectorAll('meta[name=theme-color]')
    )) {
        const own = meta.media.includes('dark') ? 'dark' : 'light';
        meta.content = GROUNDS[choice === 'system' ? own : choice];
    }
}

export function toggleTheme() {
    const dark = document.documentElement.dataset.theme
        ? document.documentElement.dataset.theme === 'dark'
        : matchMedia('(prefers-color-scheme: dark)').matches;
    applyTheme(dark ? 'light' : 'dark');
}
