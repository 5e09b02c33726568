// SPDX-License-Identifier: MIT
// The viewer's buttons: above the photo, and an arrow at each side.
import { download } from './api.js';
import { h } from './dom.js';
import { describePhoto, formatCount } from './format.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { findLike } from './tile.js';

function button(name, key, act, extra = {}) {
    return h(
        'button',
        { class: 'icon-button', 'aria-label': t(key), title: t(key), onclick: act, ...extra },
        icon(name),
    );
}

export class ViewerBar {
    constructor({ close, previous, next, zoom, facts, box, ask }) {
        this.title = h('p', { class: 'viewer-title', 'aria-live': 'polite' });
        this.save = h(
            'a',
            {
                class: 'icon-button',
                'aria-label': t('viewer.download'),
                title: t('viewer.download'),
            },
            icon('download'),
        );
        this.factsButton = button('info', 'viewer.facts', facts, {
            'aria-pressed': 'false',
            class: 'icon-button viewer-facts',
        });
        this.element = h(
            'div',
            { class: 'viewer-bar pswp__hide-on-close' },
            button('close', 'viewer.close', close),
            this.title,
            button('ask', 'viewer.ask', ask, { class: 'icon-button viewer-ask' }),
            button('like', 'photo.like', () => this.findLike()),
            button('search', 'viewer.zoom', zoom, { class: 'icon-button viewer-zoom' }),
            button('box', 'labels.draw', box),
            this.save,
            this.factsButton,
        );
        this.arrows = [
            button('left', 'viewer.previous', previous, {
                class: 'viewer-arrow viewer-previous pswp__hide-on-close',
            }),
            button('right', 'viewer.next', next, {
                class: 'viewer-arrow viewer-next pswp__hide-on-close',
            }),
        ];
        // A press here is for the button, not for PhotoSwipe's gestures.
        for (const part of [this.element, ...this.arrows])
            part.addEventListener('pointerdown', (event) => event.stopPropagation());
    }

    show(photo, index, count) {
        this.photo = photo;
        this.title.textContent =
            count > 1
                ? t('viewer.title', {
                      photo: describePhoto(photo),
                      number: formatCount(index + 1),
                      total: formatCount(count),
                  })
                : describePhoto(photo);
        this.save.href = download(photo);
        this.arrows[0].disabled = index === 0;
        this.arrows[1].disabled = index === count - 1;
    }

    setFacts(open) {
        this.factsButton.setAttribute('aria-pressed', String(open));
    }

    findLike() {
        findLike(this.photo.id);
    }

    download() {
        this.save.click();
    }
}
