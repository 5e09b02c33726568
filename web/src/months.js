// The whole gallery by month, as a source that loads what is looked at.
import { getMonths, listPhotos } from './api.js';
import { formatMonth } from './format.js';
import { Source } from './source.js';

export async function openMonths(filters, signal) {
    const { months } = await getMonths(filters, signal);
    const sections = months.map(({ month, photos }) => ({
        key: month,
        title: formatMonth(month === 'undated' ? null : month),
        count: photos,
    }));
    return new Source(sections, async (section, offset, limit, blockSignal) => {
        const page = await listPhotos({ ...filters, month: section.key, offset, limit }, blockSignal);
        return page.photos;
    });
}
