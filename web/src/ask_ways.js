// SPDX-License-Identifier: MIT
// Before one asks: that nobody is there to answer, and the ways to change that.
import { getAskSetup } from './api.js';
import { fill, h } from './dom.js';
import { icon } from './icons.js';
import { t } from './i18n.js';

// Fills the element, or hides it where a model answers.
export async function tellWays(element) {
    const { available } = await getAskSetup().catch(() => ({ available: true }));
    element.hidden = available;
    if (available) return;
    const way = (key, command) => h('li', {}, t(key), h('code', {}, command));
    fill(
        element,
        h('p', {}, icon('warning'), h('span', {}, t('ask.no_model'))),
        h(
            'ol',
            {},
            way('ask.way.key', 'ANTHROPIC_API_KEY=… keepsake serve'),
            way('ask.way.file', 'keepsake serve --llm-key-file FILE'),
            way(
                'ask.way.local',
                'keepsake serve --provider openai --llm-url http://localhost:11434/v1 --llm-model MODEL',
            ),
        ),
    );
}
