// SPDX-License-Identifier: MIT
// What is about to leave the machine, for the owner to see and trim before anything is sent.
import { thumbnail } from './api.js';
import { fill, h } from './dom.js';
import { describePhoto, formatBytes, formatCount, formatPrice, sentence } from './format.js';
import { icon } from './icons.js';
import { t } from './i18n.js';

// Pictures are exactly counted; the price of the rest goes with its tokens.
export function totals(outbox, photos) {
    const without = outbox.photos.filter((photo) => !photos.includes(photo));
    const sum = (key) => without.reduce((all, photo) => all + photo[key], 0);
    const tokens = outbox.tokens - sum('tokens');
    const share = outbox.tokens ? tokens / outbox.tokens : 1;
    const answer = outbox.price_max_usd === null ? null : outbox.price_max_usd - outbox.price_usd;
    const price = outbox.price_usd === null ? null : outbox.price_usd * share;
    return {
        count: photos.length,
        bytes: Math.max(0, outbox.bytes - Math.round((sum('bytes') * 4) / 3)), // base64 in the body
        tokens,
        price,
        most: price === null || answer === null ? null : price + answer,
    };
}

// "date, place (to about 1 km), 2 labels" of a list of kinds of fact; undefined: none go.
export function factWords(facts, labels) {
    const words = facts.map((fact) =>
        t(`fact.${fact}`, fact === 'labels' ? { count: labels } : {}),
    );
    return words.length ? words.join(t('list.comma')) : undefined;
}

// What goes beside the photos that are still chosen; those of the conversation so far go once more.
function toldOf(outbox, photos) {
    const dropped = outbox.photos.filter((photo) => !photos.includes(photo));
    if (!dropped.length) return factWords(outbox.facts, outbox.labels);
    const facts = outbox.facts.filter((fact) => photos.some((photo) => photo.facts.includes(fact)));
    return factWords(
        facts,
        photos.reduce((sum, photo) => sum + photo.labels, 0),
    );
}

export function summary(outbox, photos) {
    const { count, bytes, tokens, price } = totals(outbox, photos);
    return t('outbox.sent', {
        count,
        bytes: formatBytes(bytes),
        tokens: formatCount(tokens),
        price: outbox.local ? t('price.free') : formatPrice(price),
        host: outbox.host,
    });
}

export class OutboxCard {
    // onSend({photos: [outbox photo], morePhotos}), onCancel(); setup: from GET ask; within: words of the filters that
    // photos were found by.
    constructor(outbox, setup, { within, onSend, onCancel }) {
        this.outbox = outbox;
        this.within = within;
        this.onSend = onSend;
        this.photos = [...outbox.photos];
        this.list = h('ul', { class: 'outbox-photos' });
        this.figures = h('dl', { class: 'outbox-figures' });
        this.more = h('input', { type: 'checkbox', checked: true });
        this.sendButton = h(
            'button',
            { class: 'button primary', onclick: () => this.send() },
            t('outbox.send'),
            icon('send'),
        );
        this.element = h(
            'section',
            { class: 'outbox', 'aria-label': t('outbox.title') },
            h(
                'h3',
                {},
                icon(outbox.local ? 'lock' : 'send'),
                t(outbox.local ? 'outbox.title_local' : 'outbox.title'),
            ),
            this.list,
            this.figures,
            outbox.withheld > 0 &&
                h(
                    'p',
                    { class: 'outbox-withheld' },
                    icon('lock'),
                    t('outbox.withheld', { count: outbox.withheld, why: outbox.withheld_why }),
                ),
            outbox.weak > 0 && h('p', { class: 'outbox-weak' }, t('outbox.weak', { count: outbox.weak })),
            outbox.near_withheld > 0 &&
                h(
                    'p',
                    { class: 'outbox-near' },
                    icon('warning'),
                    t('outbox.near', { why: outbox.near_withheld_why }),
                ),
            outbox.no_room > 0 &&
                h('p', { class: 'outbox-no-room' }, icon('warning'), t('outbox.no_room')),
            outbox.more_photos > 0 &&
                h(
                    'label',
                    { class: 'check' },
                    this.more,
                    outbox.local
                        ? t('outbox.more_local')
                        : t('outbox.more', {
                              count: outbox.more_photos,
                              bytes: formatBytes(outbox.more_bytes),
                          }),
                ),
            setup.available
                ? h(
                      'div',
                      { class: 'buttons' },
                      this.sendButton,
                      h('button', { class: 'button', onclick: onCancel }, t('outbox.cancel')),
                  )
                : h('p', { class: 'outbox-unavailable' }, icon('warning'), sentence(setup.why_not)),
            !setup.available &&
                h('button', { class: 'button', onclick: onCancel }, t('outbox.cancel')),
        );
        this.#draw();
    }

    #draw() {
        const { outbox, photos } = this;
        fill(
            this.list,
            photos.map((photo) => this.#photo(photo)),
        );
        const { count, bytes, tokens, price, most } = totals(outbox, photos);
        const figure = (key, value) => h('div', {}, h('dt', {}, t(key)), h('dd', {}, value));
        fill(
            this.figures,
            figure('outbox.photos', formatCount(count)),
            this.within.length > 0 && figure('outbox.within', this.within.join(t('list.comma'))),
            figure('outbox.size', formatBytes(bytes)),
            figure('outbox.tokens', `~${formatCount(tokens)}`),
            figure(
                'outbox.price',
                outbox.local
                    ? t('price.free')
                    : most
                      ? t('outbox.price_range', {
                            price: formatPrice(price),
                            most: formatPrice(most),
                        })
                      : formatPrice(price),
            ),
            figure('outbox.told', toldOf(outbox, photos) ?? t('outbox.told_none')),
            figure('outbox.to', `${outbox.host} · ${outbox.model}`),
        );
        this.sendButton.disabled = photos.length === 0;
    }

    #photo(photo) {
        const name = describePhoto(photo.photo);
        const drop = () => {
            this.photos = this.photos.filter((one) => one !== photo);
            this.#draw();
            (this.list.querySelector('button') ?? this.sendButton).focus();
        };
        return h(
            'li',
            { title: photo.caption },
            h('img', { src: thumbnail(photo.photo, 'small'), alt: name }),
            h('span', { class: 'number', 'aria-hidden': 'true' }, String(photo.number)),
            h(
                'button',
                {
                    class: 'icon-button small',
                    'aria-label': t('outbox.drop', { photo: name }),
                    title: t('outbox.drop', { photo: name }),
                    onclick: drop,
                },
                icon('close'),
            ),
            h('span', { class: 'quiet' }, `${photo.width} × ${photo.height}`),
        );
    }

    send() {
        if (!this.sendButton.disabled)
            this.onSend({ photos: this.photos, morePhotos: this.more.checked });
    }

    focus() {
        this.sendButton.focus();
    }
}
