// SPDX-License-Identifier: MIT
// Starts the page and selects the view for the address.
import { getPhoto, getSession } from './api.js';
import { Albums } from './albums.js';
import { announce } from './announce.js';
import { AskPanel } from './ask.js';
import { markCited, onCited } from './cited.js';
import { mayPass, watchConnection } from './connection.js';
import { startChips } from './chips.js';
import { byId, h } from './dom.js';
import { startFilters } from './filters.js';
import { showHelp } from './help.js';
import { drawIcons } from './icons.js';
import { t, translatePage } from './i18n.js';
import { followIndex, indexedCount } from './index_run.js';
import { startKeys } from './keys.js';
import { askPassword, signInAgain } from './login.js';
import { pictureFor, takePictures } from './picture.js';
import { Places } from './places.js';
import { problem } from './problem.js';
import { readQuery } from './reading.js';
import { Results } from './results.js';
import { go, groundOf, isSearch, leave, onRoute, placeOfStep, route } from './route.js';
import { startSearch } from './search.js';
import { Settings } from './settings.js';
import { sourceOf } from './source.js';
import { applyTheme, toggleTheme } from './theme.js';
import { Timeline } from './timeline.js';
import { Viewer } from './viewer.js';

const PHOTO_ALONE = (photo) => sourceOf([{ key: 'one', title: '', photos: [photo] }]);

let chosen = null; // the photo for the viewer: {id, source, index, places}

const OTHER_VIEWS = ['settings', 'places', 'albums'];

function choose(source, index, places) {
    const photo = source.at(index);
    if (!photo) return;
    chosen = { id: String(photo.id), source, index, places };
    const already = route().photo === chosen.id;
    go({ photo: chosen.id });
    if (already) followPhoto(route());
}

let views;
let viewer;
let current = null; // the view that is shown

function viewOf(state) {
    if (OTHER_VIEWS.includes(state.view)) return views[state.view];
    return isSearch(state) ? views.results : views.timeline;
}

// y: where it was scrolled to, when one comes back to it.
function show(state, y) {
    const view = viewOf(state);
    if (view !== current) {
        current?.hide();
        view.show();
        current = view;
    }
    view.open({ y });
    byId('home').setAttribute('aria-current', view === views.timeline ? 'page' : 'false');
    byId('views').hidden = view === views.results || view === views.settings;
    for (const [name, one] of [['photos', views.timeline], ['places', views.places], ['albums', views.albums]])
        byId(`view-${name}`).setAttribute('aria-current', view === one ? 'page' : 'false');
    document.title = state.q && !state.view ? t('title.search', { query: state.q }) : 'keepsake';
}

// Opens the photo that the address names: among the photos it was chosen from, else among the view below.
async function openPhoto(id) {
    if (chosen?.id === id) {
        const { source, index, places } = chosen;
        chosen = null;
        viewer.open(source, index, { places });
        return;
    }
    const below = current;
    try {
        await below.ready;
        let index = below.source?.find(Number(id)) ?? -1;
        const photo = index < 0 ? await getPhoto(id) : null;
        if (photo && below === views.timeline) index = await views.timeline.find(photo);
        if (route().photo !== id || viewer.target === id || below !== current) return;
        if (index >= 0) viewer.open(below.source, index);
        else viewer.open(PHOTO_ALONE(photo), 0);
    } catch (error) {
        if (route().photo !== id) return;
        announce(error.message, { error: true });
        if (!mayPass(error)) go({ photo: undefined }, { replace: true });
    }
}

/** @param {import('./route.js').State} state */
function followPhoto({ photo }) {
    if (!photo) viewer.dismiss();
    else if (chosen?.id === photo || viewer.target !== photo) void openPhoto(photo);
}

function follow(state, before, y) {
    if (state.picture && !pictureFor(state.picture)) {
        announce(t('picture.gone'));
        return go({ picture: undefined }, { replace: true });
    }
    const another = !before || groundOf(state) !== groundOf(before);
    if (another) show(state, y);
    followPhoto(state);
    if (before && !another && state.month && state.month !== before.month)
        current === views.timeline && views.timeline.goToMonth(state.month);
}

// The month's heading before or after the one at the top of the window.
function stepMonth(direction) {
    if (current !== views.timeline || viewer.isOpen) return;
    const { grid } = views.timeline;
    if (!grid.geometry) return;
    grid.scrollToSection(
        Math.max(
            0,
            Math.min(
                grid.source.sections.length - 1,
                grid.geometry.sectionAt(grid.top + 80) + direction,
            ),
        ),
    );
}

