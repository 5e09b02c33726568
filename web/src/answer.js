// An answer as it arrives: text with [n] as links to the photos they cite, tool calls, and what it came from.
import { thumbnail } from './api.js';
import { setCited } from './cited.js';
import { fill, h } from './dom.js';
import { describePhoto, formatCount, formatPrice } from './format.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { paragraphs } from './markdown.js';

const REFERENCE = /\[(\d{1,5})(\?)?\]/g;

export class Answer {
    // onCite(number, places): a citation was chosen; places as places().
    constructor(conversation, { onCite }) {
        Object.assign(this, { conversation, onCite });
        this.raw = '';
        this.citations = [];
        this.steps = h('ul', { class: 'steps' });
        this.text = h('div', { class: 'answer-text' });
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
        const words = input.query
            ? t('ask.tool.search', { query: input.query })
            : input.number
              ? t('ask.tool.view', { number: String(input.number) })
              : t('ask.tool.named', { name });
        this.step = h(
            'li',
            { class: 'step running' },
            icon(input.query ? 'search' : 'picture'),
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
        if (answer.stop === 'max_tokens') this.note({ sentence: t('ask.too_long') });
    }

    // It ended otherwise: what arrived stays.
    fail(sentence) {
        this.#settle();
        this.#draw(this.raw);
        this.element.append(h('p', { class: 'problem', role: 'alert' }, icon('warning'), sentence));
    }

    #settle() {
        cancelAnimationFrame(this.frame);
        this.frame = 0;
        this.waiting.hidden = true;
        this.step?.classList.remove('running');
    }

    // ---- text ----

    #draw(text) {
        fill(
            this.text,
            paragraphs(text).map(({ list, lines }) =>
                list
                    ? h(
                          'ul',
                          {},
                          lines.map((line) => h('li', {}, this.#inline(line))),
                      )
                    : h('p', {}, this.#inline(lines.join(' '))),
            ),
        );
    }

    #inline(line) {
        return line
            .split(/(\*\*[^*]+\*\*)/)
            .flatMap((part) =>
                part.startsWith('**') && part.length > 4
                    ? [h('strong', {}, this.#references(part.slice(2, -2)))]
                    : this.#references(part),
            );
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
        return nodes;
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
                onclick: () => this.onCite(number, this.places()),
                onmouseenter: () => this.#point(sent.photo.id, true),
                onmouseleave: () => this.#point(sent.photo.id, false),
                onfocus: () => this.#point(sent.photo.id, true),
                onblur: () => this.#point(sent.photo.id, false),
            },
            String(number),
        );
    }

    // The boxes that the answer speaks of: photo -> [box].
    places() {
        const places = new Map();
        for (const { photo, box } of this.citations) {
            if (photo && box) places.set(photo, [...(places.get(photo) ?? []), box]);
        }
        return places;
    }

    #point(photo, on) {
        for (const one of document.querySelectorAll(`[data-photo="${photo}"]`))
            one.classList.toggle('pointed', on);
    }

    #drawStrip() {
        const numbers = [
            ...new Set(
                this.citations
                    .filter((citation) => citation.photo)
                    .map((citation) => citation.number),
            ),
        ];
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
