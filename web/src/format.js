// SPDX-License-Identifier: MIT
// Dates, sizes and prices as people of the chosen language write them.
import { language, t } from './i18n.js';

const locale =
    navigator.languages.find((tag) => tag.startsWith(language)) ??
    (language === 'zh' ? 'zh-CN' : language);
const monthName = new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: 'long',
    timeZone: 'UTC',
});
const shortMonth = new Intl.DateTimeFormat(locale, {
    year: 'numeric',
    month: 'short',
    timeZone: 'UTC',
});
const dayName = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
const dayTime = new Intl.DateTimeFormat(locale, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
});
const momentName = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
const count = new Intl.NumberFormat(locale);

// A photo's own date has no time zone: it is shown as the camera wrote it.
function parse(taken) {
    const parts = /^(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:[T ](\d\d):(\d\d))?/.exec(taken ?? '');
    if (!parts) return null;
    const [, year, month = '01', day = '01', hour, minute] = parts;
    const date = new Date(Date.UTC(+year, +month - 1, +day, +(hour ?? 0), +(minute ?? 0)));
    return { date, hasDay: parts[3] !== undefined, hasTime: hour !== undefined };
}

export function formatMonth(month, short = false) {
    const parsed = parse(month);
    return parsed ? (short ? shortMonth : monthName).format(parsed.date) : t('photos.undated');
}

// "April – June 2024"; one month is itself.
export function formatMonths(first, last) {
    if (first === last) return formatMonth(last);
    return monthName.formatRange(parse(first).date, parse(last).date);
}

export function formatDay(taken) {
    const parsed = parse(taken);
    return parsed ? (parsed.hasDay ? dayName : monthName).format(parsed.date) : t('photos.undated');
}

export function formatTaken(taken) {
    const parsed = parse(taken);
    return parsed
        ? (parsed.hasTime ? dayTime : parsed.hasDay ? dayName : monthName).format(parsed.date)
        : t('photos.undated');
}

// What the server says begins small, for a terminal; here it is a sentence of its own.
export function sentence(text) {
    const whole = text.charAt(0).toUpperCase() + text.slice(1);
    return /[.!?)…。]$/.test(whole) ? whole : `${whole}.`;
}

export const formatMoment = (unixSeconds) => momentName.format(new Date(unixSeconds * 1000));
export const formatCount = (value) => count.format(value);

export function formatBytes(bytes) {
    const units = ['B', 'kB', 'MB', 'GB', 'TB'];
    let unit = 0;
    while (bytes >= 1000 && unit < units.length - 1) {
        bytes /= 1000;
        unit++;
    }
    return `${bytes.toLocaleString(locale, { maximumFractionDigits: bytes < 10 && unit > 0 ? 1 : 0 })} ${units[unit]}`;
}

export function formatPrice(dollars) {
    if (dollars === null || dollars === undefined) return t('price.unknown');
    if (dollars === 0) return t('price.free');
    const digits = dollars < 0.01 ? 4 : dollars < 1 ? 3 : 2;
    return `$${dollars.toFixed(digits)}`;
}

export function formatPlace(latitude, longitude) {
    const part = (value, positive, negative) =>
        `${Math.abs(value).toFixed(5)}° ${value < 0 ? negative : positive}`;
    return `${part(latitude, 'N', 'S')}, ${part(longitude, 'E', 'W')}`;
}

// The text for a photo: for screen readers, and as the tooltip of a tile.
export const describePhoto = (photo) =>
    photo.taken
        ? t('photo.named_dated', { name: photo.name, date: formatDay(photo.taken) })
        : t('photo.named', { name: photo.name });
