// SPDX-License-Identifier: MIT
// Asks for the password, where the server wants one.
import { signIn } from './api.js';
import { byId, h } from './dom.js';
import { t } from './i18n.js';

// Resolves once signed in: in place of everything else, before the page has begun.
export async function askPassword() {
    document.body.classList.add('signed-out');
    await passwordForm(byId('main'));
    document.body.classList.remove('signed-out');
}

let again = false;

// The session has ended while the page is open: signs in over the page, so that its text and answers stay.
export async function signInAgain() {
    if (again || document.body.classList.contains('signed-out')) return;
    again = true;
    const dialog = h('dialog', { class: 'dialog login-dialog', 'aria-label': t('login.again') });
    dialog.addEventListener('cancel', (event) => event.preventDefault()); // nothing works without
    document.body.append(dialog);
    dialog.showModal();
    await passwordForm(dialog, t('login.again'));
    dialog.remove();
    again = false;
    dispatchEvent(new Event('reachable'));
}

function passwordForm(parent, remark) {
    return new Promise((resolve) => {
        const field = h('input', {
            type: 'password',
            class: 'field',
            id: 'password',
            autocomplete: 'current-password',
            required: true,
        });
        const problem = h('p', { class: 'problem', role: 'alert', hidden: true });
        const button = h('button', { class: 'button primary' }, t('login.in'));
        const form = h(
            'form',
            { class: 'login' },
            h('h1', {}, 'keepsake'),
            remark && h('p', {}, remark),
            h('label', { for: 'password' }, t('login.password')),
            field,
            problem,
            button,
            h('p', { class: 'quiet' }, t('login.hint')),
        );
        form.addEventListener('submit', async (event) => {
            event.preventDefault();
            button.disabled = true;
            try {
                await signIn(field.value);
                form.remove();
                resolve();
            } catch (error) {
                problem.textContent = error.message;
                problem.hidden = false;
                button.disabled = false;
                field.select();
            }
        });
        parent.append(form);
        field.focus();
    });
}
