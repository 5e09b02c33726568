// SPDX-License-Identifier: MIT
// The keys, in a dialog.
import { byId, fill, h } from './dom.js';
import { t } from './i18n.js';

/** @type {[string, [string, string][]][]} */
const KEYS = [
    [
        'help.everywhere',
        [
            ['/', 'help.search'],
            ['a', 'help.ask'],
            ['f', 'help.filters'],
            ['g', 'help.photos'],
            [',', 'help.settings'],
            ['t', 'help.theme'],
            ['?', 'help.this'],
            ['Esc', 'help.escape'],
        ],
    ],
    [
        'help.grid',
        [
            ['← → ↑ ↓', 'help.walk'],
            ['Enter', 'help.open_photo'],
            ['m', 'help.like'],
            ['Home  End', 'help.ends'],
            ['[  ]', 'help.month'],
        ],
    ],
    [
        'help.viewer',
        [
            ['← →', 'help.adjacent'],
            ['z  +  −', 'help.zoom'],
            ['i', 'help.facts'],
            ['a', 'viewer.ask'],
            ['b', 'help.box'],
            ['m', 'help.like'],
            ['d', 'help.download'],
        ],
    ],
];

export function showHelp() {
    const dialog = byId('help');
    if (dialog.open) return dialog.close();
    fill(
        byId('help-keys'),
        KEYS.map(([title, keys]) =>
            h(
                'section',
                {},
                h('h3', {}, t(title)),
                h(
                    'dl',
                    {},
                    keys.map(([key, means]) =>
                        h(
                            'div',
                            {},
                            h(
                                'dt',
                                {},
                                key.split('  ').map((one) => h('kbd', {}, one)),
                            ),
                            h('dd', {}, t(means)),
                        ),
                    ),
                ),
            ),
        ),
    );
    byId('help-keys').append(h('p', {}, t('help.places')));
    dialog.showModal();
}
