// SPDX-License-Identifier: MIT
// What holds of the page when it is left alone, whatever was done before. Runs in the page; names what does not hold.
export function violations() {
    const found = [];
    const rule = (holds, name) => holds || found.push(name);
    const query = new URLSearchParams(location.search);
    const all = (selector) => [...document.querySelectorAll(selector)];
    const visible = (selector) => all(selector).filter((element) => element.checkVisibility());
    if (document.querySelector('.login') || !document.querySelector('.view')) return ['not begun, or not signed in'];

    // The view of the address, and no other.
    const isSearch = query.has('q') || query.has('like') || query.has('picture');
    const named = ['settings', 'places', 'albums'].find((name) => name === query.get('view'));
    const view = named ?? (isSearch ? 'results' : 'timeline');
    const views = all('.view:not([hidden])').map((element) => element.classList[1]);
    rule(String(views) === view, `shows ${views}, not ${view}`);
    rule(!document.querySelector('.view:not([hidden]) .grid-waiting, .stale:not([hidden])'), 'something is still loading');
    rule(visible('#away').length === 0, 'the server is said not to answer');

    // The photo of the address, over everything, or none.
    const viewers = all('.pswp');
    const photo = query.get('photo');
    rule(viewers.length === (photo ? 1 : 0), `${viewers.length} viewers, photo=${photo}`);
    rule(document.documentElement.classList.contains('viewing') === Boolean(photo), 'viewing');
    const beside = innerWidth > 760 && query.has('ask'); // then the panel stands beside the photo
    const below = all('[data-below]').filter((element) => !(beside && element.id === 'ask'));
    const inert = below.map((element) => element.inert);
    rule(inert.every((one) => one === Boolean(photo)), `inert: ${inert}`);
    const image = document.querySelector('.pswp__item[aria-hidden=false] img');
    if (photo && image) rule(image.src.includes(`/photos/${photo}/`), `photo ${photo} is named, ${image.src} shown`);
    if (photo) rule(image || document.querySelector('.pswp__error-msg'), 'an open viewer is empty');

    // The words, the panel, the filters.
    const field = document.getElementById('search-text');
    rule(field.value.trim() === (query.get('q') ?? ''), `field "${field.value}", q=${query.get('q')}`);
    rule(document.getElementById('search-clear').hidden === (field.value === ''), 'the button that clears');
    rule(document.getElementById('ask').hidden === !query.has('ask'), 'the panel for questions');
    const filters = ['from', 'until', 'label', 'folder'].filter((name) => query.has(name));
    rule(all('#chips .chip-filter').length === filters.length, 'chips of filters');
    const parts = all('#chips .chip-query .chip-edit').map((element) => element.textContent);
    rule(view === 'results' || parts.length === 0, `parts of no query: ${parts}`);
    const isOpen = field.getAttribute('aria-expanded') === 'true';
    const suggestions = document.getElementById('suggestions-popup');
    rule(isOpen !== suggestions.hidden, 'the list of suggestions');
    rule(!isOpen || (document.activeElement && suggestions.parentElement.contains(document.activeElement)), 'suggestions without the focus');
    const active = field.getAttribute('aria-activedescendant');
    rule(!active || document.getElementById(active)?.getAttribute('aria-selected') === 'true', 'the chosen suggestion');
    rule(document.title === (query.has('q') && !named ? `${query.get('q')} – keepsake` : 'keepsake'), `title ${document.title}`);

    // Photos, or words that say why not.
    const main = all('.view:not([hidden])')[0];
    if (named === 'places' || named === 'albums') rule(main?.querySelector('.card, .message:not([hidden])'), `nothing in ${named}`);
    else if (view !== 'settings' && main) {
        const message = main.querySelector('.message');
        const isExplained = message.querySelector('.query-fault'); // words that are no query
        rule(!message.querySelector('[role=alert]') || message.hidden || isExplained, `message: ${message.textContent}`);
        rule(main.querySelector('.tile') || !message.hidden, 'neither photos nor words');
        rule(main.querySelectorAll('.tile-lost').length === 0, 'pictures that did not come');
    }
    rule(all('.turn .waiting').every((element) => !element.checkVisibility()), 'a question is still on its way');
    return found;
}
