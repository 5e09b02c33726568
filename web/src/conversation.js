// SPDX-License-Identifier: MIT
// A conversation about photos: the sent photos with their numbers, and the answer in progress.
import { endConversation, prepareQuestion, sendQuestion } from './api.js';

const PATIENCE = 3000; // ms that a server has to end an answer

export class Conversation {
    constructor() {
        this.id = null;
        this.within = null; // filters that it began with
        this.sent = new Map(); // number -> outbox photo
    }

    // What the question would send; sends nothing.
    // photo: the one that it is about; undefined: those that are found.
    async prepare(question, filters, photo) {
        const prepared = await prepareQuestion({ question, conversation: this.id, photo, ...filters });
        this.id = prepared.conversation;
        this.within = JSON.stringify(filters);
        return prepared;
    }

    // Whether it goes on within the same filters: a conversation keeps those that it began with.
    isWithin(filters) {
        return this.within === null || this.within === JSON.stringify(filters);
    }

    // Whether the server has it no more: it was restarted, or an hour has passed.
    isLost({ status }) {
        return status === 404 && this.id !== null;
    }

    #took(photos) {
        for (const photo of photos) this.sent.set(photo.number, photo);
    }

    // Sends the prepared question. `on` has a function for each event: text, tool, tool_done, note, outbox,
    // answer, problem, and stopped, cut, lost for how else it ends. Stopping closes the connection, and tells the server.
    async send({ photos, morePhotos }, on) {
        this.controller = new AbortController();
        this.isStopped = false;
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
                if (name === 'problem' && this.isStopped) on.stopped();
                else on[name]?.(data);
            }
            if (!ended) this.isStopped ? on.stopped() : on.cut();
        } catch (error) {
            if (error.name === 'AbortError' || this.isStopped) on.stopped();
            else if (this.isLost(error)) on.lost(error);
            else on.problem({ detail: error.message });
        } finally {
            this.controller = null;
        }
    }

    get isRunning() {
        return Boolean(this.controller);
    }

    // Ends the answer that streams. The server then sends what there is; without a word from it the
    // connection is closed.
    stop() {
        const { controller } = this;
        if (!controller) return;
        this.isStopped = true;
        endConversation(this.id).catch(() => controller.abort());
        setTimeout(() => controller.abort(), PATIENCE);
    }

    // Nobody is there any more to read an answer, or to go on.
    forget() {
        if (this.controller) this.controller.abort();
        else if (this.id) endConversation(this.id).catch(() => {});
    }
}
