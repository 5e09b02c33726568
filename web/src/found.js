// SPDX-License-Identifier: MIT
// One search and its results so far, page by page, grouped by strength of match.
import { search, searchByPicture, similar } from './api.js';
import { t } from './i18n.js';
import { pictureFor } from './picture.js';
import { filtersOf } from './route.js';

const PAGE = 60;

const GROUPS = ['named', 'good', 'weak', 'none'];
const GROUP_OF = { strong: 1, fair: 1, weak: 2, none: 3 };
export const isMatch = (photo) => photo.strength !== 'none' || photo.names;

// First photos whose label was mentioned, then matches, weak matches, and others. The server sends them in this
// order; results of a later page are never put above displayed ones.
export function groups(results, isWhole) {
    const sections = GROUPS.map((key) => ({
        key,
        title: t(`results.group.${key}`),
        photos: [],
        whole: false, // whether these are all there are
    }));
    let lowest = 0;
    for (const photo of results) {
        lowest = Math.max(lowest, photo.names ? 0 : GROUP_OF[photo.strength]);
        sections[lowest].photos.push(photo);
    }
    const shown = sections.filter((section) => section.photos.length);
    shown.forEach((section, s) => (section.whole = isWhole || s < shown.length - 1));
    return shown;
}

// Of the state of an address: route().
export class Found {
    /** @param {import('./route.js').State} state */
    constructor({ q, like, picture, ...filters }) {
        const query = { ...filtersOf(filters), limit: PAGE, order: 'strength' };
        this.ask = (cursor, signal) =>
            like
                ? similar(like, { ...query, cursor }, signal)
                : picture
                  ? searchByPicture(pictureFor(picture), { ...query, cursor }, signal)
                  : search({ ...query, q, cursor }, signal);
        this.photos = [];
        this.cursor = undefined;
        this.nearest = false; // whether those that match nothing are shown
        /** @type {{word: string, instead: string} | null} */
        this.hint = null; // a word that could be a criterion
    }

    async more(signal) {
        const page = await this.ask(this.cursor, signal);
        this.photos = this.photos.concat(page.results);
        this.cursor = page.next_cursor;
        this.isUnread = page.language_unsupported;
        this.hint ??= page.hint ?? null;
        return page;
    }

    get matching() {
        return this.photos.filter(isMatch);
    }

    // Further pages hold only weaker ones.
    get isWhole() {
        return !this.cursor || (!this.nearest && this.matching.length < this.photos.length);
    }
}