function start({ required }) {
    viewer = new Viewer({
        onMove: (photo) => {
            go({ photo: String(photo.id) }, { replace: true });
            if (ask.photo) ask.about(photo);
        },
        onClose: () => leave({ photo: undefined }),
        onAsk: (photo) => {
            if (innerWidth <= 760) go({ photo: undefined }, { replace: true }); // no room beside it
            ask.about(photo);
            ask.open();
            byId('ask-text').focus(); // only now it can be reached
        },
        onClosed: (photo, index) => {
            if (current.source === viewer.source && index >= 0)
                current.grid.focus(current.source.locate(index));
        },
    });
    views = {
        timeline: new Timeline(choose),
        results: new Results(choose),
        places: new Places(),
        albums: new Albums(),
        settings: new Settings({ needsLogin: required }),
    };
    byId('main').append(...Object.values(views).map((view) => view.element));
    views.timeline.element.hidden = true;

    const search = startSearch({ focusResults: () => current.grid?.enter() });
    const filters = startFilters();
    const chips = startChips({ onEditFilter: filters.edit, onEditText: search.edit });
    const ask = new AskPanel({
        onShow: (photos, index, places) =>
            choose(sourceOf([{ key: 'sent', title: '', photos }]), index, places),
    });
    takePictures();

    const toggleAsk = () => (ask.isOpen ? ask.close() : ask.open());
    const toggleSettings = () =>
        go({ view: route().view === 'settings' ? undefined : 'settings', photo: undefined });
    const toPhotos = () =>
        go({
            view: undefined,
            q: undefined,
            like: undefined,
            picture: undefined,
            photo: undefined,
        });
    byId('home').addEventListener('click', (event) => {
        event.preventDefault();
        const top = current === views.timeline;
        toPhotos();
        if (top) scrollTo(0, 0);
    });
    for (const name of ['places', 'albums', 'photos'])
        byId(`view-${name}`).addEventListener('click', (event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey) return; // another window
            event.preventDefault();
            if (name === 'photos') toPhotos();
            else go({ view: name, q: undefined, like: undefined, picture: undefined, photo: undefined, month: undefined });
        });
    byId('open-ask').addEventListener('click', toggleAsk);
    byId('open-settings').addEventListener('click', toggleSettings);
    byId('open-help').addEventListener('click', showHelp);
    byId('help-close').addEventListener('click', showHelp);
    addEventListener('ask', (/** @type {CustomEvent} */ event) => ask.open(event.detail));
    startKeys({
        '/': () => !viewer.isOpen && search.focus(),
        '?': showHelp,
        a: () => !viewer.isOpen && toggleAsk(),
        f: () => !viewer.isOpen && byId('open-filters').click(),
        g: toPhotos,
        ',': toggleSettings,
        t: toggleTheme,
        '[': () => stepMonth(-1),
        ']': () => stepMonth(1),
        Escape: () => {
            if (viewer.phase === 'opening') viewer.close(); // PhotoSwipe does not hear keys yet
            else if (!viewer.isOpen && current !== views.timeline) toPhotos();
        },
    });
    onCited(() => document.querySelectorAll('.tile').forEach(markCited));

    const followAll = (state, before, y) => {
        search.follow(state);
        filters.follow(state);
        chips.follow();
        readQuery(state.view ? undefined : state.q);
        ask.follow(state);
        follow(state, before, y);
        if (before && before.ask !== state.ask) viewer.resize();
    };
    onRoute(followAll);
    followAll(route(), null, placeOfStep());

    // The photos have changed: reads the visible ones again, at the same position.
    const refresh = () => {
        views.results.forget();
        views.timeline.open({ again: true });
        readQuery(route().q, { again: true });
        if (current === views.results) views.results.open({ again: true });
    };
    followIndex({
        onRun: (run) => {
            announce(indexedCount(run));
            refresh();
        },
        onChange: (more) => {
            if (more > 0) announce(t('gallery.added', { count: more }));
            refresh();
        },
    });
    addEventListener('reachable', () => {
        current.retry();
        readQuery(route().q);
        viewer.retry();
        followPhoto(route()); // it could not be read, perhaps
    });
}

async function begin() {
    applyTheme();
    translatePage();
    drawIcons();
    watchConnection();
    addEventListener('signed-out', signInAgain);
    try {
        const session = await getSession();
        if (session.required && !session.signed_in) await askPassword();
        start(session);
    } catch (error) {
        const again = () => location.reload();
        byId('main').append(h('div', { class: 'message' }, problem(error, { again })));
        addEventListener('reachable', again, { once: true });
    }
}

void begin();
