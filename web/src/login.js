// Asks for the password, where the server wants one.
import { signIn } from './api.js';
import { byId, h } from './dom.js';
import { t } from './i18n.js';

// Resolves once signed in.
export function askPassword() {
    document.body.classList.add('signed-out');
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
                document.body.classList.remove('signed-out');
                resolve();
            } catch (error) {
                problem.textContent = error.message;
                problem.hidden = false;
                button.disabled = false;
                field.select();
            }
        });
        byId('main').append(form);
        field.focus();
    });
}
