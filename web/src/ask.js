// The side panel in which one asks about the photos: question, outbox, answer, and the next question.
import { getAskSetup } from './api.js';
import { Answer } from './answer.js';
import { setCited } from './cited.js';
import { Conversation } from './conversation.js';
import { byId, fill, h } from './dom.js';
import { sentence } from './format.js';
import { icon } from './icons.js';
import { t } from './i18n.js';
import { OutboxCard, summary } from './outbox.js';
import { filtersOf, go, route } from './route.js';

export class AskPanel {
    // onShow(photos, index, places): a citation was chosen; photos are those that were sent.
    constructor({ onShow }) {
        this.onShow = onShow;
        this.element = byId('ask');
        this.log = byId('ask-log');
        this.field = byId('ask-text');
        this.button = byId('ask-send');
        this.conversation = new Conversation();
        byId('ask-form').addEventListener('submit', (event) => {
            event.preventDefault();
            if (this.conversation.isRunning) this.conversation.stop();
            else this.#ask(this.field.value);
        });
        this.field.addEventListener('keydown', (event) => {
            if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
                event.preventDefault();
                if (!this.conversation.isRunning) this.#ask(this.field.value);
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
        const open = Boolean(state.ask);
        if (open === this.isOpen) return;
        this.element.hidden = !open;
        document.body.classList.toggle('asking', open);
        byId('open-ask').setAttribute('aria-expanded', String(open));
        if (open && !state.photo) this.field.focus();
    }

    open(question) {
        go({ ask: '1' });
        if (question) this.#ask(question);
    }

    close() {
        go({ ask: undefined }, { replace: true });
        byId('open-ask').focus();
    }

    #grow() {
        this.field.style.height = 'auto';
        this.field.style.height = `${Math.min(160, this.field.scrollHeight)}px`;
    }

    #startAnew() {
        this.conversation.forget();
        this.conversation = new Conversation();
        setCited([]);
        const examples = ['ask.example.1', 'ask.example.2', 'ask.example.3'].map((key) =>
            h('li', {}, h('button', { class: 'chip', onclick: () => this.#ask(t(key)) }, t(key))),
        );
        fill(
            this.log,
            h(
                'div',
                { class: 'ask-welcome' },
                h('p', {}, t('ask.welcome')),
                h('ul', { class: 'examples' }, examples),
            ),
        );
        this.#ready();
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
        this.busy = true;
        this.field.value = '';
        this.#grow();
        this.log.querySelector('.outbox')?.remove(); // an older one that was not sent
        const turn = h(
            'div',
            { class: 'turn' },
            h('p', { class: 'question' }, question),
            h('p', { class: 'waiting', role: 'status' }, t('ask.finding')),
        );
        this.#append(turn);
        try {
            const [prepared, setup] = await Promise.all([
                this.conversation.prepare(question, filtersOf(route())),
                getAskSetup(),
            ]);
            turn.lastChild.remove();
            if (prepared.nothing_matches) this.#nothing(turn, prepared);
            else this.#offer(turn, prepared, setup, question);
        } catch (error) {
            turn.lastChild.remove();
            turn.append(
                h('p', { class: 'problem', role: 'alert' }, icon('warning'), error.message),
            );
        }
        this.busy = false;
        this.log.scrollTop = this.log.scrollHeight;
    }

    #nothing(turn, { outbox }) {
        turn.append(h('p', { class: 'answer-text' }, t('ask.nothing')));
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
            onSend: (choice) => {
                card.element.remove();
                this.#send(turn, outbox, choice);
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

    async #send(turn, outbox, { photos, morePhotos }) {
        const answer = new Answer(this.conversation, {
            onCite: (number, places) => this.#cite(number, places),
        });
        turn.append(
            h('p', { class: 'quiet sent' }, icon('check'), summary(outbox, photos)),
            answer.element,
        );
        const { conversation, log } = this;
        const follow = () => {
            if (log.scrollHeight - log.scrollTop - log.clientHeight < 120)
                log.scrollTop = log.scrollHeight;
        };
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
            },
        );
        this.#ready();
        this.field.focus();
        await running;
        this.#ready();
        log.scrollTop = log.scrollHeight;
    }

    #cite(number, places) {
        const { sent } = this.conversation;
        const photos = new Map([...sent.values()].map(({ photo }) => [photo.id, photo])); // each once
        this.onShow(
            [...photos.values()],
            [...photos.keys()].indexOf(sent.get(number).photo.id),
            places,
        );
    }
}
