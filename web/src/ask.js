// SPDX-License-Identifier: MIT
// The side panel in which one asks about the photos: question, outbox, answer, and the next question.
import { getAskSetup, getStatus } from './api.js';
import { Answer } from './answer.js';
import { setCited } from './cited.js';
import { Conversation } from './conversation.js';
import { byId, fill, h } from './dom.js';
import { tellWays } from './ask_ways.js';
import { FILTERS, aboutChip, filterChip, filterWords } from './filters.js';
import { sentence } from './format.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { OutboxCard, summary } from './outbox.js';
import { filtersOf, go, hasFilters, route } from './route.js';

const BESIDE = '(min-width: 761px)'; // as in css/ask.css

// Whether the panel is open and there is room for it beside a photo; else a photo lies over it.
export const isBesideViewer = () => !byId('ask').hidden && matchMedia(BESIDE).matches;

export class AskPanel {
    // onShow(photos, index, places): a citation was chosen; photos are those that were sent.
    constructor({ onShow }) {
        this.onShow = onShow;
        this.element = byId('ask');
        this.log = byId('ask-log');
        this.field = byId('ask-text');
        this.button = byId('ask-send');
        this.filters = byId('ask-filters');
        byId('ask-form').addEventListener('submit', (event) => {
            event.preventDefault();
            if (this.conversation.isRunning) this.conversation.stop();
            else void this.#ask(this.field.value);
        });
        this.field.addEventListener('keydown', (event) => {
            if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
                event.preventDefault();
                if (!this.conversation.isRunning) void this.#ask(this.field.value);
            }
        });
        this.field.addEventListener('input', () => this.#grow());
        this.element.addEventListener('keydown', (event) => {
            if (event.key !== 'Escape') return;
            event.stopPropagation();
            if (this.conversation.isRunning) this.conversation.stop();
            else this.close();
        });
        byId('ask-close').addEventListener('click', () => this.close());
        byId('ask-new').addEventListener('click', () => this.#startAnew());
        addEventListener('pagehide', () => this.conversation.forget());
        this.#startAnew();
    }

    get isOpen() {
        return !this.element.hidden;
    }

    follow(state) {
        this.#drawFilters(state);
        const open = Boolean(state.ask);
        if (!state.photo) this.about(null);
        if (open === this.isOpen) return;
        this.element.hidden = !open;
        document.body.classList.toggle('asking', open);
        byId('open-ask').setAttribute('aria-expanded', String(open));
        if (open && this.log.querySelector('.ask-welcome')) void tellWays(this.ways);
        if (open && (!state.photo || this.photo)) this.field.focus();
    }

    open(question) {
        go({ ask: '1' });
        if (question) void this.#ask(question);
    }

    // The photo in the viewer that questions are about; null: about the photos found.
    about(photo) {
        this.photo = photo;
        this.#drawFilters(route());
    }

    close() {
        this.about(null);
        go({ ask: undefined }, { replace: true });
        byId('open-ask').focus();
    }

    #grow() {
        this.field.style.height = 'auto';
        this.field.style.height = `${Math.min(160, this.field.scrollHeight)}px`;
    }

    #startAnew() {
        this.#another();
        setCited([]);
        const examples = ['ask.example.1', 'ask.example.2', 'ask.example.3'].map((key) =>
            h('li', {}, h('button', { class: 'chip', onclick: () => this.#ask(t(key)) }, t(key))),
        );
        this.ways = h('div', { class: 'ask-ways', hidden: true });
        fill(
            this.log,
            h(
                'div',
                { class: 'ask-welcome' },
                h('p', {}, t('ask.welcome')),
                this.ways,
                h('ul', { class: 'examples' }, examples),
            ),
        );
        if (this.isOpen) void tellWays(this.ways);
        this.#ready();
    }

    #another() {
        this.conversation?.forget();
        this.conversation = new Conversation();
    }

    // What the next question is limited to.
    #drawFilters(state) {
        const { photo } = this;
        const names = photo ? [] : FILTERS.filter((name) => state[name]);
        fill(
            this.filters,
            photo && aboutChip(photo, () => this.about(null)),
            names.length > 0 && h('span', { class: 'quiet' }, t('ask.within')),
            names.map((name) => filterChip(name, state[name])),
        );
        this.filters.hidden = names.length === 0 && !photo;
    }

