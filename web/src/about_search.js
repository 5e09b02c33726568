// SPDX-License-Identifier: MIT
// "About this search": how the query was read, and how many photos each criterion lets through.
import { fill, h } from './dom.js';
import { t } from './i18n.js';
import { isExact, onReading } from './reading.js';
import { criteria, describeCriterion } from './suggest.js';

// What a part means, in words.
function meaning(part, known) {
    const { kind, criterion, text, parts } = part;
    const isSeen = !isExact(part);
    if (kind === 'criterion') return describeCriterion(known.find(({ word }) => word === criterion));
    if (kind === 'not') return t(isSeen ? 'about.not_seen' : 'about.not');
    if (kind !== 'all' && kind !== 'any') return t(`about.${kind}`);
    const seen = parts.filter((one) => !isExact(one) && one.kind !== 'not').length;
    return t(seen > 1 ? `about.${kind}_seen` : `about.${kind}`, { text });
}

function drawPart(part, known, isRoot) {
    const isCounted = isExact(part) && part.photos !== null && !(isRoot && part.parts.length);
    return h(
        'li',
        {},
        !part.parts.length && [h('code', {}, part.text), ' '],
        h('span', { class: 'about-means' }, meaning(part, known)),
        isCounted && h('span', { class: 'about-count' }, t('about.photos', { count: part.photos })),
        part.parts.length > 0 && h('ul', {}, part.parts.map((one) => drawPart(one, known, false))),
    );
}

export class AboutSearch {
    constructor() {
        this.body = h('div', { class: 'about-body' });
        this.element = h('details', { class: 'about' }, h('summary', {}, t('about.title')), this.body);
        onReading((explanation) => void this.#draw(explanation));
    }

    // Its line stands there before it is known what it says, so that photos stay where they are.
    follow(q) {
        this.element.hidden = !q;
    }

    async #draw(explanation) {
        this.explanation = explanation;
        const known = await criteria();
        if (this.explanation !== explanation) return;
        if (!explanation) return fill(this.body);
        const { tree, sort, listed, photos } = explanation;
        const order = sort ? sort.text.replace('sort:', '') : listed ? '-date' : 'match';
        fill(
            this.body,
            h('ul', {}, tree.end > 0 && drawPart(tree, known, true)),
            h('p', {}, t('about.left', { count: photos }), ' ', t(`about.order.${order}`)),
        );
    }
}
