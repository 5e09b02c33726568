// A conversation about photos: what was sent under which number, and the running answer.
import { endConversation, prepareQuestion, sendQuestion } from './api.js';

export class Conversation {
    constructor() {
        this.id = null;
        this.sent = new Map(); // number -> outbox photo
    }

    // What the question would send; sends nothing.
    async prepare(question, filters, signal) {
        const prepared = await prepareQuestion(
            { question, conversation: this.id, ...filters },
            signal,
        );
        this.id = prepared.conversation;
        return prepared;
    }

    #took(photos) {
        for (const photo of photos) this.sent.set(photo.number, photo);
    }

    // Sends the prepared question. `on` has a function for each event: text, tool, tool_done, note, outbox,
    // answer, problem. Stopping closes the connection, and tells the server.
    async send({ photos, morePhotos }, on) {
        this.controller = new AbortController();
        let ended = false;
        try {
            for await (const { name, data } of sendQuestion(
                this.id,
                { photos, more_photos: morePhotos },
                this.controller.signal,
            )) {
                if (name === 'outbox') this.#took(data.photos);
                if (name === 'tool_done') this.#took(data.photos);
                ended ||= name === 'answer' || name === 'problem';
                on[name]?.(data);
            }
            if (!ended) on.cut();
        } catch (error) {
            if (error.name === 'AbortError') on.stopped();
            else on.problem({ detail: error.message });
        } finally {
            this.controller = null;
        }
    }

    get isRunning() {
        return Boolean(this.controller);
    }

    stop() {
        if (!this.controller) return;
        this.controller.abort();
        endConversation(this.id).catch(() => {});
    }

    forget() {
        this.stop();
        if (this.id && !this.controller) endConversation(this.id).catch(() => {});
    }
}
