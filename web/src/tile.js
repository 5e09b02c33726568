// SPDX-License-Identifier: MIT
// One photo in a grid: a link that opens it, and a button that finds more like it.
import { thumbnail } from './api.js';
import { dragFile } from './drag.js';
import { markCited } from './cited.js';
import { h } from './dom.js';
import { describePhoto } from './format.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { address, go, route } from './route.js';
import { strengthMark } from './strength.js';

// A picture that did not come is asked for again: soon, and then after pauses that grow, as a busy server may refuse it
// several times. By id, how often it was; a file that is gone stays lost after the last.
const attempts = new Map();
const MOST_ATTEMPTS = 6;
const PAUSE = 500; // ms, doubled each time

function askAgain(id) {
    const made = attempts.get(id) ?? 0;
    if (made === MOST_ATTEMPTS) return;
    attempts.set(id, made + 1);
    setTimeout(() => dispatchEvent(new Event('picture-lost')), made && PAUSE * 2 ** made);
}

export function makeTile(photo) {
    const image = h('img', {
        src: thumbnail(photo, 'small'),
        alt: '',
        decoding: 'async',
        draggable: 'false', // the link is dragged
    });
    image.addEventListener('load', () => {
        image.classList.add('here');
        attempts.delete(photo.id);
    });
    image.addEventListener('error', () => {
        tile.classList.add('tile-lost');
        askAgain(photo.id);
    });
    const copies = photo.copies?.count ?? 0; // other photos with the same content, which are no results
    const own = describePhoto(photo);
    const name = copies > 0 ? `${own} – ${t('results.copies', { count: copies })}` : own;
    const link = h(
        'a',
        {
            href: address({ ...route(), photo: photo.id }),
            class: 'tile-link',
            tabindex: '-1',
            title: name,
            'aria-label': photo.strength
                ? t('results.tile', { photo: name, strength: t(`strength.${photo.strength}`) })
                : name,
        },
        image,
    );
    link.addEventListener('dragstart', (event) => dragFile(event, photo, image));
    const like = h(
        'button',
        {
            class: 'tile-like',
            tabindex: '-1',
            'aria-label': t('photo.like'),
            title: t('photo.like'),
            onclick: () => findLike(photo.id),
        },
        icon('like'),
    );
    const tile = h(
        'div',
        { class: 'tile', dataset: { photo: photo.id } },
        link,
        like,
        photo.strength && photo.score !== null && strengthMark(photo), // criteria alone: it meets them
        copies > 0 && h('span', { class: 'tile-copies', title: t('results.copies', { count: copies }), 'aria-hidden': 'true' }, `+${copies}`),
    );
    markCited(tile);
    return tile;
}

export function findLike(id) {
    go({ like: String(id), q: undefined, picture: undefined, photo: undefined, view: undefined });
}
