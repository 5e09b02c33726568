// SPDX-License-Identifier: MIT
// An answer as it arrives: text with [n] as links to the cited photos, tool calls, and sources.
import { thumbnail } from './api.js';
import { setCited } from './cited.js';
import { fill, h } from './dom.js';
import { describePhoto, formatCount, formatPrice } from './format.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { parse } from './markdown.js';
import { patch } from './patch.js';

const REFERENCE = /\[(\d{1,5})(\?)?\]/g;

// Why an answer is incomplete, by the provider's stop reason; for other reasons the server's sentence is shown.
const NOT_WHOLE = {
    max_tokens: 'ask.too_long',
    length: 'ask.too_long',
    refusal: 'ask.declined',
    content_filter: 'ask.declined',
    model_context_window_exceeded: 'ask.too_much',
};

const citedBy = (element) => Number(element.closest('.cite')?.dataset.cites ?? 0);

export class Answer {
    // onCite(number, places): a citation was chosen; places as places().
    constructor(conversation, { onCite }) {
        this.conversation = conversation;
        this.onCite = onCite;
        this.raw = '';
        this.citations = [];
        this.steps = h('ul', { class: 'steps' });
        this.text = h('div', { class: 'answer-text' });
        this.text.addEventListener('click', ({ target }) => {
            const number = citedBy(target);
            if (number) this.onCite(number, this.places());
        });
        for (const [event, on] of [['mouseover', true], ['mouseout', false], ['focusin', true], ['focusout', false]])
            this.text.addEventListener(event, ({ target }) => {
                const sent = conversation.sent.get(citedBy(target));
                if (sent) this.#point(sent.photo.id, on);
            });
        this.strip = h('ul', { class: 'evidence', 'aria-label': t('ask.evidence') });
        this.foot = h('p', { class: 'quiet answer-foot' });
        this.waiting = h('p', { class: 'waiting', role: 'status' }, t('ask.waiting'));
        this.element = h(
            'div',
            { class: 'answer' },
            this.steps,
            this.text,
            this.waiting,
            this.strip,
            this.foot,
        );
    }

    // ---- events ----

    add(text) {
        this.raw += text;
        this.waiting.hidden = true;
        this.frame ||= requestAnimationFrame(() => {
            this.frame = 0;
            this.#draw(this.raw);
        });
    }

    tool({ name, input }) {
        const words = input?.query
            ? t('ask.tool.search', { query: input.query })
            : input?.number
              ? t('ask.tool.view', { number: String(input.number) })
              : t('ask.tool.named', { name });
        this.step = h(
            'li',
            { class: 'step running' },
            icon(input?.query ? 'search' : 'picture'),
            h('span', {}, words),
        );
        this.steps.append(this.step);
    }

    toolDone({ sentence, photos }) {
        const step = this.step ?? this.steps.appendChild(h('li', { class: 'step' }));
        step.classList.remove('running');
        step.append(h('span', { class: 'quiet' }, sentence));
        if (photos.length)
            step.append(
                h(
                    'span',
                    { class: 'step-photos' },
                    photos.map(({ photo }) =>
                        h('img', { src: thumbnail(photo, 'small'), alt: describePhoto(photo) }),
                    ),
                ),
            );
        this.step = null;
    }

    note({ sentence }) {
        this.steps.append(h('li', { class: 'step' }, icon('refresh'), h('span', {}, sentence)));
    }

    finish(answer) {
        this.#settle();
        this.citations = answer.citations;
        this.raw = answer.text;
        this.#draw(answer.text || (answer.nothing_matches ? t('ask.nothing') : ''));
        this.#drawStrip();
        setCited(this.citations);
        if (answer.requests) {
            fill(
                this.foot,
                t('ask.cost', {
                    price: formatPrice(answer.cost_usd),
                    model: answer.model ?? '',
                    input: formatCount(
                        answer.usage.input_tokens +
                            answer.usage.cache_read_tokens +
                            answer.usage.cache_write_tokens,
                    ),
                    output: formatCount(answer.usage.output_tokens),
                }),
            );
        }
        if (answer.remark && !answer.error) this.#warn(NOT_WHOLE[answer.stop_reason] ? t(NOT_WHOLE[answer.stop_reason]) : answer.remark, 'status');
    }

    // It ended otherwise: the received text stays.
    fail(sentence) {
        this.#settle();
        this.#draw(this.raw);
        this.#warn(sentence, 'alert');
    }

    #warn(sentence, role) {
        this.element.append(h('p', { class: 'problem', role }, icon('warning'), sentence));
    }

    #settle() {
        cancelAnimationFrame(this.frame);
        this.frame = 0;
        this.waiting.hidden = true;
        this.step?.classList.remove('running');
    }

    // ---- text ----

    // During streaming, existing nodes stay, with focus and selection.
    #draw(text) {
        patch(this.text, this.#nodes(parse(text)));
    }

    #nodes(tree, inCode = false) {
        return tree.flatMap((one) => {
            if (typeof one === 'string') return inCode ? one : this.#references(one);
            const children = this.#nodes(one.children, inCode || one.name === 'code');
            const made = h(one.name, one.attributes);
            made.append(...children);
            made.normalize();
            return one.name === 'table' ? h('div', { class: 'answer-table' }, made) : made;
        }).map((one) => (typeof one === 'string' ? document.createTextNode(one) : one));
    }

    #references(text) {
        const nodes = [];
        let from = 0;
        for (const match of text.matchAll(REFERENCE)) {
            nodes.push(text.slice(from, match.index));
            nodes.push(this.#reference(Number(match[1]), Boolean(match[2])));
            from = match.index + match[0].length;
        }
        nodes.push(text.slice(from));
        return nodes.filter((node) => node !== '');
    }

    #reference(number, rejected) {
        const sent = this.conversation.sent.get(number);
        if (rejected || !sent)
            return h(
                'span',
                { class: 'cite cite-unknown', title: t('ask.not_sent') },
                `${number}?`,
            );
        return h(
            'button',
            {
                class: 'cite',
                title: describePhoto(sent.photo),
                'aria-label': t('ask.cite', {
                    number: String(number),
                    photo: describePhoto(sent.photo),
                }),
                dataset: { cites: number },
            },
            String(number),
        );
    }

    // The boxes that the answer speaks of: photo -> [box].
    places() {
        const places = new Map();
        for (const { photo, box } of this.citations) {
            if (box) places.set(photo, [...(places.get(photo) ?? []), box]);
        }
        return places;
    }

    #point(photo, on) {
        for (const one of document.querySelectorAll(`[data-photo="${photo}"]`))
            one.classList.toggle('pointed', on);
    }

    #drawStrip() {
        const numbers = [...new Set(this.citations.map((citation) => citation.number))];
        fill(
            this.strip,
            numbers.map((number) => {
                const { photo } = this.conversation.sent.get(number) ?? {};
                return (
                    photo &&
                    h(
                        'li',
                        { dataset: { photo: photo.id } },
                        h(
                            'button',
                            {
                                'aria-label': t('ask.cite', {
                                    number: String(number),
                                    photo: describePhoto(photo),
                                }),
                                onclick: () => this.onCite(number, this.places()),
                            },
                            h('img', { src: thumbnail(photo, 'small'), alt: '' }),
                            h('span', { class: 'number' }, String(number)),
                        ),
                    )
                );
            }),
        );
    }
}
