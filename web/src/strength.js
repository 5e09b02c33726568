// SPDX-License-Identifier: MIT
// How well a photo matches, as three bars and a word; the number is in the tooltip.
import { h } from './dom.js';
import { t } from './i18n.js';

export const strengths = ['strong', 'fair', 'weak', 'none'];

export function strengthMark({ strength, score, names }) {
    const full = 3 - strengths.indexOf(strength);
    const said = names ? t('strength.named', { names }) : t(`strength.${strength}`);
    return h(
        'span',
        {
            class: `strength strength-${strength}`,
            title: score === null ? said : t('strength.score', { strength: said, score: score.toFixed(3) }),
            'aria-hidden': 'true',
        },
        [1, 2, 3].map((bar) => h('i', { class: bar <= full ? 'on' : '' })),
    );
}
