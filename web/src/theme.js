// Dark or light: the system decides until the owner does.
export const themes = ['system', 'light', 'dark'];

export const theme = () => localStorage.getItem('theme') ?? 'system';

export function applyTheme(choice = theme()) {
    if (choice === 'system') {
        localStorage.removeItem('theme');
        delete document.documentElement.dataset.theme;
    } else {
        localStorage.setItem('theme', choice);
        document.documentElement.dataset.theme = choice;
    }
}

export function toggleTheme() {
    const dark = document.documentElement.dataset.theme
        ? document.documentElement.dataset.theme === 'dark'
        : matchMedia('(prefers-color-scheme: dark)').matches;
    applyTheme(dark ? 'light' : 'dark');
}
