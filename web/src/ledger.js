// SPDX-License-Identifier: MIT
// The ledger: time, recipient, photos and cost of each request. One row per request: its entries share a name.
import { listLedger } from './api.js';
import { fill, h } from './dom.js';
import { formatBytes, formatMoment, formatPrice } from './format.js';
import { t } from './i18n.js';
import { go } from './route.js';

const LIMIT = 200;

function byRequest(entries) {
    const requests = new Map();
    for (const entry of entries) {
        const one = requests.get(entry.request) ?? {};
        one[entry.event === 'sent' ? 'sent' : 'end'] = entry;
        requests.set(entry.request, one);
    }
    return [...requests.values()].filter((one) => one.sent);
}

function row({ sent, end }) {
    const photos = sent.photos.map((photo) =>
        h(
            'button',
            { class: 'link', onclick: () => go({ photo: String(photo.id) }) },
            photo.path.split('/').at(-1),
        ),
    );
    return h(
        'tr',
        {},
        h('td', {}, formatMoment(Date.parse(sent.at) / 1000)),
        h('td', {}, `${sent.host}`, h('br'), h('span', { class: 'quiet' }, sent.model)),
        h(
            'td',
            {},
            h(
                'details',
                {},
                h(
                    'summary',
                    {},
                    t('ledger.photos', { count: photos.length, bytes: formatBytes(sent.bytes) }),
                ),
                sent.facts.length > 0 &&
                    h('p', { class: 'quiet' }, sent.facts.map((fact) => t(`kind.${fact}`)).join(', ')),
                h(
                    'ul',
                    {},
                    photos.map((photo) => h('li', {}, photo)),
                ),
            ),
        ),
        h('td', { class: 'number-cell' }, formatPrice(end?.cost_usd ?? sent.cost_usd)),
        h(
            'td',
            {},
            t(`ledger.${end?.event ?? 'sent'}`),
            end?.event === 'failed' && h('span', { class: 'quiet' }, ` ${end.detail}`),
        ),
    );
}

export function ledgerSection() {
    const body = h('div', {
        class: 'table-scroll',
        tabindex: '0',
        role: 'region',
        'aria-label': t('ledger.title'),
    });
    listLedger(LIMIT).then(
        ({ entries }) => {
            const requests = byRequest(entries);
            const head = [
                'ledger.when',
                'ledger.to',
                'ledger.what',
                'ledger.cost',
                'ledger.result',
            ];
            fill(
                body,
                requests.length
                    ? h(
                          'table',
                          {},
                          h(
                              'thead',
                              {},
                              h(
                                  'tr',
                                  {},
                                  head.map((key) => h('th', { scope: 'col' }, t(key))),
                              ),
                          ),
                          h('tbody', {}, requests.map(row)),
                      )
                    : h('p', { class: 'quiet' }, t('ledger.empty')),
            );
        },
        (error) => fill(body, h('p', { class: 'problem' }, error.message)),
    );
    return h(
        'section',
        { class: 'panel' },
        h('h2', {}, t('ledger.title')),
        h('p', { class: 'quiet' }, t('ledger.note')),
        body,
    );
}
