// Starts the page and decides which view shows what the address says.
import { getPhoto, getSession } from './api.js';
import { announce } from './announce.js';
import { AskPanel } from './ask.js';
import { markCited, onCited } from './cited.js';
import { byId, h } from './dom.js';
import { startFilters } from './filters.js';
import { showHelp } from './help.js';
import { drawIcons } from './icons.js';
import { t, translatePage } from './i18n.js';
import { followIndex, indexedCount } from './index_run.js';
import { startKeys } from './keys.js';
import { askPassword } from './login.js';
import { pictureFor, takePictures } from './picture.js';
import { Results } from './results.js';
import { go, isSearch, leave, onRoute, route } from './route.js';
import { startSearch } from './search.js';
import { Settings } from './settings.js';
import { sourceOf } from './source.js';
import { applyTheme, toggleTheme } from './theme.js';
import { Timeline } from './timeline.js';
import { Viewer } from './viewer.js';

const PHOTO_ALONE = (photo) => sourceOf([{ key: 'one', title: '', photos: [photo] }]);

let chosen = null; // what the viewer is to open: {id, source, index, places}

function choose(source, index, places) {
    const photo = source.at(index);
    if (!photo) return;
    chosen = { id: String(photo.id), source, index, places };
    const already = route().photo === chosen.id;
    go({ photo: chosen.id });
    if (already) openPhoto(chosen.id);
}

let views;
let viewer;

function viewOf(state) {
    if (state.view === 'settings') return views.settings;
    if (state.picture && !pictureFor(state.picture)) return views.timeline; // it went with the page that had it
    return isSearch(state) ? views.results : views.timeline;
}

let current = null;

function show(state) {
    const view = viewOf(state);
    if (view !== current) {
        current?.hide();
        view.show();
        current = view;
    }
    if (view !== views.settings) view.open();
    byId('home').setAttribute('aria-current', view === views.timeline ? 'page' : 'false');
    document.title = state.q ? t('title.search', { query: state.q }) : 'keepsake';
}

async function openPhoto(id) {
    if (viewer.isOpen && String(viewer.photo?.id) === id && !chosen) return;
    if (chosen?.id === id) {
        const { source, index, places } = chosen;
        chosen = null;
        viewer.open(source, index, { places });
        return;
    }
    const here = current?.source?.find(Number(id)) ?? -1;
    if (here >= 0) return viewer.open(current.source, here);
    try {
        const photo = await getPhoto(id);
        const index = current === views.timeline ? await views.timeline.find(photo) : -1;
        if (route().photo !== id || viewer.isOpen) return;
        if (index >= 0) viewer.open(views.timeline.source, index);
        else viewer.open(PHOTO_ALONE(photo), 0);
    } catch (error) {
        announce(error.message, { error: true });
        go({ photo: undefined }, { replace: true });
    }
}

function follow(state, before) {
    show(state);
    if (state.photo && state.photo !== String(viewer.photo?.id ?? '')) openPhoto(state.photo);
    else if (state.photo && !viewer.isOpen) openPhoto(state.photo);
    else if (!state.photo && viewer.isOpen) viewer.dismiss();
    if (before && state.month && state.month !== before.month && current === views.timeline)
        views.timeline.goToMonth(state.month);
}

// The month's heading before or after the one at the top of the window.
function stepMonth(direction) {
    if (current !== views.timeline || viewer.isOpen) return;
    const { grid } = views.timeline;
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
        onMove: (photo) => go({ photo: String(photo.id) }, { replace: true }),
        onClose: (photo, index) => {
            leave({ photo: undefined });
            if (current.source === viewer.source && index >= 0)
                current.grid.focus(current.source.locate(index));
        },
    });
    views = {
        timeline: new Timeline(choose),
        results: new Results(choose),
        settings: new Settings({ needsLogin: required }),
    };
    byId('main').append(...Object.values(views).map((view) => view.element));
    views.timeline.element.hidden = true;

    const search = startSearch({ focusResults: () => current.grid?.enter() });
    const filters = startFilters();
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
    byId('open-ask').addEventListener('click', toggleAsk);
    byId('open-settings').addEventListener('click', toggleSettings);
    byId('open-help').addEventListener('click', showHelp);
    byId('help-close').addEventListener('click', showHelp);
    addEventListener('ask', (event) => ask.open(event.detail));
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
        Escape: () => !viewer.isOpen && current !== views.timeline && toPhotos(),
    });
    onCited(() => document.querySelectorAll('.tile').forEach(markCited));

    onRoute((state, before) => {
        search.follow(state);
        filters.follow(state);
        ask.follow(state);
        follow(state, before);
    });
    search.follow(route());
    filters.follow(route());
    ask.follow(route());
    follow(route(), null);
    followIndex((run) => {
        announce(indexedCount(run));
        views.timeline.open({ again: true });
    });
}

async function begin() {
    applyTheme();
    translatePage();
    drawIcons();
    addEventListener('signed-out', () => location.reload());
    try {
        const session = await getSession();
        if (session.required && !session.signed_in) await askPassword();
        start(session);
    } catch (error) {
        const again = h(
            'button',
            { class: 'button', onclick: () => location.reload() },
            t('error.again'),
        );
        byId('main').append(
            h('div', { class: 'message' }, h('p', { role: 'alert' }, error.message), again),
        );
    }
}

begin();
