// SPDX-License-Identifier: MIT
// The page's words: one data file per language in web/lang. A value may hold {names}; a key with forms
// for numbers has them as KEY.one, KEY.other ... (Intl.PluralRules decides by `count`).
import en from '../lang/en.json';
import zh from '../lang/zh.json';

const words = { en, zh };
export const languages = { en: 'English', zh: '中文' };

function choose() {
    const kept = localStorage.getItem('language');
    if (kept in words) return kept;
    for (const tag of navigator.languages ?? [navigator.language]) {
        const short = tag.slice(0, 2).toLowerCase();
        if (short in words) return short;
    }
    return 'en';
}

export const language = choose();
const plural = new Intl.PluralRules(language);
const number = new Intl.NumberFormat(language);

/** @param {Record<string, any>} [values] */
export function t(key, values = {}) {
    const form = 'count' in values ? `${key}.${plural.select(values.count)}` : key;
    const text =
        words[language][form] ??
        words[language][`${key}.other`] ??
        words[language][key] ??
        words.en[key] ??
        key;
    return text.replace(/\{(\w+)\}/g, (whole, name) => {
        const value = values[name];
        return value === undefined
            ? whole
            : typeof value === 'number'
              ? number.format(value)
              : value;
    });
}

// Elements of index.html name their words: data-t for the text, data-t-label for aria-label and title,
// data-t-placeholder for a field's hint.
/** @returns {any} */
const all = (selector) => document.querySelectorAll(selector);

export function translatePage() {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : language;
    for (const element of all('[data-t]'))
        element.textContent = t(element.dataset.t);
    for (const element of all('[data-t-label]')) {
        element.setAttribute('aria-label', t(element.dataset.tLabel));
        if (element.matches('button, a')) element.title = t(element.dataset.tLabel);
    }
    for (const element of all('[data-t-placeholder]')) {
        element.placeholder = t(element.dataset.tPlaceholder);
    }
}

// Everything the page shows is in its URL, so a change of language is a new start in the same place.
export function setLanguage(code) {
    localStorage.setItem('language', code);
    location.reload();
}