    #ready() {
        fill(this.button, icon(this.conversation.isRunning ? 'stop' : 'send'));
        const key = this.conversation.isRunning ? 'ask.stop' : 'ask.send';
        this.button.setAttribute('aria-label', t(key));
        this.button.title = t(key);
    }

    #append(element) {
        this.log.querySelector('.ask-welcome')?.remove();
        this.log.append(element);
        this.log.scrollTop = this.log.scrollHeight;
    }

    // ---- a turn: find the photos, show the outbox, send, stream ----

    async #ask(question) {
        question = question.trim();
        if (!question || this.busy) return;
        this.field.value = '';
        this.#grow();
        this.log.querySelector('.outbox')?.remove(); // an older one that was not sent
        const turn = h('div', { class: 'turn' }, h('p', { class: 'question' }, question));
        this.#append(turn);
        await this.#find(turn, question);
    }

    async #find(turn, question) {
        this.busy = true;
        const waiting = h('p', { class: 'waiting', role: 'status' }, t('ask.finding'));
        turn.append(waiting);
        try {
            const [prepared, setup] = await Promise.all([
                this.#prepare(turn, question),
                getAskSetup(),
            ]);
            waiting.remove();
            if (prepared.nothing_matches) await this.#nothing(turn, prepared);
            else this.#offer(turn, prepared, setup, question);
        } catch (error) {
            waiting.remove();
            turn.append(
                h('p', { class: 'problem', role: 'alert' }, icon('warning'), error.message),
            );
            if (!this.field.value) this.field.value = question; // to be asked again
        }
        this.busy = false;
        this.log.scrollTop = this.log.scrollHeight;
    }

    // A conversation that is lost, or that began within other filters, is followed by a new one.
    async #prepare(turn, question) {
        const filters = filtersOf(route());
        const photo = this.photo?.id;
        if (!this.conversation.isWithin(filters)) this.#begin(turn, 'ask.other_filters');
        try {
            return await this.conversation.prepare(question, filters, photo);
        } catch (error) {
            if (!this.conversation.isLost(error)) throw error;
            this.#begin(turn, 'ask.ended');
            return this.conversation.prepare(question, filters, photo);
        }
    }

    #begin(turn, key) {
        this.#another();
        turn.append(h('p', { class: 'quiet begun', role: 'status' }, t(key)));
    }

    async #nothing(turn, { outbox }) {
        const key = outbox.language_unsupported
            ? 'ask.unread'
            : hasFilters(route())
              ? 'ask.nothing_within'
              : (await getStatus()).photos
                ? 'ask.nothing'
                : 'photos.none';
        turn.append(h('p', { class: 'answer-text' }, t(key)));
        if (outbox.withheld)
            turn.append(
                h(
                    'p',
                    { class: 'outbox-withheld' },
                    icon('lock'),
                    t('outbox.withheld', { count: outbox.withheld, why: outbox.withheld_why }),
                ),
            );
        this.field.focus();
    }

    #offer(turn, { outbox }, setup, question) {
        const card = new OutboxCard(outbox, setup, {
            within: FILTERS.filter((name) => route()[name]).map((name) => filterWords(name, route()[name])),
            onSend: (choice) => {
                card.element.remove();
                void this.#send(turn, outbox, choice, question);
            },
            onCancel: () => {
                turn.remove();
                this.field.value = question;
                this.field.focus();
            },
        });
        turn.append(card.element);
        if (setup.available) card.focus();
    }

    async #send(turn, outbox, { photos, morePhotos }, question) {
        const { conversation, log } = this;
        const answer = new Answer(conversation, {
            onCite: (number, places) => this.#cite(conversation, number, places),
        });
        const sent = h('p', { class: 'quiet sent' }, icon('check'), summary(outbox, photos));
        turn.append(sent, answer.element);
        const follow = () => {
            if (log.scrollHeight - log.scrollTop - log.clientHeight < 120)
                log.scrollTop = log.scrollHeight;
        };
        let lost = null;
        const running = conversation.send(
            { photos: photos.map(({ photo }) => photo.id), morePhotos },
            {
                text: ({ text }) => {
                    answer.add(text);
                    follow();
                },
                tool: (call) => {
                    answer.tool(call);
                    follow();
                },
                tool_done: (call) => answer.toolDone(call),
                note: (event) => answer.note(event),
                answer: (event) => answer.finish(event),
                problem: ({ detail }) => answer.fail(sentence(detail)),
                stopped: () => answer.fail(t('ask.stopped')),
                cut: () => answer.fail(t('ask.cut')),
                lost: (error) => (lost = error),
            },
        );
        this.#ready();
        this.field.focus();
        await running;
        this.#ready();
        log.scrollTop = log.scrollHeight;
        if (!lost || conversation !== this.conversation) return;
        // Nothing was sent: search again, and show the photos before they are sent.
        sent.remove();
        answer.element.remove();
        this.#begin(turn, 'ask.ended');
        await this.#find(turn, question);
    }

    #cite({ sent }, number, places) {
        const photos = new Map([...sent.values()].map(({ photo }) => [photo.id, photo])); // each once
        this.onShow(
            [...photos.values()],
            [...photos.keys()].indexOf(sent.get(number).photo.id),
            places,
        );
    }
}
