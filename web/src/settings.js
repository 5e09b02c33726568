// SPDX-License-Identifier: MIT
// The settings page: the gallery, its index runs, labels, never-send rules, the ledger, language and theme.
import { getAskSetup, getStatus, signOut } from './api.js';
import { failuresSection } from './failures.js';
import { fill, h } from './dom.js';
import { formatBytes, formatCount, formatMoment, sentence } from './format.js';
import { language, languages, setLanguage, t } from './i18n.js';
import { indexSection } from './index_run.js';
import { ledgerSection } from './ledger.js';
import { namesSection } from './names.js';
import { rulesSection } from './rules.js';
import { forgetAll, searches } from './searches.js';
import { applyTheme, theme, themes } from './theme.js';

const fact = (key, value) => h('div', { class: 'fact' }, h('dt', {}, t(key)), h('dd', {}, value));

function forgetSearches({ target }) {
    forgetAll();
    target.disabled = true;
}

// The next person at this browser sees nothing of this one.
async function leave() {
    await signOut();
    forgetAll();
    location.reload();
}

export class Settings {
    constructor({ needsLogin }) {
        this.needsLogin = needsLogin;
        this.element = h('div', { class: 'view settings', hidden: true });
    }

    open() {} // its state is not in the address

    // Some part of it could not be loaded.
    retry() {
        if (!this.element.querySelector('.problem')) return;
        this.hide();
        this.show();
    }

    show() {
        const index = indexSection();
        this.close = index.close;
        fill(
            this.element,
            h('h1', { tabindex: '-1' }, t('settings.title')),
            this.#gallery(),
            index.element,
            failuresSection(),
            namesSection(),
            rulesSection(),
            this.#provider(),
            ledgerSection(),
            this.#looks(),
        );
        this.element.hidden = false;
        scrollTo(0, 0);
        this.element.firstChild.focus({ preventScroll: true });
    }

    hide() {
        this.close?.();
        this.element.hidden = true;
        fill(this.element);
    }

    #gallery() {
        const list = h('dl', { class: 'facts' });
        getStatus().then(
            (status) =>
                fill(
                    list,
                    fact('status.photos', formatCount(status.photos)),
                    fact('status.model', status.model ?? '–'),
                    fact(
                        'status.gallery',
                        `${status.gallery} (${status.store}, ${formatBytes(status.bytes)})`,
                    ),
                    status.last_change &&
                        fact('status.changed', formatMoment(Date.parse(status.last_change) / 1000)),
                    fact('status.version', `keepsake ${status.version}`),
                ),
            (error) => fill(list, h('p', { class: 'problem' }, error.message)),
        );
        return h('section', { class: 'panel' }, h('h2', {}, t('status.title')), list);
    }

    #provider() {
        const body = h('div', {});
        getAskSetup().then(
            (setup) =>
                fill(
                    body,
                    setup.provider &&
                        h(
                            'dl',
                            { class: 'facts' },
                            fact('provider.model', setup.model),
                            fact(
                                'provider.host',
                                setup.local
                                    ? t('provider.local', { host: setup.host })
                                    : setup.host,
                            ),
                            setup.price_date && fact('provider.prices', setup.price_date),
                        ),
                    !setup.available && h('p', { class: 'quiet' }, sentence(setup.why_not)),
                ),
            (error) => fill(body, h('p', { class: 'problem' }, error.message)),
        );
        return h('section', { class: 'panel' }, h('h2', {}, t('provider.title')), body);
    }

    #looks() {
        const choice = (id, key, values, current, choose) =>
            h(
                'div',
                { class: 'choice' },
                h('label', { for: id }, t(key)),
                h(
                    'select',
                    { id, class: 'field', onchange: (event) => choose(event.target.value) },
                    values.map(([value, name]) =>
                        h('option', { value, selected: value === current }, name),
                    ),
                ),
            );
        return h(
            'section',
            { class: 'panel' },
            h('h2', {}, t('looks.title')),
            choice('language', 'looks.language', Object.entries(languages), language, setLanguage),
            choice(
                'theme',
                'looks.theme',
                themes.map((one) => [one, t(`looks.theme.${one}`)]),
                theme(),
                applyTheme,
            ),
            h(
                'div',
                { class: 'choice' },
                h('span', {}, t('searches.title')),
                h('button', { class: 'button', disabled: searches().length === 0, onclick: forgetSearches }, t('suggest.forget_all')),
            ),
            this.needsLogin && h('button', { class: 'button', onclick: leave }, t('login.out')),
        );
    }
}
