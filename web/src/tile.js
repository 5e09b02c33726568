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

const lost = new Set(); // ids of photos whose picture did not come, and was asked for again

export function makeTile(photo) {
    const image = h('img', {
        src: thumbnail(photo, 'small'),
        alt: '',
        decoding: 'async',
        draggable: 'false', // the link is dragged
    });
    image.addEventListener('load', () => {
        image.classList.add('here');
        lost.delete(photo.id);
    });
    image.addEventListener('error', () => {
        tile.classList.add('tile-lost');
        if (lost.has(photo.id)) return;
        lost.add(photo.id);
        dispatchEvent(new Event('picture-lost'));
    });
    const name = describePhoto(photo);
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
        photo.strength && strengthMark(photo),
    );
    markCited(tile);
    return tile;
}

export function findLike(id) {
    go({ like: String(id), q: undefined, picture: undefined, photo: undefined, view: undefined });
}
